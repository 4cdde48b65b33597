import { after, before, describe, it } from "mocha";
import { customization } from "../../provider/index.js";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { directory, file, layerTar } from "../support/images/layer-tar.js";
import { startLogService } from "./dynamic-host.js";
import { inputsOf, makeProject } from "./stage.js";

const files = 20_000;

const project = makeProject();
const start = { cwd: process.cwd(), argument: process.argv[2] };
let engine: Awaited<ReturnType<typeof startLogService>>;

before(async () => {
  process.chdir(project.folder);
  const repositories = openRepositories({ projectDirectory: project.folder, env: {} });
  const tree = (content: string) =>
    layerTar([directory("opt"), ...Array.from({ length: files }, (_, at) => file(`opt/${String(at)}`, content))]);
  for (const name of ["base", "art"])
    await putImage(repositories.open(parseRepository(`oci:${name}`)), makeImage({ platforms: [{ layers: [{ tar: tree(name) }] }] }), "1");
  engine = await startLogService();
  process.argv[2] = engine.address;
  await customization.configure({ config: { get: (key: string) => (key === "dhi:cacheDirectory" ? "./cache" : undefined) } });
});
after(() => {
  process.chdir(start.cwd);
  if (start.argument !== undefined) process.argv[2] = start.argument;
  engine.stop();
  project.remove();
});

describe("an artifact that overwrites twenty thousand files", () => {
  it("reports ten notices and their number, in outputs and on the row", async () => {
    const news = inputsOf("many", { destination: "oci:out", artifacts: [{ image: "oci:art:1", includes: ["/opt"] }] });
    const { inputs, failures } = await customization.check({}, news);
    expect(failures).to.deep.equal([]);
    const notices = inputs["notices"] as readonly { readonly message: string }[];
    expect(notices.length).to.equal(11);
    expect(notices[10]).to.deep.equal({ kind: "overwritten", message: "… and 19,990 more (overwritten)" });
    const lines = engine.lines.filter(({ ephemeral }) => !ephemeral).map(({ message }) => message);
    expect(lines.sort()).to.deep.equal(notices.map(({ message }) => message).sort());
    expect(JSON.stringify(inputs).length).to.be.below(10_000);
  });
});

import { after, before, describe, it } from "mocha";
import { isMap, type ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { file, type Item } from "../../support/images/layer-tar.js";
import { flattened } from "../../support/session/tree.js";
import { debianBase, forBoth, installed, PackagesShop } from "./packages-shop.js";
import { checkWith, type State } from "../workshop.js";

const files = ["usr/lib/lib/old", "usr/lib/lib/both", "usr/lib/lib/gone/deep"];
const content = files.map((path) => file(path, "1"));
/** `lib` 1.0-1 of a base in both forms of dpkg's database; what is asked for needs 2. */
const bases: Readonly<Record<string, readonly [status: Parameters<typeof debianBase>[0], more: readonly Item[]]>> = {
  status: [
    [installed("base-files", "12.4"), installed("lib")],
    [...content, file("var/lib/dpkg/info/lib.list", `/usr/lib/lib/gone\n${files.map((path) => `/${path}\n`).join("")}`)],
  ],
  "status.d": [
    "none",
    [
      ...content,
      file("var/lib/dpkg/status.d/lib", "Package: lib\nVersion: 1.0-1\nArchitecture: all\n"),
      file("var/lib/dpkg/status.d/lib.md5sums", files.map((path) => `${"0".repeat(32)}  ${path}\n`).join("")),
    ],
  ],
};

describe("a package of the base whose upgrade a dependency requires", () => {
  let packages: PackagesShop;
  before(async () => {
    packages = await PackagesShop.open();
    const lib = { files: ["both", "new"].map((name) => ({ name: `usr/lib/lib/${name}`, data: "2" })) };
    await packages.stock([...forBoth("tool", "1", { fields: { Depends: "lib (>= 2)" } }), ...forBoth("lib", "2", lib)]);
  });
  after(() => packages.close());

  for (const [form, [status, more]] of Object.entries(bases)) {
    const start = async (): Promise<ValueMap> => {
      await packages.shop.put(`oci:${form}`, "3.13", debianBase(status, more));
      return { repository: `oci:${form}`, version: "3.13", suffix: "p", packages: ["tool"], packageSources: [packages.source()] };
    };
    const treeOf = ({ outputs }: State): Promise<Readonly<Record<string, string>>> =>
      flattened(packages.shop.session(), outputs["ref"] as string, "linux/arm64");

    it(`is replaced in the image, with ${form}: in preview, and with no files of the old version`, async () => {
      const inputs = await start();
      const promised = await checkWith(packages.shop.session(), "customization", { news: inputs });
      const state = await packages.shop.up("customization", inputs);
      expect(promised.derived["digest"]).to.equal(state.outputs["digest"]);
      const { resolution, notices } = state.outputs;
      expect(isMap(resolution) && resolution["packages"]).to.deep.equal({
        "linux/amd64": { lib: "2", tool: "1" },
        "linux/arm64": { lib: "2", tool: "1" },
      });
      expect(JSON.stringify(notices)).to.match(/"upgraded".*lib of the base is upgraded from 1\.0-1 to 2, for tool -> lib/);
      const tree = await treeOf(state);
      const left = Object.keys(tree).filter((path) => path.startsWith("usr/lib/lib/"));
      expect(left.filter((path) => !path.endsWith("/gone")).sort()).to.deep.equal(["usr/lib/lib/both", "usr/lib/lib/new"]);
      const record = form === "status" ? "var/lib/dpkg/info/lib.list" : "var/lib/dpkg/status.d/lib";
      expect(record in tree).to.equal(true);
      expect((await packages.shop.up("customization", inputs, state)).did).to.equal("same");
    });
  }

  it("is an error when the archive has no newer one, and the base is unchanged", async () => {
    await packages.shop.put("oci:none", "3.13", debianBase([installed("lib"), installed("user", "1", "Depends: lib (<< 2)\n")]));
    const inputs = { repository: "oci:none", version: "3.13", suffix: "p", packages: ["tool"], packageSources: [packages.source()] };
    expect(
      (await packages.refusals(inputs)).map((reason) => /tool cannot be added: [^.]*/.exec(reason)?.[0]?.split(" (at")[0]),
    ).to.deep.equal(["tool cannot be added: tool -> lib 2 leaves user 1 of the base without lib (<< 2), but the candidate is lib 2"]);
  });
});

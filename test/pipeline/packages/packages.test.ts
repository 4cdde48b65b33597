import { after, before, describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { isMap, type ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { flattened } from "../../support/session/tree.js";
import { debianBase, forBoth, PackagesShop } from "./packages-shop.js";
import { file } from "../../support/images/layer-tar.js";
import { checkWith, type State } from "../workshop.js";

const release = "dists/bookworm/InRelease";
const tool = (version: string, more: object = {}) =>
  forBoth("tool", version, { fields: { Depends: "lib (>= 1)" }, ...more }).concat(forBoth("lib", "1.0-1"));

describe("packages in the life of an image", () => {
  let packages: PackagesShop;
  before(async () => {
    packages = await PackagesShop.open();
  });
  after(() => packages.close());

  let count = 0;
  const start = async (more: ValueMap = {}): Promise<ValueMap> => {
    const at = `oci:base-${(count += 1)}`;
    await packages.shop.put(at, "3.13", debianBase());
    return { repository: at, version: "3.13", suffix: "p", packages: ["tool"], packageSources: [packages.source()], ...more };
  };
  const versions = ({ outputs }: State): unknown => (isMap(outputs["resolution"]) ? outputs["resolution"]["packages"] : undefined);
  const fileOf = async ({ outputs }: State, path: string, platform?: string): Promise<string | undefined> =>
    (await flattened(packages.shop.session(), outputs["ref"] as string, platform))[path];

  it("are resolved for each platform, and create publishes what check promised", async () => {
    await packages.stock([...tool("2.0-1"), { name: "only", architecture: "amd64" }]);
    const inputs = await start();
    const promised = await checkWith(packages.shop.session(), "customization", { news: inputs });
    packages.shop.loseCache();
    const state = await packages.shop.up("customization", inputs);
    expect(promised.derived["digest"]).to.equal(state.outputs["digest"]);
    expect(versions(state)).to.deep.equal({
      "linux/amd64": { lib: "1.0-1", tool: "2.0-1" },
      "linux/arm64": { lib: "1.0-1", tool: "2.0-1" },
    });
    for (const platform of ["linux/amd64", "linux/arm64"])
      expect((await fileOf(state, "usr/share/tool/version", platform)) ?? "", platform).to.match(/file/);
    expect(state.outputs["archives"]).to.deep.equal([
      {
        family: "debian",
        url: packages.archive.url,
        suite: "bookworm",
        components: ["main"],
        origin: "packageSources",
        digest: digestOf(packages.files.get(release) ?? Buffer.alloc(0)),
        date: new Date(/^Date: (.*)$/m.exec(String(packages.files.get(release)))?.[1] ?? "").toISOString(),
      },
    ]);
    expect(JSON.stringify(state.outputs["layers"])).to.match(/packages tool: \d+ entries/);
  });

  it("that are unchanged cost one release file with an empty cache, and keep all outputs", async () => {
    await packages.stock(tool("2.0-1"));
    const state = await packages.shop.up("customization", await start());
    packages.shop.loseCache();
    packages.takeRequests();
    const same = await packages.shop.up("customization", inputsOf(state), state);
    expect(packages.takeRequests()).to.deep.equal([release]);
    expect(same.did).to.equal("same");
    const { derived } = await checkWith(packages.shop.session(), "customization", { news: inputsOf(state), olds: state.inputs });
    expect({ ...inputsOf(state), ...derived }).to.deep.equal(state.inputs);
  });

  it("are resolved again when only the release file has changed, and the image is kept", async () => {
    await packages.stock(tool("2.0-1"));
    const state = await packages.shop.up("customization", await start());
    await packages.stock([...tool("2.0-1"), ...forBoth("other")], { fields: { Label: "moved" } });
    packages.shop.loseCache();
    packages.takeRequests();
    const next = await packages.shop.up("customization", inputsOf(state), state);
    expect(packages.takeRequests().some((path) => path.includes("/binary-"))).to.equal(true);
    expect(next.did).to.equal("same");
    // Once: the next check recognizes the release file.
    packages.shop.loseCache();
    expect((await packages.shop.up("customization", inputsOf(state), next)).did).to.equal("same");
    expect(packages.takeRequests()).to.deep.equal([release]);
  });

  it("give the same digest with an empty and a full cache, and any number of jobs", async () => {
    await packages.stock(tool("2.0-1"));
    const news = await start();
    const digests: unknown[] = [];
    for (const jobs of [1, 2]) {
      packages.shop.loseCache();
      for (let round = 0; round < 2; round++)
        digests.push((await checkWith(packages.shop.session({ jobs }), "customization", { news })).derived["digest"]);
    }
    expect(typeof digests[0]).to.equal("string");
    expect(digests).to.deep.equal(Array<unknown>(4).fill(digests[0]));
  });

  it("that are patched in the archive cause an update in place with a reason", async () => {
    await packages.stock(tool("2.0-1"));
    const state = await packages.shop.up("customization", await start());
    await packages.stock(tool("2.0-1+deb12u1"));
    const next = await packages.shop.up("customization", inputsOf(state), state);
    expect(next.did).to.equal("update");
    expect(next.id).to.equal(state.id);
    expect(next.outputs["digest"]).to.not.equal(state.outputs["digest"]);
    expect(next.outputs["reasons"]).to.deep.equal(["tool: 2.0-1 → 2.0-1+deb12u1"]);
    expect(next.outputs["archives"]).to.not.deep.equal(state.outputs["archives"]);
    expect((await packages.shop.up("customization", inputsOf(next), next)).did).to.equal("same");
  });

  it("that are added, removed or changed on one platform are reported with it", async () => {
    await packages.stock(tool("2.0-1"));
    const state = await packages.shop.up("customization", await start());
    const [amd64, arm64] = [tool("2.0-1"), tool("2.1-1", { fields: { Depends: "fresh" } })];
    await packages.stock([
      ...amd64.filter(({ architecture }) => architecture === "amd64"),
      ...arm64.filter(({ architecture }) => architecture === "arm64"),
      ...forBoth("fresh", "3"),
    ]);
    const next = await packages.shop.up("customization", inputsOf(state), state);
    expect(next.outputs["reasons"]).to.deep.equal([
      "added fresh 3 (linux/arm64)",
      "removed lib 1.0-1 (linux/arm64)",
      "tool: 2.0-1 → 2.1-1 (linux/arm64)",
    ]);
  });

  it("do not depend on the requests of another resource", async () => {
    await packages.stock(tool("2.0-1"));
    await packages.shop.put("oci:marked", "3.13", debianBase(undefined, [file("var/lib/apt/extended_states", "")]));
    const inputs = { ...(await start()), repository: "oci:marked", packages: ["lib"] };
    const alone = await checkWith(packages.shop.session(), "customization", { news: inputs });
    const session = packages.shop.session();
    await checkWith(session, "customization", { news: { ...inputs, suffix: "other", packages: ["tool"] } });
    const beside = await checkWith(session, "customization", { news: inputs });
    expect(beside.derived["digest"]).to.equal(alone.derived["digest"]);
  });

  it("that are held are installed on request, with the same notices", async () => {
    await packages.stock([...tool("2.0-1"), ...forBoth("more", "1", { fields: { Depends: "tool", Recommends: "docs" } })]);
    const inputs = { ...(await start()), packages: ["tool", "more"] };
    const { derived } = await checkWith(packages.shop.session(), "customization", { news: inputs });
    const resolution = derived["resolution"] ?? null;
    const again = await checkWith(packages.shop.session(), "customization", { news: { ...inputs, resolution } });
    expect(again.derived["notices"]).to.deep.equal(derived["notices"]);
    expect(again.derived["digest"]).to.equal(derived["digest"]);
    const fewer = await checkWith(packages.shop.session(), "customization", { news: { ...inputs, packages: ["lib"], resolution } });
    const found = isMap(fewer.derived["resolution"]) ? fewer.derived["resolution"]["packages"] : undefined;
    expect(found).to.deep.equal({ "linux/amd64": { lib: "1.0-1" }, "linux/arm64": { lib: "1.0-1" } });
  });

  it("that ignoreChanges holds are kept when the archive changes", async () => {
    await packages.stock(tool("2.0-1"));
    const state = await packages.shop.up("customization", await start());
    await packages.stock([...tool("2.0-1"), ...forBoth("tool", "3.0-1")]);
    const held: ValueMap = { ...state.inputs };
    packages.shop.loseCache();
    const kept = await packages.shop.up("customization", held, state);
    expect(kept.did).to.equal("same");
    const labelled = await packages.shop.up("customization", { ...held, labels: { a: "b" } }, state);
    expect(versions(labelled)).to.deep.equal(versions(state));
    expect(labelled.outputs["reasons"]).to.deep.equal(["labels changed"]);
    await packages.stock(tool("3.0-1"));
    packages.shop.loseCache();
    packages.takeRequests();
    expect((await packages.shop.up("customization", labelled.inputs, labelled)).did).to.equal("same");
    expect(packages.takeRequests()).to.deep.equal([]);
    const [gone] = await packages.refusals({ ...held, labels: { a: "c" } }, state.inputs);
    expect(gone ?? "").to.match(/^resolution: no archive has tool 2\.0-1, the held version, only 3\.0-1\. .*ignoreChanges/);
  });

  it("form an image from scratch, with its distribution", async () => {
    await packages.stock(tool("2.0-1"));
    const inputs = { repository: "oci:made", tag: "1", distribution: "debian:bookworm", platforms: ["linux/amd64"] };
    const state = await packages.shop.up("artifact", { ...inputs, packages: ["tool"], packageSources: [packages.source()] });
    expect(versions(state)).to.deep.equal({ "linux/amd64": { lib: "1.0-1", tool: "2.0-1" } });
    const tree = await flattened(packages.shop.session(), state.outputs["ref"] as string);
    for (const path of ["usr/share/tool/version", "usr/share/lib/version", "var/lib/dpkg/status", "bin"]) expectThat(tree[path], path);
    expect(tree["etc/os-release"]).to.equal(undefined);
  });
});

/** What the program declared. */
function inputsOf({ inputs }: State): ValueMap {
  const { repository, version, suffix, packages, packageSources } = inputs;
  return { repository, version, suffix, packages, packageSources } as ValueMap;
}

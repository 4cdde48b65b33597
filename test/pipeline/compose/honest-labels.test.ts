import { after, before, describe, it } from "mocha";
import { parseConfig, labelsOf } from "../../../provider/image/config.js";
import { isDigest } from "../../../provider/image/digest.js";
import { parseIndex, parseManifest } from "../../../provider/image/manifest.js";
import { LAYOUT_ANNOTATION } from "../../../provider/pipeline/annotations.js";
import { isMap, unknown, type ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { checkWith, Workshop, type State } from "../workshop.js";

const prefix = "com.docker.dhi.";
const descriptive = { [`${prefix}chain-id`]: "sha256:1", [`${prefix}name`]: "dhi/python", [`${prefix}date.end-of-life`]: "2029-10-31" };
const tools = { [`${prefix}shell`]: "", [`${prefix}package-manager`]: "" };
const claimed = { [`${prefix}compliance`]: "fips,stig,cis", [`${prefix}fips`]: "true" };

describe("labels of a base that claim something of its content", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    const tar = layerTar([file("etc/passwd", "root:x:0:0:root:/root:\n")]);
    const annotations = { [`${prefix}compliance`]: "fips", kept: "yes" };
    const platforms = [{ layers: [{ tar }], config: { Labels: { ...descriptive, ...tools, ...claimed } }, annotations }];
    await shop.put("oci:base", "1", { platforms, annotations });
    await shop.put("oci:plain", "1", { platforms: [{ layers: [{ tar }], config: { Labels: descriptive } }] });
  });
  after(() => shop.remove());

  const script = (path: string): ValueMap => ({ path, content: "#!", uid: 0, gid: 0, mode: "0755" });
  const inputs = (suffix: string, more: ValueMap): ValueMap => ({ repository: "oci:base", version: "1", suffix, ...more });
  const read = async ({
    outputs,
  }: State): Promise<{ labels: object; manifest: object; index: object; layout: unknown; notices: unknown }> => {
    const repository = shop.session().repositories.open({ kind: "layout", path: "base" });
    const { digest, resolution, notices } = outputs;
    expectThat(isDigest(digest) && isMap(resolution));
    const index = parseIndex((await repository.getManifest(digest))?.bytes ?? Buffer.alloc(0), "index");
    const manifest = parseManifest(
      (await repository.getManifest(index.manifests[0]?.digest ?? digest))?.bytes ?? Buffer.alloc(0),
      "manifest",
    );
    const chunks: Uint8Array[] = [];
    for await (const chunk of repository.readBlob(manifest.config)) chunks.push(chunk);
    const labels = labelsOf(parseConfig(Buffer.concat(chunks), "config"));
    const layout = resolution["layoutVersion"];
    expect(Number(index.annotations[LAYOUT_ANNOTATION])).to.equal(layout);
    return { labels, manifest: manifest.annotations, index: index.annotations, layout, notices };
  };
  const notice = (what: string, name: string): ValueMap => ({
    kind: "label-dropped",
    message: `the ${what} ${prefix}${name} of the base is dropped, as it may not be true of the changed content. State it in ${what}s if it is`,
  });

  it("do not survive a layer, and neither do annotations; a notice names each", async () => {
    const made = await read(await shop.up("customization", inputs("layer", { scripts: [script("/opt/x")] })));
    expect(made.labels).to.deep.equal({ ...descriptive, ...tools });
    expect(made.manifest).to.include({ kept: "yes" }).and.not.have.property(`${prefix}compliance`);
    expect(made.index).to.include({ kept: "yes" }).and.not.have.property(`${prefix}compliance`);
    expect(made.notices).to.deep.equal([notice("label", "compliance"), notice("label", "fips"), notice("annotation", "compliance")]);
    expect(made.layout).to.equal(2);
  });

  it("stay where only the config changes", async () => {
    const made = await read(await shop.up("customization", inputs("config", { environment: { A: "1" }, labels: { a: "b" } })));
    expect(made.labels).to.deep.equal({ ...descriptive, ...tools, ...claimed, a: "b" });
    expect(made.index).to.have.property(`${prefix}compliance`, "fips");
    expect([made.notices, made.layout]).to.deep.equal([[], 1]);
  });

  it("stay where the user states them", async () => {
    const stated = { [`${prefix}compliance`]: "cis", [`${prefix}fips`]: "true" };
    const more = { scripts: [script("/opt/x")], labels: stated, annotations: { [`${prefix}compliance`]: "cis" } };
    const made = await read(await shop.up("customization", inputs("stated", more)));
    expect(made.labels).to.deep.equal({ ...descriptive, ...tools, ...stated });
    expect(made.index).to.have.property(`${prefix}compliance`, "cis");
    expect([made.notices, made.layout]).to.deep.equal([[], 1]);
  });

  for (const [path, name] of [
    ["/usr/bin/bash", "shell"],
    ["/opt/app/bin/pip3.13", "package-manager"],
  ] as const) {
    it(`about the ${name} do not survive ${path}`, async () => {
      const made = await read(await shop.up("customization", inputs(name, { scripts: [script(path)] })));
      expect(made.labels).to.not.have.property(`${prefix}${name}`);
      expect(made.labels).to.include({ [`${prefix}chain-id`]: "sha256:1" });
      expect(made.notices).to.deep.include(notice("label", name));
    });
  }

  it("leave an image whose base has none of them at the first layout", async () => {
    const state = await shop.up("customization", { repository: "oci:plain", version: "1", suffix: "x", scripts: [script("/opt/x")] });
    const { resolution, notices } = state.outputs;
    expect([isMap(resolution) ? resolution["layoutVersion"] : 0, notices]).to.deep.equal([1, []]);
  });

  it("stay in an image of an earlier release until its inputs or its resolution change", async () => {
    const declared = inputs("old", { scripts: [script("/opt/x")] });
    const old = asOfLayoutOne(await shop.up("customization", declared));
    const kept = await shop.up("customization", declared, old);
    expect([kept.did, kept.inputs["resolution"]]).to.deep.equal(["same", old.inputs["resolution"]]);
    const changed = await shop.up("customization", { ...declared, environment: { A: "1" } }, old);
    expect(changed.outputs["reasons"]).to.deep.equal(["environment changed", "layoutVersion: 1 → 2"]);
    expect((await shop.up("customization", { ...declared, environment: { A: "1" } }, changed)).did).to.equal("same");
  });

  it("leave the layout open while an input is unknown", async () => {
    const { derived } = await checkWith(shop.session(), "customization", { news: inputs("open", { environment: { A: unknown } }) });
    expect(isMap(derived["resolution"]) ? derived["resolution"]["layoutVersion"] : 0).to.equal(unknown);
  });
});

/** The state of a release that knew no other layout. */
function asOfLayoutOne(state: State): State {
  const old = ({ resolution, ...others }: ValueMap): ValueMap => ({
    ...others,
    resolution: { ...(isMap(resolution) ? resolution : {}), layoutVersion: 1 },
  });
  return { ...state, inputs: old(state.inputs), outputs: old(state.outputs) };
}

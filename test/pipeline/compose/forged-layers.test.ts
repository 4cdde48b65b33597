import { after, before, describe, it } from "mocha";
import type { Descriptor } from "../../../provider/image/descriptor.js";
import type { Digest } from "../../../provider/image/digest.js";
import { parseIndex } from "../../../provider/image/manifest.js";
import { OCI_INDEX } from "../../../provider/image/media-types.js";
import { LAYER_KEY_ANNOTATION } from "../../../provider/pipeline/annotations.js";
import { expect, expectThat } from "../../support/expectations.js";
import { storedManifest } from "../../support/registries/images.js";
import { lifecycles } from "../../support/session/publish.js";
import { forgedDigest, forgeImage } from "./forge.js";
import { changed, digestIn, LayerStage, script } from "./layer-stage.js";
import { baseParts, type State } from "../workshop.js";

// Issue 9, item 1: anyone who could move a tag of the destination got layers of their own into the next image.
describe("layers at the destination are not reused", () => {
  let stage: LayerStage;
  before(async () => {
    stage = await LayerStage.open();
  });
  after(() => stage.shop.remove());
  const hasForged = async (at: string, state: State): Promise<boolean> =>
    (await stage.layersOf(at, digestIn(state))).some(({ digest }) => digest === forgedDigest);
  let count = 0;

  it("from an image that someone else pushed to the tag", async () => {
    const { at, inputs, state } = await stage.start();
    await stage.open(at).putManifest("1_custom", await forgeImage(stage.open(at), digestIn(state)));
    const wanted = await stage.honest(changed(inputs));
    const next = await stage.shop.up("customization", changed(inputs), state);
    expect(digestIn(next)).to.equal(wanted);
    expect(await hasForged(at, next)).to.equal(false);
  });

  it("by a new resource from an image with forged keys", async () => {
    const { at, inputs, state } = await stage.start();
    await stage.open(at).putManifest("1_custom", await forgeImage(stage.open(at), digestIn(state)));
    const wanted = await stage.honest(changed(inputs));
    const next = await stage.shop.up("customization", changed(inputs));
    expect(digestIn(next)).to.equal(wanted);
    expect(await hasForged(at, next)).to.equal(false);
  });

  it("from an image that replaced the one in state, after a patch of the base", async () => {
    const { at, inputs, state } = await stage.start();
    await stage.open(at).putManifest("1_custom", await forgeImage(stage.open(at), digestIn(state)));
    await stage.removeBlob(at, digestIn(state));
    await stage.shop.put(at, "1", baseParts("2"));
    const wanted = await stage.honest(inputs);
    const next = await stage.shop.up("customization", inputs, state);
    expect(digestIn(next)).to.equal(wanted);
    expect(await hasForged(at, next)).to.equal(false);
  });

  it("from an image whose digest was imported into state", async () => {
    const { at, inputs, state } = await stage.start();
    const forged = await forgeImage(stage.open(at), digestIn(state));
    await stage.open(at).putManifest("1_custom", forged);
    const read = await lifecycles.customization.read(stage.shop.session(), state.id, {});
    expect(read?.outputs["digest"]).to.equal(forged.digest);
    expectThat(read !== undefined);
    const imported = { ...state, inputs: { ...inputs, ...read.outputs }, outputs: { ...inputs, ...read.outputs } };
    const wanted = await stage.honest(changed(inputs));
    expect(digestIn(await stage.shop.up("customization", changed(inputs), imported))).to.equal(wanted);
  });

  it("from a base with forged keys", async () => {
    const { at, state } = await stage.start();
    const ours = await stage.layersOf(at, digestIn(state));
    const { [LAYER_KEY_ANNOTATION]: key } = ours.at(-1)?.annotations ?? {};
    expect(key).to.not.equal(undefined);
    const hostile = `oci:reused-hostile-${(count += 1)}`;
    await stage.shop.put(hostile, "1");
    const repository = stage.open(hostile);
    const index = await repository.getManifest("1");
    expectThat(index);
    const manifests = [];
    for (const child of parseIndex(index.bytes, "it").manifests) {
      const stored = await repository.getManifest(child.digest);
      const json = JSON.parse(stored?.bytes.toString() ?? "") as { readonly layers: readonly object[] };
      const layers = json.layers.map((layer) => ({ ...layer, annotations: { [LAYER_KEY_ANNOTATION]: key } }));
      const marked = storedManifest({ ...json, layers });
      await repository.putManifest(marked.digest, marked);
      manifests.push({ ...child, digest: marked.digest, size: marked.bytes.length });
    }
    await repository.putManifest("1", storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, OCI_INDEX));
    const plain = { repository: hostile, version: "1", suffix: "custom", environment: { A: "1" } };
    const first = await stage.shop.up("customization", plain);
    stage.shop.loseCache();
    const wanted = await stage.honest({ ...plain, scripts: [script] });
    const next = await stage.shop.up("customization", { ...plain, scripts: [script] }, first);
    expect(digestIn(next)).to.equal(wanted);
    const digests = async (layers: Promise<readonly Descriptor[]>): Promise<readonly Digest[]> =>
      (await layers).map(({ digest }) => digest);
    expect(await digests(stage.layersOf(hostile, digestIn(next)))).to.deep.equal(ours.map(({ digest }) => digest));
  });
});

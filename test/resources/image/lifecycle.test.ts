import { strict as assert } from "node:assert";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseRepository } from "../../../provider/image/reference.js";
import type { Digest } from "../../../provider/image/digest.js";
import { parseIndex } from "../../../provider/image/manifest.js";
import { openImage } from "../../../provider/pipeline/sources/source-image.js";
import { isMap, unknown, type ValueMap } from "../../../provider/values.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { baseParts, checkWith, Workshop } from "../../pipeline/workshop.js";

describe("the life of an image", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  /** A separate base for each test. */
  let count = 0;
  const startWith = async (more: ValueMap = {}): Promise<{ readonly at: string; readonly inputs: ValueMap; readonly base: string }> => {
    const at = `oci:base-${(count += 1)}`;
    return { at, inputs: { repository: at, version: "3.13", suffix: "custom", ...more }, base: await shop.put(at, "3.13") };
  };
  const script = (content: string): ValueMap => ({ scripts: [{ path: "/opt/run", content, uid: 0, gid: 0, mode: "0755" }] });

  it("create publishes what check promised, and an unchanged run does nothing", async () => {
    const { at, inputs, base } = await startWith({ ...script("one"), environment: { A: "1" } });
    const state = await shop.up("customization", inputs);
    assert.equal(state.id, `${at}:3.13_custom`);
    assert.deepEqual(state.outputs, state.inputs);
    const { digest, tags, ref, resolution, reasons, asBase } = state.outputs;
    assert.equal(await shop.head(at, "3.13_custom"), digest);
    assert.deepEqual(tags, { "3.13_custom": digest });
    assert.equal(ref, `${at}@${digest as string}`);
    assert.deepEqual(asBase, { repository: at, version: `3.13_custom@${digest as string}` });
    assert.deepEqual(reasons, ["new image"]);
    assert.deepEqual(isMap(resolution) ? resolution["base"] : undefined, { tag: "3.13", digest: base });
    assert.deepEqual(state.outputs["base"], { ref: `${at}@${base}`, digest: base, tag: "3.13" });
    assert.deepEqual(state.outputs["config"], { environment: { A: { image: "1" } } });
    assert.equal(await shop.head(at, "3.13"), base);
    shop.loseCache();
    assert.equal((await shop.up("customization", inputs, state)).did, "same");
  });

  it("the index keeps the base's annotations and adds those of base and layout", async () => {
    const { at, inputs, base } = await startWith({ annotations: { "org.example.own": "o" } });
    const { outputs } = await shop.up("customization", inputs);
    const session = shop.session();
    const image = await openImage(session, parseRepository(at), outputs["digest"] as Digest, "base");
    assert.deepEqual(image.annotations, {
      "dev.pulumi-dhi.layout": "1",
      "org.example.kept": "yes",
      "org.example.own": "o",
      "org.opencontainers.image.base.digest": base,
      "org.opencontainers.image.base.name": `${at}:3.13`,
    });
    assert.deepEqual([...image.platforms.keys()], ["linux/amd64", "linux/arm64"]);
    const platforms = outputs["platformDigests"];
    const stored = await session.repositories.open(parseRepository(at)).getManifest(outputs["digest"] as Digest);
    assert.ok(stored && isMap(platforms));
    const index = parseIndex(stored.bytes, "it");
    assert.deepEqual(
      index.manifests.map((child) => child.digest),
      Object.values(platforms),
    );
  });

  it("the index has the platforms of the base's index, which may have more fields than the configs", async () => {
    const layer = (text: string) => [{ tar: layerTar([file("x", text)]) }];
    const variants = ["v6", "v7"];
    const platforms = variants.map((name) => ({ platform: `linux/arm/${name}`, layers: layer(name), rest: { variant: undefined } }));
    await shop.put("oci:variants", "1", { platforms });
    const { outputs } = await shop.up("customization", { repository: "oci:variants", version: "1", suffix: "a", labels: { a: "b" } });
    const stored = await shop
      .session()
      .repositories.open(parseRepository("oci:variants"))
      .getManifest(outputs["digest"] as Digest);
    assert.ok(stored);
    const told = parseIndex(stored.bytes, "it").manifests.map(({ platform }) => platform?.variant);
    assert.deepEqual(told.toSorted(), variants);
  });

  it("a patched base is an update with a reason, and layers are written once", async () => {
    const { at, inputs, base } = await startWith(script("one"));
    const state = await shop.up("customization", inputs);
    const patched = await shop.put(at, "3.13", baseParts("2"));
    shop.loseCache();
    const next = await shop.up("customization", inputs, state);
    assert.equal(next.did, "update");
    assert.notEqual(next.outputs["digest"], state.outputs["digest"]);
    assert.deepEqual(next.outputs["reasons"], [`the base 3.13 moved from ${base.slice(0, 19)} to ${patched.slice(0, 19)}`]);
    assert.equal(await shop.head(at, "3.13_custom"), next.outputs["digest"]);
    assert.equal((await shop.up("customization", inputs, next)).did, "same");
  });

  it("a changed input is an update with a reason, and another suffix is a replacement", async () => {
    const { inputs } = await startWith(script("one"));
    const state = await shop.up("customization", inputs);
    const changed = await shop.up("customization", { ...inputs, ...script("two"), labels: { a: "b" } }, state);
    assert.equal(changed.did, "update");
    assert.deepEqual(changed.outputs["reasons"], ["labels changed", "scripts[0].content changed"]);
    assert.equal((await shop.up("customization", { ...inputs, suffix: "other" }, state)).did, "replace suffix");
    assert.equal((await shop.up("customization", { ...inputs, destination: "oci:elsewhere" }, state)).did, "replace destination");
  });

  it("tags are added and removed in place, and the first one always has an image", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", { ...inputs, additionalTags: ["latest", "stable"] });
    const { digest } = state.outputs;
    assert.deepEqual(await Promise.all(["latest", "stable"].map((tag) => shop.head(at, tag))), [digest, digest]);
    const next = await shop.up("customization", { ...inputs, additionalTags: ["stable", "new"] }, state);
    assert.deepEqual(next.outputs["tags"], { "3.13_custom": digest, stable: digest, new: digest });
    assert.equal(await shop.head(at, "latest"), undefined);
    assert.equal(await shop.head(at, "new"), digest);
  });

  it("an unknown additional tag does not cause a replacement", async () => {
    const { inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    const checked = await checkWith(shop.session(), "customization", {
      news: { ...inputs, additionalTags: [unknown] },
      olds: state.inputs,
    });
    assert.deepEqual(checked.failures, []);
    const diff = (...args: readonly [string, ValueMap, ValueMap]) => lifecycles.customization.diff(...args);
    assert.deepEqual(diff(state.id, state.outputs, { ...checked.inputs, ...checked.derived }), []);
    assert.deepEqual(diff(state.id, state.outputs, { ...state.inputs, suffix: unknown }), ["suffix"]);
    assert.equal(diff(state.id, state.outputs, state.inputs), undefined);
  });

  it("a tag that was moved or removed is repaired, with the drift in the inputs but not in the outputs", async () => {
    const { at, inputs, base } = await startWith({ additionalTags: ["latest"], overwrite: true });
    const state = await shop.up("customization", inputs);
    const repository = shop.session().repositories.open(parseRepository(at));
    const other = await repository.getManifest(base);
    assert.ok(other);
    await repository.putManifest("latest", other);
    const repaired = await shop.up("customization", inputs, state);
    assert.equal(repaired.did, "update");
    assert.deepEqual(repaired.inputs["drift"], { latest: base });
    assert.equal("drift" in repaired.outputs, false);
    assert.equal(await shop.head(at, "latest"), state.outputs["digest"]);
    await shop.session().repositories.open(parseRepository(at)).deleteTag("latest");
    const again = await shop.up("customization", inputs, repaired);
    assert.deepEqual(again.inputs["drift"], { latest: "missing" });
    assert.equal(await shop.head(at, "latest"), state.outputs["digest"]);
  });

  it("a tag of someone else is rejected without overwrite", async () => {
    const { at, inputs } = await startWith();
    const foreign = await shop.put(at, "3.13_custom", baseParts("foreign"));
    const { failures } = await checkWith(shop.session(), "customization", { news: inputs });
    assert.equal(failures.length, 1);
    assert.match(
      failures[0]?.reason ?? "",
      new RegExp(`^suffix: the tag 3.13_custom in ${at} points at ${foreign}, which this stack did not publish\\. .*overwrite: true`),
    );
    assert.equal(await shop.head(at, "3.13_custom"), foreign);
    const state = await shop.up("customization", { ...inputs, overwrite: true });
    assert.equal(await shop.head(at, "3.13_custom"), state.outputs["digest"]);
  });

  it("two resources of one program cannot publish the same tag", async () => {
    const { at, inputs } = await startWith();
    const session = shop.session();
    assert.deepEqual((await checkWith(session, "customization", { news: inputs, urn: "urn:a" })).failures, []);
    const { failures } = await checkWith(session, "customization", {
      news: { ...inputs, destination: `oci:./${at.slice(4)}` },
      urn: "urn:b",
    });
    assert.match(failures[0]?.reason ?? "", /^another resource of this program also publishes oci:\.\/base-\d+:3\.13_custom\. /);
  });

  it("delete removes the tags that still point at the image, and no others", async () => {
    const { at, inputs, base } = await startWith({ additionalTags: ["latest", "moved"], overwrite: true });
    const state = await shop.up("customization", inputs);
    const repository = shop.session().repositories.open(parseRepository(at));
    const other = await repository.getManifest(base);
    assert.ok(other);
    await repository.putManifest("moved", other);
    await lifecycles.customization.delete(shop.session(), state.id, state.outputs, keepRow());
    assert.deepEqual(await shop.session().repositories.open(parseRepository(at)).listTags(), ["3.13", "moved"]);
    await lifecycles.customization.delete(shop.session(), state.id, state.outputs, keepRow());
  });

  it("delete leaves a tag that another resource of the operation claims", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    const session = shop.session();
    await checkWith(session, "customization", { news: inputs, urn: "urn:renamed" });
    await lifecycles.customization.delete(session, state.id, state.outputs, keepRow());
    assert.equal(await shop.head(at, "3.13_custom"), state.outputs["digest"]);
  });

  it("read returns the current tags, or nothing when all are gone", async () => {
    const { at, inputs, base } = await startWith({ additionalTags: ["latest"], overwrite: true });
    const state = await shop.up("customization", inputs);
    const read = (session = shop.session()) => lifecycles.customization.read(session, state.id, state.outputs);
    assert.deepEqual(await read(), { outputs: state.outputs, inputs: state.outputs });
    const repository = shop.session().repositories.open(parseRepository(at));
    const other = await repository.getManifest(base);
    assert.ok(other);
    await repository.putManifest("latest", other);
    await repository.deleteTag("3.13_custom");
    const observed = await read();
    const outputs = { ...state.outputs, tags: { latest: base } };
    assert.deepEqual(observed, { outputs, inputs: outputs });
    await rm(join(shop.folder, at.slice(4)), { recursive: true });
    assert.equal(await read(), undefined);
  });

  it("read returns what the image of another program contains", async () => {
    const { at, inputs, base } = await startWith();
    const { outputs, id } = await shop.up("customization", inputs);
    const found = await lifecycles.customization.read(shop.session(), id, {});
    assert.ok(found);
    assert.equal(found.inputs, undefined);
    for (const name of ["digest", "ref", "tags", "platformDigests", "asBase", "base"])
      assert.deepEqual(found.outputs[name], outputs[name], name);
    assert.equal(base, (found.outputs["base"] as ValueMap)["digest"]);
    await assert.rejects(lifecycles.customization.read(shop.session(), `${at}:none`, {}), {
      code: "not-found",
      message: `${at}:none does not exist`,
    });
  });

  it("read of an image with an invalid base name returns the rest", async () => {
    for (const name of ["not a name", "../up:1", ""]) {
      const annotations = {
        "org.opencontainers.image.base.name": name,
        "org.opencontainers.image.base.digest": `sha256:${"a".repeat(64)}`,
      };
      const digest = await shop.put("oci:odd-base-name", "1", { ...baseParts("1"), annotations });
      const found = await lifecycles.customization.read(shop.session(), "oci:odd-base-name:1", {});
      assert.equal(found?.outputs["digest"], digest, name);
      assert.equal("base" in found.outputs, false, name);
    }
  });
});

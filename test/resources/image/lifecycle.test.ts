import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import type { Digest } from "../../../provider/image/digest.js";
import { parseIndex } from "../../../provider/image/manifest.js";
import { openImage } from "../../../provider/pipeline/sources/source-image.js";
import { isMap, unknown, type ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
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
    expect(state.id).to.equal(`${at}:3.13_custom`);
    expect(Object.keys(state.outputs["__published"] as ValueMap)).to.deep.equal([state.outputs["digest"]]);
    expect({ ...state.outputs, __published: {} }).to.deep.equal(state.inputs);
    const { digest, tags, ref, resolution, reasons, asBase } = state.outputs;
    expect(await shop.head(at, "3.13_custom")).to.equal(digest);
    expect(tags).to.deep.equal({ "3.13_custom": digest });
    expect(ref).to.equal(`${at}@${digest as string}`);
    expect(asBase).to.deep.equal({ repository: at, version: `3.13_custom@${digest as string}` });
    expect(reasons).to.deep.equal(["new image"]);
    expect(isMap(resolution) ? resolution["base"] : undefined).to.deep.equal({ tag: "3.13", digest: base });
    expect(state.outputs["base"]).to.deep.equal({ ref: `${at}@${base}`, digest: base, tag: "3.13" });
    expect(state.outputs["config"]).to.deep.equal({ environment: { A: { image: "1" } } });
    expect(await shop.head(at, "3.13")).to.equal(base);
    shop.loseCache();
    expect((await shop.up("customization", inputs, state)).did).to.equal("same");
  });

  it("the index keeps the base's annotations and adds those of base and layout", async () => {
    const { at, inputs, base } = await startWith({ annotations: { "org.example.own": "o" } });
    const { outputs } = await shop.up("customization", inputs);
    const session = shop.session();
    const image = await openImage(session, parseRepository(at), outputs["digest"] as Digest, "base");
    expect(image.annotations).to.deep.equal({
      "dev.pulumi-dhi.layout": "1",
      "org.example.kept": "yes",
      "org.example.own": "o",
      "org.opencontainers.image.base.digest": base,
      "org.opencontainers.image.base.name": `${at}:3.13`,
    });
    expect([...image.platforms.keys()]).to.deep.equal(["linux/amd64", "linux/arm64"]);
    const platforms = outputs["platformDigests"];
    const stored = await session.repositories.open(parseRepository(at)).getManifest(outputs["digest"] as Digest);
    expectThat(stored && isMap(platforms));
    const index = parseIndex(stored.bytes, "it");
    expect(index.manifests.map((child) => child.digest)).to.deep.equal(Object.values(platforms));
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
    expectThat(stored);
    const told = parseIndex(stored.bytes, "it").manifests.map(({ platform }) => platform?.variant);
    expect(told.toSorted()).to.deep.equal(variants);
  });

  it("a patched base is an update with a reason, and layers are written once", async () => {
    const { at, inputs, base } = await startWith(script("one"));
    const state = await shop.up("customization", inputs);
    const patched = await shop.put(at, "3.13", baseParts("2"));
    shop.loseCache();
    const next = await shop.up("customization", inputs, state);
    expect(next.did).to.equal("update");
    expect(next.outputs["digest"]).to.not.equal(state.outputs["digest"]);
    expect(next.outputs["reasons"]).to.deep.equal([`base 3.13: ${base.slice(0, 19)} → ${patched.slice(0, 19)}`]);
    expect(await shop.head(at, "3.13_custom")).to.equal(next.outputs["digest"]);
    expect((await shop.up("customization", inputs, next)).did).to.equal("same");
  });

  it("a changed input is an update with a reason, and another suffix is a replacement", async () => {
    const { inputs } = await startWith(script("one"));
    const state = await shop.up("customization", inputs);
    const changed = await shop.up("customization", { ...inputs, ...script("two"), labels: { a: "b" } }, state);
    expect(changed.did).to.equal("update");
    expect(changed.outputs["reasons"]).to.deep.equal(["labels changed", "scripts[0].content changed"]);
    expect((await shop.up("customization", { ...inputs, suffix: "other" }, state)).did).to.equal("replace suffix");
    expect((await shop.up("customization", { ...inputs, destination: "oci:elsewhere" }, state)).did).to.equal("replace destination");
  });

  it("tags are added and removed in place, and the first one always has an image", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", { ...inputs, additionalTags: ["latest", "stable"] });
    const { digest } = state.outputs;
    expect(await Promise.all(["latest", "stable"].map((tag) => shop.head(at, tag)))).to.deep.equal([digest, digest]);
    const next = await shop.up("customization", { ...inputs, additionalTags: ["stable", "new"] }, state);
    expect(next.outputs["tags"]).to.deep.equal({ "3.13_custom": digest, stable: digest, new: digest });
    expect(await shop.head(at, "latest")).to.equal(undefined);
    expect(await shop.head(at, "new")).to.equal(digest);
  });

  it("an unknown additional tag does not cause a replacement", async () => {
    const { inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    const checked = await checkWith(shop.session(), "customization", {
      news: { ...inputs, additionalTags: [unknown] },
      olds: state.inputs,
    });
    expect(checked.failures).to.deep.equal([]);
    const diff = (...args: readonly [string, ValueMap, ValueMap]) => lifecycles.customization.diff(...args);
    expect(diff(state.id, state.outputs, { ...checked.inputs, ...checked.derived })).to.deep.equal([]);
    expect(diff(state.id, state.outputs, { ...state.inputs, suffix: unknown })).to.deep.equal(["suffix"]);
    expect(diff(state.id, state.outputs, state.inputs)).to.equal(undefined);
  });

  it("a tag that was moved or removed is repaired, with the drift in the inputs but not in the outputs", async () => {
    const { at, inputs, base } = await startWith({ additionalTags: ["latest"], overwrite: true });
    const state = await shop.up("customization", inputs);
    const repository = shop.session().repositories.open(parseRepository(at));
    const other = await repository.getManifest(base);
    expectThat(other);
    await repository.putManifest("latest", other);
    const repaired = await shop.up("customization", inputs, state);
    expect(repaired.did).to.equal("update");
    expect(repaired.inputs["drift"]).to.deep.equal({ latest: base });
    expect("drift" in repaired.outputs).to.equal(false);
    expect(await shop.head(at, "latest")).to.equal(state.outputs["digest"]);
    await shop.session().repositories.open(parseRepository(at)).deleteTag("latest");
    const again = await shop.up("customization", inputs, repaired);
    expect(again.inputs["drift"]).to.deep.equal({ latest: "missing" });
    expect(await shop.head(at, "latest")).to.equal(state.outputs["digest"]);
  });

  it("a tag of someone else is rejected without overwrite", async () => {
    const { at, inputs } = await startWith();
    const foreign = await shop.put(at, "3.13_custom", baseParts("foreign"));
    const { failures } = await checkWith(shop.session(), "customization", { news: inputs });
    expect(failures.length).to.equal(1);
    expect(failures[0]?.reason ?? "").to.match(
      new RegExp(`^suffix: the tag 3.13_custom in ${at} points at ${foreign}, which this stack did not publish\\. .*overwrite: true`),
    );
    expect(await shop.head(at, "3.13_custom")).to.equal(foreign);
    const state = await shop.up("customization", { ...inputs, overwrite: true });
    expect(await shop.head(at, "3.13_custom")).to.equal(state.outputs["digest"]);
  });

  it("two resources of one program cannot publish the same tag", async () => {
    const { at, inputs } = await startWith();
    const session = shop.session();
    expect((await checkWith(session, "customization", { news: inputs, urn: "urn:a" })).failures).to.deep.equal([]);
    const { failures } = await checkWith(session, "customization", {
      news: { ...inputs, destination: `oci:./${at.slice(4)}` },
      urn: "urn:b",
    });
    expect(failures[0]?.reason ?? "").to.match(/^another resource of this program also publishes oci:\.\/base-\d+:3\.13_custom\. /);
  });

  it("delete removes the tags that still point at the image, and no others", async () => {
    const { at, inputs, base } = await startWith({ additionalTags: ["latest", "moved"], overwrite: true });
    const state = await shop.up("customization", inputs);
    const repository = shop.session().repositories.open(parseRepository(at));
    const other = await repository.getManifest(base);
    expectThat(other);
    await repository.putManifest("moved", other);
    await lifecycles.customization.delete(shop.session(), state.id, state.outputs, keepRow());
    expect(await shop.session().repositories.open(parseRepository(at)).listTags()).to.deep.equal(["3.13", "moved"]);
    await lifecycles.customization.delete(shop.session(), state.id, state.outputs, keepRow());
  });

  it("delete leaves a tag that another resource of the operation claims", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    const session = shop.session();
    await checkWith(session, "customization", { news: inputs, urn: "urn:renamed" });
    await lifecycles.customization.delete(session, state.id, state.outputs, keepRow());
    expect(await shop.head(at, "3.13_custom")).to.equal(state.outputs["digest"]);
  });

  it("read returns the current tags, or nothing when all are gone", async () => {
    const { at, inputs, base } = await startWith({ additionalTags: ["latest"], overwrite: true });
    const state = await shop.up("customization", inputs);
    const read = (session = shop.session()) => lifecycles.customization.read(session, state.id, state.outputs);
    expect(await read()).to.deep.equal({ outputs: state.outputs, inputs: state.outputs });
    const repository = shop.session().repositories.open(parseRepository(at));
    const other = await repository.getManifest(base);
    expectThat(other);
    await repository.putManifest("latest", other);
    await repository.deleteTag("3.13_custom");
    const observed = await read();
    const outputs = { ...state.outputs, tags: { latest: base } };
    expect(observed).to.deep.equal({ outputs, inputs: outputs });
    await rm(join(shop.folder, at.slice(4)), { recursive: true });
    expect(await read()).to.equal(undefined);
  });

  it("read returns what the image of another program contains", async () => {
    const { at, inputs, base } = await startWith();
    const { outputs, id } = await shop.up("customization", inputs);
    const found = await lifecycles.customization.read(shop.session(), id, {});
    expectThat(found);
    expect(found.inputs).to.equal(undefined);
    for (const name of ["digest", "ref", "tags", "platformDigests", "asBase", "base"])
      expect(found.outputs[name], name).to.deep.equal(outputs[name]);
    expect(base).to.equal((found.outputs["base"] as ValueMap)["digest"]);
    await expect(lifecycles.customization.read(shop.session(), `${at}:none`, {})).to.be.rejectedWithError({
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
      expect(found?.outputs["digest"], name).to.equal(digest);
      expectThat(found !== undefined);
      expect("base" in found.outputs, name).to.equal(false);
    }
  });
});

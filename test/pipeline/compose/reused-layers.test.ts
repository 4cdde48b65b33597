import { rm } from "node:fs/promises";
import { after, before, describe, it } from "mocha";
import type { Digest } from "../../../provider/image/digest.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { parseLayerRecords } from "../../../provider/pipeline/state/layer-records.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { omit, type ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { forgedDigest, forgeImage } from "./forge.js";
import { changed, digestIn, LayerStage, script } from "./layer-stage.js";
import { baseParts, checkWith } from "../workshop.js";

/** Of state before 0.2. */
const withoutRecords = (values: ValueMap): ValueMap => omit(values, new Set(["__layers"]));

describe("layers at the destination are reused", () => {
  let stage: LayerStage;
  before(async () => {
    stage = await LayerStage.open();
  });
  after(() => stage.shop.remove());

  /** Blobs that were put, also those that were already present. */
  const counting = (session: Session): { readonly session: Session; readonly put: Digest[] } => {
    const put: Digest[] = [];
    const { repositories } = session;
    const opened = (repository: Parameters<typeof repositories.open>[0]): ImageRepository => {
      const inner = repositories.open(repository);
      const putBlob: ImageRepository["putBlob"] = (descriptor, ...rest) => {
        put.push(descriptor.digest);
        return inner.putBlob(descriptor, ...rest);
      };
      return new Proxy(inner, {
        get: (target, name) => {
          const value: unknown = name === "putBlob" ? putBlob : Reflect.get(target, name);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    };
    return { session: { ...session, repositories: { ...repositories, open: opened } }, put };
  };

  it("by the records in state, with an empty cache and a patched base, and neither written nor uploaded", async () => {
    const { at, inputs, state } = await stage.start();
    const patched = await stage.shop.put(at, "1", baseParts("2"));
    const wanted = await stage.honest(inputs);
    const { session, put } = counting(stage.shop.session());
    const next = await stage.shop.up("customization", inputs, state, session);
    expect(digestIn(next)).to.equal(wanted);
    expect(session.memory.layers.entries().length).to.equal(0);
    expect(put.length, "two configs").to.equal(2);
    expect(next.outputs["__layers"]).to.deep.equal(state.outputs["__layers"]);
    expect(patched).to.not.equal(digestIn(next));
  });

  it("but not by state of 0.1.0, which has no records: they are composed again with the same bytes", async () => {
    const { inputs, state } = await stage.start();
    const old = { ...state, inputs: withoutRecords(state.inputs), outputs: withoutRecords(state.outputs) };
    const same = await stage.shop.up("customization", inputs, old);
    expect(same.did).to.equal("same");
    expect("__layers" in same.inputs).to.equal(false);
    const wanted = await stage.honest(changed(inputs));
    const session = stage.shop.session();
    const next = await stage.shop.up("customization", changed(inputs), old, session);
    expect(digestIn(next)).to.equal(wanted);
    expect(session.memory.layers.entries().length).to.equal(1);
    expect(next.lines.join("\n")).to.match(/in 2 blobs uploaded, 0 mounted, 1 already present/);
    expect(next.outputs["__layers"]).to.deep.equal(state.outputs["__layers"]);
  });

  it("by records that only check writes: neither read, get nor a program changes them", async () => {
    const { at, inputs, state } = await stage.start();
    await stage.open(at).putManifest("1_custom", await forgeImage(stage.open(at), digestIn(state)));
    const read = await lifecycles.customization.read(stage.shop.session(), state.id, state.outputs);
    expect(read?.outputs["__layers"]).to.deep.equal(state.outputs["__layers"]);
    expect(read?.inputs?.["__layers"]).to.deep.equal(state.outputs["__layers"]);
    const got = await lifecycles.customization.read(stage.shop.session(), state.id, {});
    expect(got !== undefined && "__layers" in got.outputs).to.equal(false);
    // As a program or ignoreChanges could do.
    const [key] = parseLayerRecords(state.outputs).keys();
    const record = { digest: forgedDigest, size: 1, diffId: forgedDigest };
    const wanted = await stage.honest(changed(inputs));
    const news = { ...changed(inputs), __layers: { [key ?? ""]: record } };
    const checked = await checkWith(stage.shop.session(), "customization", { news, olds: state.inputs });
    expect(checked.derived["digest"]).to.equal(wanted);
    expect(checked.derived["__layers"]).to.deep.equal(state.outputs["__layers"]);
    expect("__layers" in checked.inputs).to.equal(false);
  });

  it("by records that a deferred failure keeps in state", async () => {
    const { inputs, state } = await stage.start();
    const session = stage.shop.session({ deferFailures: true });
    const news = { ...inputs, runAs: "nobody at all" };
    const { derived } = await checkWith(session, "customization", { news, olds: state.inputs });
    expect("failure" in derived).to.equal(true);
    expect(derived["__layers"]).to.deep.equal(state.outputs["__layers"]);
  });

  it("only while the destination has their bytes, and otherwise composed again", async () => {
    const { at, inputs, state } = await stage.start();
    const [record] = parseLayerRecords(state.outputs).values();
    expectThat(record);
    await stage.removeBlob(at, record.digest);
    const next = await stage.shop.up("customization", changed(inputs), state);
    expect((await stage.layersOf(at, digestIn(next))).some(({ digest }) => digest === record.digest)).to.equal(true);
    expect(await stage.open(at).hasBlob({ mediaType: "", ...record })).to.equal(true);
  });

  it("unless their bytes are deleted between check and update: then they are composed again", async () => {
    const { at, inputs, state } = await stage.start();
    const [record] = parseLayerRecords(state.outputs).values();
    expectThat(record);
    const session = stage.shop.session();
    const checked = await checkWith(session, "customization", { news: changed(inputs), olds: state.inputs });
    await stage.removeBlob(at, record.digest);
    const wanted = { ...checked.inputs, ...checked.derived };
    const outputs = await lifecycles.customization.update(session, state.id, state.outputs, wanted, keepRow());
    expect(outputs["digest"]).to.equal(checked.derived["digest"]);
    expect(await stage.open(at).hasBlob({ mediaType: "", ...record })).to.equal(true);
  });

  it("and those evicted from the cache between check and create are composed again", async () => {
    const { at, inputs } = await stage.start();
    const session = stage.shop.session();
    const news = { ...inputs, suffix: "lost", scripts: [{ ...script, content: `#!/bin/sh\n# ${at}\n` }] };
    const checked = await checkWith(session, "customization", { news });
    const [record] = parseLayerRecords(checked.derived).values();
    const path = await session.cache.path("blobs", record?.digest ?? "");
    expectThat(path !== undefined);
    await rm(path);
    await lifecycles.customization.create(session, { ...checked.inputs, ...checked.derived }, keepRow());
    expect(await stage.shop.head(at, "1_lost")).to.equal(checked.derived["digest"]);
  });

  it("by an update in another process, by the records that check has returned", async () => {
    const { at, inputs, state } = await stage.start();
    const checked = await checkWith(stage.shop.session(), "customization", { news: changed(inputs), olds: state.inputs });
    stage.shop.loseCache();
    const session = stage.shop.session();
    const wanted = { ...checked.inputs, ...checked.derived };
    await lifecycles.customization.update(session, state.id, state.outputs, wanted, keepRow());
    expect(await stage.shop.head(at, "1_custom")).to.equal(checked.derived["digest"]);
    expect(session.memory.layers.entries().length).to.equal(0);
  });
});

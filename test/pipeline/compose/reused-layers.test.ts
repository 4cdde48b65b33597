import { strict as assert } from "node:assert";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import type { Digest } from "../../../provider/image/digest.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { parseLayerRecords } from "../../../provider/pipeline/state/layer-records.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { omit, type ValueMap } from "../../../provider/values.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { forgedDigest, forgeImage } from "./forge.js";
import { changed, digestIn, LayerStage, script } from "./layer-stage.js";
import { baseParts, checkWith } from "../workshop.js";

/** Of state before 0.2. */
const withoutRecords = (values: ValueMap): ValueMap => omit(values, new Set(["__layers"]));

describe("layers that the destination has are reused", () => {
  let stage: LayerStage;
  before(async () => {
    stage = await LayerStage.open();
  });
  after(() => stage.shop.remove());

  /** Blobs that were put, whether or not they were there. */
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

  it("by what state records, with an empty cache and a patched base: neither made nor moved", async () => {
    const { at, inputs, state } = await stage.start();
    const patched = await stage.shop.put(at, "1", baseParts("2"));
    const wanted = await stage.honest(inputs);
    const { session, put } = counting(stage.shop.session());
    const next = await stage.shop.up("customization", inputs, state, session);
    assert.equal(digestIn(next), wanted);
    assert.equal(session.memory.layers.entries().length, 0);
    assert.equal(put.length, 2, "two configs");
    assert.deepEqual(next.outputs["__layers"], state.outputs["__layers"]);
    assert.notEqual(patched, digestIn(next));
  });

  it("not by state of 0.1.0, which has no records; what is made again is there already", async () => {
    const { inputs, state } = await stage.start();
    const old = { ...state, inputs: withoutRecords(state.inputs), outputs: withoutRecords(state.outputs) };
    const same = await stage.shop.up("customization", inputs, old);
    assert.equal(same.did, "same");
    assert.equal("__layers" in same.inputs, false);
    const wanted = await stage.honest(changed(inputs));
    const session = stage.shop.session();
    const next = await stage.shop.up("customization", changed(inputs), old, session);
    assert.equal(digestIn(next), wanted);
    assert.equal(session.memory.layers.entries().length, 1);
    assert.match(next.lines.join("\n"), /in 2 blobs uploaded, 0 mounted, 1 there already/);
    assert.deepEqual(next.outputs["__layers"], state.outputs["__layers"]);
  });

  it("from records that only check has written: neither read, get nor a program changes them", async () => {
    const { at, inputs, state } = await stage.start();
    await stage.open(at).putManifest("1_custom", await forgeImage(stage.open(at), digestIn(state)));
    const read = await lifecycles.customization.read(stage.shop.session(), state.id, state.outputs);
    assert.deepEqual(read?.outputs["__layers"], state.outputs["__layers"]);
    assert.deepEqual(read?.inputs?.["__layers"], state.outputs["__layers"]);
    const got = await lifecycles.customization.read(stage.shop.session(), state.id, {});
    assert.equal(got !== undefined && "__layers" in got.outputs, false);
    // As a program would, or ignoreChanges.
    const [key] = parseLayerRecords(state.outputs).keys();
    const record = { digest: forgedDigest, size: 1, diffId: forgedDigest };
    const wanted = await stage.honest(changed(inputs));
    const news = { ...changed(inputs), __layers: { [key ?? ""]: record } };
    const checked = await checkWith(stage.shop.session(), "customization", { news, olds: state.inputs });
    assert.equal(checked.derived["digest"], wanted);
    assert.deepEqual(checked.derived["__layers"], state.outputs["__layers"]);
    assert.equal("__layers" in checked.inputs, false);
  });

  it("from records that a deferred failure leaves in state", async () => {
    const { inputs, state } = await stage.start();
    const session = stage.shop.session({ deferFailures: true });
    const news = { ...inputs, runAs: "nobody at all" };
    const { derived } = await checkWith(session, "customization", { news, olds: state.inputs });
    assert.ok("failure" in derived);
    assert.deepEqual(derived["__layers"], state.outputs["__layers"]);
  });

  it("only while the destination has their bytes; else they are made again", async () => {
    const { at, inputs, state } = await stage.start();
    const [record] = parseLayerRecords(state.outputs).values();
    assert.ok(record);
    await stage.removeBlob(at, record.digest);
    const next = await stage.shop.up("customization", changed(inputs), state);
    assert.ok((await stage.layersOf(at, digestIn(next))).some(({ digest }) => digest === record.digest));
    assert.equal(await stage.open(at).hasBlob({ mediaType: "", ...record }), true);
  });

  it("also where their bytes are lost between check and update: they are made again", async () => {
    const { at, inputs, state } = await stage.start();
    const [record] = parseLayerRecords(state.outputs).values();
    assert.ok(record);
    const session = stage.shop.session();
    const checked = await checkWith(session, "customization", { news: changed(inputs), olds: state.inputs });
    await stage.removeBlob(at, record.digest);
    const wanted = { ...checked.inputs, ...checked.derived };
    const outputs = await lifecycles.customization.update(session, state.id, state.outputs, wanted, keepRow());
    assert.equal(outputs["digest"], checked.derived["digest"]);
    assert.equal(await stage.open(at).hasBlob({ mediaType: "", ...record }), true);
  });

  it("and those that only the cache had, and lost between check and create, are made again too", async () => {
    const { at, inputs } = await stage.start();
    const session = stage.shop.session();
    const news = { ...inputs, suffix: "lost", scripts: [{ ...script, content: `#!/bin/sh\n# ${at}\n` }] };
    const checked = await checkWith(session, "customization", { news });
    const [record] = parseLayerRecords(checked.derived).values();
    const path = await session.cache.path("blobs", record?.digest ?? "");
    assert.ok(path !== undefined);
    await rm(path);
    await lifecycles.customization.create(session, { ...checked.inputs, ...checked.derived }, keepRow());
    assert.equal(await stage.shop.head(at, "1_lost"), checked.derived["digest"]);
  });

  it("by an update in a process of its own, from the records that check has returned", async () => {
    const { at, inputs, state } = await stage.start();
    const checked = await checkWith(stage.shop.session(), "customization", { news: changed(inputs), olds: state.inputs });
    stage.shop.loseCache();
    const session = stage.shop.session();
    const wanted = { ...checked.inputs, ...checked.derived };
    await lifecycles.customization.update(session, state.id, state.outputs, wanted, keepRow());
    assert.equal(await stage.shop.head(at, "1_custom"), checked.derived["digest"]);
    assert.equal(session.memory.layers.entries().length, 0);
  });
});

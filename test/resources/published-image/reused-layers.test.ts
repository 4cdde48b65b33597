import { strict as assert } from "node:assert";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Descriptor } from "../../../provider/image/descriptor.js";
import { hexOf, type Digest } from "../../../provider/image/digest.js";
import { parseIndex, parseManifest } from "../../../provider/image/manifest.js";
import { OCI_INDEX } from "../../../provider/image/media-types.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { LAYER_KEY_ANNOTATION } from "../../../provider/resources/published-image/composition.js";
import { LAYER_RECORDS, parseLayerRecords } from "../../../provider/resources/published-image/layer-records.js";
import type { Session } from "../../../provider/resources/session.js";
import { omit, type ValueMap } from "../../../provider/resources/values.js";
import { storedManifest } from "../../support/registries/images.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { forgedDigest, forgeImage } from "./forge.js";
import { baseParts, checkWith, Workshop, type State } from "./workshop.js";

/** Of state before 0.2. */
const withoutRecords = (values: ValueMap): ValueMap => omit(values, new Set([LAYER_RECORDS]));

// Issue 9, item 1: whoever could move a tag of the destination got layers of his own into the next image.
describe("layers that the destination has", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  const scripts = [{ path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }];
  let count = 0;
  /** A base of its own, with an image in state, and an empty cache from then on. */
  const start = async (): Promise<{ readonly at: string; readonly inputs: ValueMap; readonly state: State }> => {
    const at = `oci:reused-${(count += 1)}`;
    await shop.put(at, "1");
    const inputs = { repository: at, version: "1", suffix: "custom", scripts };
    const state = await shop.up("customization", inputs);
    shop.loseCache();
    return { at, inputs, state };
  };
  const open = (at: string, session = shop.session()): ImageRepository => session.repositories.open(parseRepository(at));
  const digestIn = ({ outputs }: Pick<State, "outputs">): Digest => outputs["digest"] as Digest;
  const changed = (inputs: ValueMap): ValueMap => ({ ...inputs, environment: { A: "1" } });
  const removeBlob = (at: string, digest: Digest): Promise<void> => rm(join(shop.folder, at.slice(4), "blobs", "sha256", hexOf(digest)));
  const layersOf = async (at: string, digest: Digest): Promise<readonly Descriptor[]> => {
    const manifestOf = async (of: Digest): Promise<Buffer> => (await open(at).getManifest(of))?.bytes ?? Buffer.from("");
    const children = parseIndex(await manifestOf(digest), "it").manifests;
    const manifests = await Promise.all(children.map(async (child) => parseManifest(await manifestOf(child.digest), "it")));
    return manifests.flatMap(({ layers }) => layers);
  };
  /** The digest that the image has where no forger has been. */
  const honest = async (inputs: ValueMap): Promise<Digest> => {
    const { derived } = await checkWith(shop.session(), "customization", { news: { ...inputs, destination: "oci:reused-honest" } });
    shop.loseCache();
    return derived["digest"] as Digest;
  };
  const hasForged = async (at: string, state: State): Promise<boolean> =>
    (await layersOf(at, digestIn(state))).some(({ digest }) => digest === forgedDigest);

  describe("are not taken", () => {
    it("from an image that somebody has put under our tag", async () => {
      const { at, inputs, state } = await start();
      await open(at).putManifest("1_custom", await forgeImage(open(at), digestIn(state)));
      const wanted = await honest(changed(inputs));
      const next = await shop.up("customization", changed(inputs), state);
      assert.equal(digestIn(next), wanted);
      assert.equal(await hasForged(at, next), false);
    });

    it("by a new resource from an image that looks like ours", async () => {
      const { at, inputs, state } = await start();
      await open(at).putManifest("1_custom", await forgeImage(open(at), digestIn(state)));
      const wanted = await honest(changed(inputs));
      const next = await shop.up("customization", changed(inputs));
      assert.equal(digestIn(next), wanted);
      assert.equal(await hasForged(at, next), false);
    });

    it("from what replaced the image in state, after a patch of the base", async () => {
      const { at, inputs, state } = await start();
      await open(at).putManifest("1_custom", await forgeImage(open(at), digestIn(state)));
      await removeBlob(at, digestIn(state));
      await shop.put(at, "1", baseParts("2"));
      const wanted = await honest(inputs);
      const next = await shop.up("customization", inputs, state);
      assert.equal(digestIn(next), wanted);
      assert.equal(await hasForged(at, next), false);
    });

    it("from an image whose digest came into state by an import", async () => {
      const { at, inputs, state } = await start();
      const forged = await forgeImage(open(at), digestIn(state));
      await open(at).putManifest("1_custom", forged);
      const read = await lifecycles.customization.read(shop.session(), state.id, {});
      assert.equal(read?.outputs["digest"], forged.digest);
      const imported = { ...state, inputs: { ...inputs, ...read.outputs }, outputs: { ...inputs, ...read.outputs } };
      const wanted = await honest(changed(inputs));
      assert.equal(digestIn(await shop.up("customization", changed(inputs), imported)), wanted);
    });

    it("from a base that carries our keys", async () => {
      const { at, state } = await start();
      const ours = await layersOf(at, digestIn(state));
      const { [LAYER_KEY_ANNOTATION]: key } = ours.at(-1)?.annotations ?? {};
      assert.ok(key !== undefined);
      const hostile = `oci:reused-hostile-${(count += 1)}`;
      await shop.put(hostile, "1");
      const repository = open(hostile);
      const index = await repository.getManifest("1");
      assert.ok(index);
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
      const first = await shop.up("customization", plain);
      shop.loseCache();
      const wanted = await honest({ ...plain, scripts });
      const next = await shop.up("customization", { ...plain, scripts }, first);
      assert.equal(digestIn(next), wanted);
      const digests = async (layers: Promise<readonly Descriptor[]>): Promise<readonly Digest[]> =>
        (await layers).map(({ digest }) => digest);
      assert.deepEqual(
        await digests(layersOf(hostile, digestIn(next))),
        ours.map(({ digest }) => digest),
      );
    });
  });

  describe("are reused", () => {
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
      const { at, inputs, state } = await start();
      const patched = await shop.put(at, "1", baseParts("2"));
      const wanted = await honest(inputs);
      const { session, put } = counting(shop.session());
      const next = await shop.up("customization", inputs, state, session);
      assert.equal(digestIn(next), wanted);
      assert.equal(session.memory.layers.size, 0);
      assert.equal(put.length, 2, "two configs");
      assert.deepEqual(next.outputs[LAYER_RECORDS], state.outputs[LAYER_RECORDS]);
      assert.notEqual(patched, digestIn(next));
    });

    it("not by state of 0.1.0, which has no records; what is made again is there already", async () => {
      const { inputs, state } = await start();
      const old = { ...state, inputs: withoutRecords(state.inputs), outputs: withoutRecords(state.outputs) };
      const same = await shop.up("customization", inputs, old);
      assert.equal(same.did, "same");
      assert.equal(LAYER_RECORDS in same.inputs, false);
      const wanted = await honest(changed(inputs));
      const session = shop.session();
      const next = await shop.up("customization", changed(inputs), old, session);
      assert.equal(digestIn(next), wanted);
      assert.equal(session.memory.layers.size, 1);
      assert.match(next.lines.join("\n"), /in 2 blobs uploaded, 0 mounted, 1 there already/);
      assert.deepEqual(next.outputs[LAYER_RECORDS], state.outputs[LAYER_RECORDS]);
    });

    it("from records that only check has written: neither read, get nor a program changes them", async () => {
      const { at, inputs, state } = await start();
      await open(at).putManifest("1_custom", await forgeImage(open(at), digestIn(state)));
      const read = await lifecycles.customization.read(shop.session(), state.id, state.outputs);
      assert.deepEqual(read?.outputs[LAYER_RECORDS], state.outputs[LAYER_RECORDS]);
      assert.deepEqual(read?.inputs?.[LAYER_RECORDS], state.outputs[LAYER_RECORDS]);
      const got = await lifecycles.customization.read(shop.session(), state.id, {});
      assert.equal(got !== undefined && LAYER_RECORDS in got.outputs, false);
      // As a program would, or ignoreChanges.
      const [key] = parseLayerRecords(state.outputs).keys();
      const record = { digest: forgedDigest, size: 1, diffId: forgedDigest };
      const wanted = await honest(changed(inputs));
      const news = { ...changed(inputs), [LAYER_RECORDS]: { [key ?? ""]: record } };
      const checked = await checkWith(shop.session(), "customization", { news, olds: state.inputs });
      assert.equal(checked.derived["digest"], wanted);
      assert.deepEqual(checked.derived[LAYER_RECORDS], state.outputs[LAYER_RECORDS]);
      assert.equal(LAYER_RECORDS in checked.inputs, false);
    });

    it("from records that a deferred failure leaves in state", async () => {
      const { inputs, state } = await start();
      const session = shop.session({ deferFailures: true });
      const news = { ...inputs, runAs: "nobody at all" };
      const { derived } = await checkWith(session, "customization", { news, olds: state.inputs });
      assert.ok("failure" in derived);
      assert.deepEqual(derived[LAYER_RECORDS], state.outputs[LAYER_RECORDS]);
    });

    it("only while the destination has their bytes; else they are made again", async () => {
      const { at, inputs, state } = await start();
      const [record] = parseLayerRecords(state.outputs).values();
      assert.ok(record);
      await removeBlob(at, record.digest);
      const next = await shop.up("customization", changed(inputs), state);
      assert.ok((await layersOf(at, digestIn(next))).some(({ digest }) => digest === record.digest));
      assert.equal(await open(at).hasBlob({ mediaType: "", ...record }), true);
    });

    it("also where their bytes are lost between check and update: they are made again", async () => {
      const { at, inputs, state } = await start();
      const [record] = parseLayerRecords(state.outputs).values();
      assert.ok(record);
      const session = shop.session();
      const checked = await checkWith(session, "customization", { news: changed(inputs), olds: state.inputs });
      await removeBlob(at, record.digest);
      const wanted = { ...checked.inputs, ...checked.derived };
      const outputs = await lifecycles.customization.update(session, state.id, state.outputs, wanted, keepRow());
      assert.equal(outputs["digest"], checked.derived["digest"]);
      assert.equal(await open(at).hasBlob({ mediaType: "", ...record }), true);
    });

    it("and those that only the cache had, and lost between check and create, are made again too", async () => {
      const { at, inputs } = await start();
      const session = shop.session();
      const news = { ...inputs, suffix: "lost", scripts: [{ ...scripts[0], content: `#!/bin/sh\n# ${at}\n` }] };
      const checked = await checkWith(session, "customization", { news });
      const [record] = parseLayerRecords(checked.derived).values();
      const path = await session.cache.path("blobs", record?.digest ?? "");
      assert.ok(path !== undefined);
      await rm(path);
      await lifecycles.customization.create(session, { ...checked.inputs, ...checked.derived }, keepRow());
      assert.equal(await shop.head(at, "1_lost"), checked.derived["digest"]);
    });

    it("by an update in a process of its own, from the records that check has returned", async () => {
      const { at, inputs, state } = await start();
      const checked = await checkWith(shop.session(), "customization", { news: changed(inputs), olds: state.inputs });
      shop.loseCache();
      const session = shop.session();
      const wanted = { ...checked.inputs, ...checked.derived };
      await lifecycles.customization.update(session, state.id, state.outputs, wanted, keepRow());
      assert.equal(await shop.head(at, "1_custom"), checked.derived["digest"]);
      assert.equal(session.memory.layers.size, 0);
    });
  });
});

describe("layer records in state", () => {
  const key = "a".repeat(64);
  const digest = `sha256:${"b".repeat(64)}`;
  const record = { digest, size: 1, diffId: digest };

  it("are read as they were written", () => {
    assert.deepEqual([...parseLayerRecords({ [LAYER_RECORDS]: { [key]: record } })], [[key, record]]);
  });

  const odd: Readonly<Record<string, ValueMap>> = {
    "none at all": {},
    "no map": { [LAYER_RECORDS]: [record] },
    "a key that is not one": { [LAYER_RECORDS]: { [key.slice(1)]: record, [key.toUpperCase()]: record, constructor: record } },
    "no record": { [LAYER_RECORDS]: { [key]: "x" } },
    "no digest": { [LAYER_RECORDS]: { [key]: { ...record, digest: "latest" } } },
    "no diffID": { [LAYER_RECORDS]: { [key]: { digest, size: 1 } } },
    "a size of zero": { [LAYER_RECORDS]: { [key]: { ...record, size: 0 } } },
    "a size that is no integer": { [LAYER_RECORDS]: { [key]: { ...record, size: 1.5 } } },
    "a size that is text": { [LAYER_RECORDS]: { [key]: { ...record, size: "1" } } },
  };
  for (const [name, state] of Object.entries(odd)) {
    it(`are none with ${name}`, () => {
      assert.equal(parseLayerRecords(state).size, 0);
    });
  }
});

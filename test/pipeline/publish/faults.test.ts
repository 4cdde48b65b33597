import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { DhiError } from "../../../provider/errors.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { PartialFailure } from "../../../provider/pipeline/partial-failure.js";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ValueMap } from "../../../provider/values.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow, openSession } from "../../support/session/session.js";
import { checkWith, Workshop } from "../workshop.js";

/** A session whose repositories fail as `fault` decides, with faults that a layout on disk does not have. */
function failing(session: Session, fault: (method: keyof ImageRepository, reference: string) => DhiError | undefined): Session {
  const wrap = (inner: ImageRepository): ImageRepository => {
    const guard = <T>(method: keyof ImageRepository, reference: string, work: () => Promise<T>): Promise<T> => {
      const error = fault(method, reference);
      return error === undefined ? work() : Promise.reject(error);
    };
    return {
      repository: inner.repository,
      headManifest: (reference) => guard("headManifest", reference, () => inner.headManifest(reference)),
      getManifest: (reference) => guard("getManifest", reference, () => inner.getManifest(reference)),
      putManifest: (reference, manifest) => guard("putManifest", reference, () => inner.putManifest(reference, manifest)),
      hasBlob: (descriptor) => inner.hasBlob(descriptor),
      readBlob: (descriptor) => inner.readBlob(descriptor),
      putBlob: (descriptor, source, from) => guard("putBlob", descriptor.digest, () => inner.putBlob(descriptor, source, from)),
      deleteTag: (tag, expected) => guard("deleteTag", tag, () => inner.deleteTag(tag, expected)),
      listTags: () => inner.listTags(),
    };
  };
  const { repositories } = session;
  return { ...session, repositories: { ...repositories, open: (repository) => wrap(repositories.open(repository)) } };
}

const down = new DhiError("unavailable", "the registry answered 503");
const forbidden = new DhiError("unauthorized", "the registry answered 403");

describe("when a registry fails", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    await shop.put("oci:base", "1");
  });
  after(() => shop.remove());
  const inputs: ValueMap = { repository: "oci:base", version: "1", suffix: "f" };
  const checked = async (news: ValueMap, olds: ValueMap = {}): Promise<ValueMap> => {
    const result = await checkWith(shop.session(), "customization", { news, olds });
    assert.deepEqual(result.failures, []);
    return { ...result.inputs, ...result.derived };
  };
  const partial = async (work: Promise<unknown>): Promise<PartialFailure> => {
    const thrown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof PartialFailure);
    return thrown;
  };

  it("a create that moved no tag leaves no state", async () => {
    const wanted = await checked({ ...inputs, suffix: "none" });
    for (const method of ["putBlob", "putManifest"] as const) {
      const session = failing(shop.session(), (called) => (called === method ? down : undefined));
      await assert.rejects(lifecycles.customization.create(session, wanted, keepRow()), { code: "unavailable", origin: "destination" });
    }
    assert.equal(await shop.head("oci:base", "1_none"), undefined);
  });

  it("a create that moved one of two tags records that one, and the next update continues", async () => {
    const wanted = await checked({ ...inputs, suffix: "half", additionalTags: ["b", "c"] });
    const session = failing(shop.session(), (method, reference) => (method === "putManifest" && reference === "b" ? forbidden : undefined));
    const failure = await partial(lifecycles.customization.create(session, wanted, keepRow()));
    assert.equal(failure.id, "oci:base:1_half");
    assert.deepEqual(failure.reasons, ["additionalTags[0]: the registry answered 403"]);
    assert.deepEqual(failure.outputs, { ...wanted, tags: { "1_half": wanted["digest"] } });
    assert.equal(await shop.head("oci:base", "1_half"), wanted["digest"]);
    const next = await checked({ ...inputs, suffix: "half", additionalTags: ["b", "c"] }, wanted);
    assert.deepEqual(
      await lifecycles.customization.update(shop.session(), failure.id, failure.outputs, next, keepRow()),
      withoutDrift(next),
    );
    assert.equal(await shop.head("oci:base", "c"), wanted["digest"]);
  });

  it("an update that cannot remove an old tag keeps it in state, and the next update removes it", async () => {
    const before = await checked({ ...inputs, suffix: "drop", additionalTags: ["gone", "old"] });
    const { id, outputs } = await lifecycles.customization.create(shop.session(), before, keepRow());
    const wanted = await checked({ ...inputs, suffix: "drop", additionalTags: ["new"] }, outputs);
    const session = failing(shop.session(), (method, reference) => (method === "deleteTag" && reference === "old" ? forbidden : undefined));
    const failure = await partial(lifecycles.customization.update(session, id, outputs, wanted, keepRow()));
    const { digest } = wanted;
    assert.deepEqual(failure.outputs["tags"], { "1_drop": digest, old: digest, new: digest });
    assert.deepEqual(await lifecycles.customization.update(shop.session(), id, failure.outputs, wanted, keepRow()), wanted);
    assert.equal(await shop.head("oci:base", "old"), undefined);
    assert.equal(await shop.head("oci:base", "new"), digest);
  });

  it("check keeps an unchanged image with a warning, and fails for a changed one", async () => {
    const olds = await checked(inputs);
    await lifecycles.customization.create(shop.session(), olds, keepRow());
    const session = failing(shop.session(), (method) => (method === "headManifest" ? down : undefined));
    const same = await checkWith(session, "customization", { news: inputs, olds });
    assert.deepEqual({ ...same.inputs, ...same.derived }, olds);
    assert.equal(same.lines.length, 2);
    assert.match(same.lines[0] ?? "", /^warning: kept unchanged: version: the registry answered 503\. Its sources were last confirmed at /);
    const changed = await checkWith(session, "customization", { news: { ...inputs, cmd: ["x"] }, olds });
    assert.deepEqual(changed.failures, [{ property: "", reason: "version: the registry answered 503" }]);
    const fresh = failing(shop.session({ requireFresh: true }), (method) => (method === "headManifest" ? down : undefined));
    assert.equal((await checkWith(fresh, "customization", { news: inputs, olds })).failures.length, 1);
  });

  it("check keeps an unchanged image when the destination is unavailable", async () => {
    const moved = { ...inputs, suffix: "unsure" };
    const olds = await checked(moved);
    await lifecycles.customization.create(shop.session(), olds, keepRow());
    await shop.session().repositories.open(parseRepository("oci:base")).deleteTag("1_unsure");
    const session = failing(shop.session(), (method, reference) =>
      method === "headManifest" && reference === olds["digest"] ? down : undefined,
    );
    const same = await checkWith(session, "customization", { news: moved, olds });
    assert.deepEqual({ ...same.inputs, ...same.derived }, olds);
    assert.deepEqual(same.lines, ["warning: the tags could not be checked: the registry answered 503"]);
  });

  it("check ignores the confirmation of another project's layout of the same name in a shared cache", async (t) => {
    const other = await Workshop.open();
    t.after(() => other.remove());
    await other.put("oci:base", "1");
    const news = { ...inputs, suffix: "shared" };
    await checked(news);
    const olds = await checkWith(other.session(), "customization", { news });
    const shared = openSession({ projectDirectory: other.folder, cacheDirectory: shop.session().cache.directory });
    const session = failing(shared, (method) => (method === "headManifest" ? down : undefined));
    const { lines } = await checkWith(session, "customization", { news, olds: { ...olds.inputs, ...olds.derived } });
    assert.match(lines[0] ?? "", /were last confirmed at an unknown time$/);
  });

  it("check does not treat a refusal as an outage", async () => {
    const olds = await checked(inputs);
    const session = failing(shop.session(), (method) => (method === "headManifest" ? forbidden : undefined));
    const { failures } = await checkWith(session, "customization", { news: inputs, olds });
    assert.deepEqual(failures, [{ property: "", reason: "version: the registry answered 403" }]);
  });

  it("read does not treat a failure as a deleted image", async () => {
    const olds = await checked(inputs);
    for (const error of [down, forbidden]) {
      const session = failing(shop.session(), (method) => (method === "headManifest" ? error : undefined));
      await assert.rejects(lifecycles.customization.read(session, "oci:base:1_f", olds), { code: error.code });
    }
  });

  it("delete warns about a tag that stays, without an error", async () => {
    const wanted = await checked({ ...inputs, suffix: "stays" });
    const { id, outputs } = await lifecycles.customization.create(shop.session(), wanted, keepRow());
    const inner = shop.session();
    const stubborn = inner.repositories.open(parseRepository("oci:base"));
    stubborn.deleteTag = () => Promise.resolve({ deleted: false, reason: "no means no" });
    const row = keepRow();
    const session = { ...inner, repositories: { ...inner.repositories, open: () => stubborn } };
    await lifecycles.customization.delete(session, id, outputs, row);
    assert.deepEqual(row.lines, ["warning: the tag 1_stays stays in oci:base: no means no"]);
  });
});

function withoutDrift(values: ValueMap): ValueMap {
  const { drift: _, ...rest } = values;
  return rest;
}

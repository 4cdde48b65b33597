import { after, before, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { PartialFailure } from "../../../provider/pipeline/partial-failure.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";
import { failing } from "../../support/session/failing.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow, openSession } from "../../support/session/session.js";
import { checkWith, Workshop } from "../workshop.js";

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
    expect(result.failures).to.deep.equal([]);
    return { ...result.inputs, ...result.derived };
  };
  const partial = async (work: Promise<unknown>): Promise<PartialFailure> => {
    const thrown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    expectThat(thrown instanceof PartialFailure);
    return thrown;
  };

  it("a create that moved no tag leaves no state", async () => {
    const wanted = await checked({ ...inputs, suffix: "none" });
    for (const method of ["putBlob", "putManifest"] as const) {
      const session = failing(shop.session(), (called) => (called === method ? down : undefined));
      await expect(lifecycles.customization.create(session, wanted, keepRow())).to.be.rejectedWithError({
        code: "unavailable",
        origin: "destination",
      });
    }
    expect(await shop.head("oci:base", "1_none")).to.equal(undefined);
  });

  it("a create that moved one of two tags records that one, and the next update continues", async () => {
    const wanted = await checked({ ...inputs, suffix: "half", additionalTags: ["b", "c"] });
    const session = failing(shop.session(), (method, reference) => (method === "putManifest" && reference === "b" ? forbidden : undefined));
    const failure = await partial(lifecycles.customization.create(session, wanted, keepRow()));
    expect(failure.id).to.equal("oci:base:1_half");
    expect(failure.reasons).to.deep.equal(["additionalTags[0]: the registry answered 403"]);
    expect({ ...failure.outputs, __published: {} }).to.deep.equal({ ...wanted, tags: { "1_half": wanted["digest"] } });
    expect(await shop.head("oci:base", "1_half")).to.equal(wanted["digest"]);
    const next = await checked({ ...inputs, suffix: "half", additionalTags: ["b", "c"] }, wanted);
    const updated = await lifecycles.customization.update(shop.session(), failure.id, failure.outputs, next, keepRow());
    expect({ ...updated, __published: {} }).to.deep.equal(withoutDrift(next));
    expect(await shop.head("oci:base", "c")).to.equal(wanted["digest"]);
  });

  it("an update that cannot remove an old tag keeps it in state, and the next update removes it", async () => {
    const before = await checked({ ...inputs, suffix: "drop", additionalTags: ["gone", "old"] });
    const { id, outputs } = await lifecycles.customization.create(shop.session(), before, keepRow());
    const wanted = await checked({ ...inputs, suffix: "drop", additionalTags: ["new"] }, outputs);
    const session = failing(shop.session(), (method, reference) => (method === "deleteTag" && reference === "old" ? forbidden : undefined));
    const failure = await partial(lifecycles.customization.update(session, id, outputs, wanted, keepRow()));
    const { digest } = wanted;
    expect(failure.outputs["tags"]).to.deep.equal({ "1_drop": digest, old: digest, new: digest });
    const updated = await lifecycles.customization.update(shop.session(), id, failure.outputs, wanted, keepRow());
    expect({ ...updated, __published: {} }).to.deep.equal({ ...wanted, __published: {} });
    expect(await shop.head("oci:base", "old")).to.equal(undefined);
    expect(await shop.head("oci:base", "new")).to.equal(digest);
  });

  it("check keeps an unchanged image with a warning, and fails for a changed one", async () => {
    const olds = await checked(inputs);
    await lifecycles.customization.create(shop.session(), olds, keepRow());
    const session = failing(shop.session(), (method) => (method === "headManifest" ? down : undefined));
    const same = await checkWith(session, "customization", { news: inputs, olds });
    expect({ ...same.inputs, ...same.derived }).to.deep.equal(olds);
    expect(same.lines.length).to.equal(2);
    expect(same.lines[0] ?? "").to.match(
      /^warning: kept unchanged: version: the registry answered 503\. Its sources were last confirmed at /,
    );
    const changed = await checkWith(session, "customization", { news: { ...inputs, cmd: ["x"] }, olds });
    expect(changed.failures).to.deep.equal([{ property: "", reason: "version: the registry answered 503" }]);
    const fresh = failing(shop.session({ requireFresh: true }), (method) => (method === "headManifest" ? down : undefined));
    expect((await checkWith(fresh, "customization", { news: inputs, olds })).failures.length).to.equal(1);
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
    expect({ ...same.inputs, ...same.derived }).to.deep.equal(olds);
    expect(same.lines).to.deep.equal(["warning: the tags could not be checked: the registry answered 503"]);
  });

  it("check ignores the confirmation of another project's layout of the same name in a shared cache", async () => {
    const other = await Workshop.open();
    cleanup(() => other.remove());
    await other.put("oci:base", "1");
    const news = { ...inputs, suffix: "shared" };
    await checked(news);
    const olds = await checkWith(other.session(), "customization", { news });
    const shared = openSession({ projectDirectory: other.folder, cacheDirectory: shop.session().cache.directory });
    const session = failing(shared, (method) => (method === "headManifest" ? down : undefined));
    const { lines } = await checkWith(session, "customization", { news, olds: { ...olds.inputs, ...olds.derived } });
    expect(lines[0] ?? "").to.match(/were last confirmed at an unknown time$/);
  });

  it("check does not treat a refusal as an outage", async () => {
    const olds = await checked(inputs);
    const session = failing(shop.session(), (method) => (method === "headManifest" ? forbidden : undefined));
    const { failures } = await checkWith(session, "customization", { news: inputs, olds });
    expect(failures).to.deep.equal([{ property: "", reason: "version: the registry answered 403" }]);
  });

  it("read does not treat a failure as a deleted image", async () => {
    const olds = await checked(inputs);
    for (const error of [down, forbidden]) {
      const session = failing(shop.session(), (method) => (method === "headManifest" ? error : undefined));
      await expect(lifecycles.customization.read(session, "oci:base:1_f", olds)).to.be.rejectedWithError({ code: error.code });
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
    const kept = `1_stays-${(outputs["digest"] as string).slice(7, 19)}`;
    expect(row.lines).to.deep.equal(["1_stays", kept].map((tag) => `warning: the tag ${tag} stays in oci:base: no means no`));
  });
});

function withoutDrift(values: ValueMap): ValueMap {
  const { drift: _, ...rest } = values;
  return rest;
}

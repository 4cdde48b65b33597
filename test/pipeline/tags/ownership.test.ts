import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { digestOf } from "../../../provider/image/digest.js";
import { formatRepository, parseRepository } from "../../../provider/image/reference.js";
import { Claims } from "../../../provider/pipeline/tags/claims.js";
import { PartialFailure } from "../../../provider/pipeline/partial-failure.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { isMap, type ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { baseParts, checkWith, Workshop } from "../workshop.js";

const customization = lifecycles.customization;

/** A session in which one tag cannot be written or removed. */
function stuckAt(session: Session, tag: string, method: "putManifest" | "deleteTag"): Session {
  const { repositories } = session;
  const refuse = (): Promise<never> => Promise.reject(new DhiError("unavailable", "the registry answered 503"));
  return {
    ...session,
    repositories: {
      ...repositories,
      open: (repository) => {
        const inner = repositories.open(repository);
        return new Proxy(inner, {
          get: (target, key) => {
            const value: unknown = Reflect.get(target, key);
            if (typeof value !== "function") return value;
            return (...args: unknown[]): unknown => (key === method && args[0] === tag ? refuse() : Reflect.apply(value, target, args));
          },
        });
      },
    },
  };
}

describe("tags of a resource", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    await shop.put("oci:base", "1");
    await shop.put("oci:other", "1", baseParts("other"));
  });
  after(() => shop.remove());

  const wantedOf = async (news: ValueMap, olds: ValueMap = {}, session = shop.session()): Promise<ValueMap> => {
    const result = await checkWith(session, "customization", { news, olds });
    expect(result.failures).to.deep.equal([]);
    return { ...result.inputs, ...result.derived };
  };
  const failHalfWay = async (session: Session, id: string, olds: ValueMap, wanted: ValueMap): Promise<PartialFailure> => {
    const thrown: unknown = await customization.update(session, id, olds, wanted, keepRow()).catch((error: unknown) => error);
    expectThat(thrown instanceof PartialFailure, String(thrown));
    return thrown;
  };

  it("survive another spelling of the same folder", async () => {
    const inputs = { repository: "oci:base", version: "1", suffix: "spelled", destination: "oci:images" };
    const old = await shop.up("customization", inputs);
    const respelled = { ...inputs, destination: `oci:${join(shop.folder, "images")}` };
    const session = shop.session();
    const wanted = await wantedOf(respelled, old.inputs, session);
    expect(customization.diff(old.id, old.outputs, wanted)).to.deep.equal(["destination"]);
    await customization.create(session, wanted, keepRow());
    await customization.delete(session, old.id, old.outputs, keepRow());
    expect(await shop.head("oci:images", "1_spelled")).to.equal(wanted["digest"]);
  });

  it("cannot be published by two resources under two spellings", async () => {
    const session = shop.session();
    const news = { repository: "oci:base", version: "1", suffix: "twice", destination: "oci:images" };
    await wantedOf(news, {}, session);
    const second = { urn: "urn:second", news: { ...news, destination: `oci:${join(shop.folder, "images")}` } };
    const { failures } = await checkWith(session, "customization", second);
    expect(failures[0]?.reason ?? "").to.match(/another resource of this program also publishes/);
  });

  it("are claimed by a resource with invalid inputs, so that they are not removed in the meantime", async () => {
    const inputs = { repository: "oci:base", version: "1", suffix: "claimed" };
    const old = await shop.up("customization", inputs);
    const session = shop.session({ deferFailures: true });
    await checkWith(session, "customization", { urn: "urn:renamed", news: { ...inputs, runAs: "nobody at all" } });
    await customization.delete(session, old.id, old.outputs, keepRow());
    expect(await shop.head("oci:base", "1_claimed")).to.equal(old.outputs["digest"]);
  });

  it("are removed by the next update when a failed one could not remove them", async () => {
    const inputs = { repository: "oci:base", version: "1", suffix: "drop", additionalTags: ["drop-latest"] };
    const old = await shop.up("customization", inputs);
    const { additionalTags: _dropped, ...rest } = inputs;
    const changed = { ...rest, labels: { a: "b" } };
    const wanted = await wantedOf(changed, old.inputs);
    const failed = await failHalfWay(stuckAt(shop.session(), "drop-latest", "deleteTag"), old.id, old.outputs, wanted);
    expect(failed.outputs["unfinished"]).to.deep.equal({ "drop-latest": old.outputs["digest"] });
    const outputs = await customization.update(shop.session(), old.id, failed.outputs, wanted, keepRow());
    expect(await shop.head("oci:base", "drop-latest")).to.equal(undefined);
    expect("unfinished" in outputs).to.equal(false);
  });

  it("are still owned after a failed update, even with another base", async () => {
    const inputs = { repository: "oci:base", version: "1", destination: "oci:moved", additionalTags: ["latest"] };
    const old = await shop.up("customization", inputs);
    const changed = { ...inputs, repository: "oci:other" };
    const wanted = await wantedOf(changed, old.inputs);
    const failed = await failHalfWay(stuckAt(shop.session(), "latest", "putManifest"), old.id, old.outputs, wanted);
    await customization.update(shop.session(), old.id, failed.outputs, wanted, keepRow());
    expect(await shop.head("oci:moved", "latest")).to.equal(wanted["digest"]);
  });

  it("are deleted with the resource after a failed update", async () => {
    const inputs = { repository: "oci:base", version: "1", destination: "oci:gone", additionalTags: ["latest"] };
    const old = await shop.up("customization", inputs);
    const wanted = await wantedOf({ ...inputs, labels: { a: "b" } }, old.inputs);
    const failed = await failHalfWay(stuckAt(shop.session(), "latest", "putManifest"), old.id, old.outputs, wanted);
    await customization.delete(shop.session(), old.id, failed.outputs, keepRow());
    expect(await shop.head("oci:gone", "latest")).to.equal(undefined);
    expect(await shop.head("oci:gone", "1")).to.equal(undefined);
  });

  it("are left when they are moved between check and deletion", async () => {
    const old = await shop.up("customization", { repository: "oci:base", version: "1", suffix: "raced" });
    const layout = shop.session().repositories.open(parseRepository("oci:base"));
    const moved = await layout.getManifest("1");
    expectThat(moved);
    await layout.putManifest("1_raced", moved);
    const digest = old.outputs["digest"] as `sha256:${string}`;
    expect(await layout.deleteTag("1_raced", digest)).to.deep.equal({ deleted: true });
    expect(await shop.head("oci:base", "1_raced")).to.equal(moved.digest);
  });

  it("are composed again by check, and not promised from state, when tags and image are gone", async () => {
    const inputs = { repository: "oci:base", version: "1", destination: "oci:lost" };
    const old = await shop.up("customization", inputs);
    await customization.delete(shop.session(), old.id, old.outputs, keepRow());
    const lost = { repository: "oci:base", version: "1", destination: "oci:lost-for-good" };
    const elsewhere = { ...old.inputs, ...lost };
    const session = shop.session();
    const wanted = await wantedOf(lost, elsewhere, session);
    expect(session.memory.compositions.size).to.equal(1);
    expect(wanted["drift"]).to.deep.equal({ "1": "missing" });
  });

  it("may belong to an image with labels and variables named like object members", async () => {
    const inputs = { repository: "oci:base", version: "1", suffix: "names", labels: { constructor: "x" }, environment: { toString: "y" } };
    const { config } = await wantedOf(inputs);
    expectThat(isMap(config));
    expect(config["labels"]).to.deep.equal({ constructor: { image: "x" } });
    expectThat(config["labels"] !== undefined);
    expect(config["environment"]).to.deep.equal({ toString: { image: "y" } });
    expectThat(config["environment"] !== undefined);
  });
});

describe("the tag of an image from scratch", () => {
  const { artifact } = lifecycles;
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    await shop.put("oci:base", "1");
  });
  after(() => shop.remove());

  let count = 0;
  const fresh = () => ({
    repository: `oci:tools-${String((count += 1))}`,
    tag: "1",
    platforms: ["linux/amd64"],
    labels: { a: "b" },
  });
  const other = { labels: { other: "stack" } };
  const check = (news: ValueMap, olds: ValueMap = {}, session = shop.session(), urn?: string) =>
    checkWith(session, "artifact", { news, olds, urn });

  it("belongs to the resource that has it in state, and not to every user of pulumi-dhi", async () => {
    const inputs = fresh();
    const state = await shop.up("artifact", inputs);
    const { failures } = await check({ ...inputs, ...other });
    expect(failures.length).to.equal(1);
    expect(failures[0]?.reason ?? "").to.match(
      /^tag: the tag 1 in oci:tools-\d+ points at sha256:[0-9a-f]+, which this stack did not publish\. .*overwrite: true.*adopting/,
    );
    const changed = await shop.up("artifact", { ...inputs, ...other }, state);
    expect(changed.did).to.equal("update");
    const taken = await shop.up("artifact", { ...inputs, overwrite: true });
    expect(await shop.head(inputs.repository, "1")).to.equal(taken.outputs["digest"]);
  });

  it("is also rejected by create when someone else has published there since check", async () => {
    const inputs = fresh();
    const checked = await check(inputs);
    await shop.up("artifact", { ...inputs, ...other });
    const create = artifact.create(shop.session(), { ...checked.inputs, ...checked.derived }, keepRow());
    await expect(create).to.be.rejectedWithError({ code: "conflict", origin: "destination", property: "tag" });
  });

  it("is adopted without state when it has exactly the image to publish", async () => {
    const inputs = fresh();
    const state = await shop.up("artifact", inputs);
    expect((await shop.up("artifact", inputs)).outputs["digest"]).to.equal(state.outputs["digest"]);
  });

  it("does not belong to a customization, although pulumi-dhi made both", async () => {
    const inputs = fresh();
    await shop.up("artifact", inputs);
    const news = { repository: "oci:base", version: "1", destination: inputs.repository };
    const { failures } = await checkWith(shop.session(), "customization", { news });
    expect(failures[0]?.reason ?? "").to.match(/which this stack did not publish/);
    await shop.up("customization", { ...news, destination: "oci:custom" });
    const reverse = await check({ ...inputs, repository: "oci:custom" });
    expect(reverse.failures[0]?.reason ?? "").to.match(/which this stack did not publish/);
  });

  it("is owned during a replacement that changes the image, whose second check and create do not receive state", async () => {
    const inputs = fresh();
    const state = await shop.up("artifact", inputs);
    const session = shop.session();
    const news = { ...inputs, ...other };
    expect((await check(news, state.inputs, session, "urn:a")).failures).to.deep.equal([]);
    const second = await check(news, {}, session, "urn:a");
    expect(second.failures).to.deep.equal([]);
    const { outputs } = await artifact.create(session, { ...second.inputs, ...second.derived }, keepRow());
    await artifact.delete(session, state.id, state.outputs, keepRow());
    expect(await shop.head(inputs.repository, "1")).to.equal(outputs["digest"]);
    expect(outputs["digest"]).to.not.equal(state.outputs["digest"]);
  });

  for (const resource of ["artifact", "customization"] as const) {
    it(`is recognized by the ${resource} that was killed before it wrote state, even if it has changed since`, async () => {
      const inputs = fresh();
      const base = { repository: "oci:base", version: "1", destination: inputs.repository };
      const published = resource === "artifact" ? inputs : base;
      // Also with another base, so that only state or the record can identify it.
      await shop.put("oci:other-base", "1", baseParts("other"));
      const changed = resource === "artifact" ? { ...inputs, ...other } : { ...base, repository: "oci:other-base" };
      const urn = `urn:pulumi:dev::project::${resource}::one`;
      const killed = shop.session();
      const first = await checkWith(killed, resource, { urn, news: published });
      await lifecycles[resource].create(killed, { ...first.inputs, ...first.derived }, keepRow());
      const stranger = await checkWith(shop.session(), resource, { urn: urn.replace("dev", "prod"), news: changed });
      expect(stranger.failures[0]?.reason ?? "").to.match(/which this stack did not publish/);
      const session = shop.session();
      const next = await checkWith(session, resource, { urn, news: changed });
      expect(next.failures).to.deep.equal([]);
      const { outputs } = await lifecycles[resource].create(session, { ...next.inputs, ...next.derived }, keepRow());
      expect(await shop.head(inputs.repository, "1")).to.equal(outputs["digest"]);
    });
  }

  it("does not belong to a resource when it points at an invalid index", async () => {
    const inputs = fresh();
    const layout = shop.session().repositories.open(parseRepository(inputs.repository));
    const bytes = Buffer.from('{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":{}}');
    await layout.putManifest("1", { mediaType: "application/vnd.oci.image.index.v1+json", digest: digestOf(bytes), bytes });
    expect((await check(inputs)).failures[0]?.reason ?? "").to.match(/which this stack did not publish/);
    const base = { repository: "oci:base", version: "1", destination: inputs.repository };
    const { failures } = await checkWith(shop.session(), "customization", { news: base });
    expect(failures[0]?.reason ?? "").to.match(/which this stack did not publish/);
    expect((await shop.up("customization", { ...base, overwrite: true })).did).to.equal("create");
  });
});

it("claims of a rejected resource hold for its other tags", () => {
  const claims = new Claims(formatRepository);
  const destination = parseRepository("oci:images");
  expect(claims.claim({ destination, tags: ["a", "b"] }, "one")).to.deep.equal([]);
  expect(claims.claim({ destination, tags: ["b", "c"] }, "two")).to.deep.equal(["b"]);
  expect(claims.isClaimed({ destination, tags: [] }, "c")).to.equal(true);
  expect(claims.claim({ destination, tags: ["b"] }, "one")).to.deep.equal([]);
});

import { after, before, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { unknown, type ValueMap } from "../../../provider/values.js";
import { baseParts, changed, checkWith, Workshop, type State } from "../../pipeline/workshop.js";
import { expect } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { startRange } from "./range-stage.js";

const unlisted = (session: Session, fault: DhiError): Session => changed(session, () => ({ listTags: () => Promise.reject(fault) }));

describe("the life of an image whose base is a range of versions", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  const startWith = (more: ValueMap = {}) => startRange(shop, more);
  /** The tag that keeps an image of a version. */
  const keeps = (version: string, { outputs }: State): string => `${version}_custom-${(outputs["digest"] as string).slice(7, 19)}`;
  const tagsOf = (at: string) => shop.session().repositories.open(parseRepository(at)).listTags();
  const failures = async (news: ValueMap, session = shop.session()): Promise<readonly string[]> =>
    (await checkWith(session, "customization", { news })).failures.map(({ reason }) => reason);

  it("create publishes under the tag that was matched, and the same again does nothing", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    expect(state.id).to.equal(`${at}:^3.13_custom`);
    const { digest, tags, base, resolution, asBase } = state.outputs;
    const found = await shop.head(at, "3.13.1");
    expect(tags).to.deep.equal({ "3.13.1_custom": digest });
    expect(base).to.deep.equal({ ref: `${at}@${String(found)}`, digest: found, tag: "3.13.1" });
    expect((resolution as ValueMap)["base"]).to.deep.equal({ tag: "3.13.1", digest: found });
    expect(asBase).to.deep.equal({ repository: at, version: `3.13.1_custom@${digest as string}` });
    expect(state.outputs["version"]).to.deep.equal({ range: "^3.13" });
    shop.loseCache();
    expect((await shop.up("customization", inputs, state)).did).to.equal("same");
  });

  it("a newer tag in the range is an update in place with its reason: the new tag comes, the old one goes", async () => {
    const { at, inputs } = await startWith({ additionalTags: ["latest"] });
    const state = await shop.up("customization", inputs);
    for (const tag of ["3.13.2", "3.13.3-dev", "4.0.0"]) await shop.put(at, tag, baseParts(tag));
    const next = await shop.up("customization", inputs, state);
    expect(next.did).to.equal("update");
    expect(next.id).to.equal(state.id);
    expect(next.outputs["reasons"]).to.deep.equal(["the base moved from 3.13.1 to 3.13.2"]);
    const { digest } = next.outputs;
    expect(next.outputs["tags"]).to.deep.equal({ "3.13.2_custom": digest, latest: digest });
    expect((await tagsOf(at)).filter((tag) => !/^\d[\d.]*(?:-dev)?$/.test(tag))).to.deep.equal([
      keeps("3.13.1", state),
      "3.13.2_custom",
      keeps("3.13.2", next),
      "latest",
    ]);
    const same = await shop.up("customization", inputs, next);
    expect(same.did).to.equal("same");
    expect(same.inputs["reasons"]).to.deep.equal(["the base moved from 3.13.1 to 3.13.2"]);
    // The newest that is there: a version that was withdrawn is left again.
    await shop.session().repositories.open(parseRepository(at)).deleteTag("3.13.2");
    const back = await shop.up("customization", inputs, same);
    expect(back.outputs["reasons"]).to.deep.equal(["the base moved from 3.13.2 to 3.13.1"]);
    expect(back.outputs["digest"]).to.equal(state.outputs["digest"]);
  });

  it("a matched tag that moves is a rebuild as of any tag", async () => {
    const { at, inputs } = await startWith({ version: { range: "^3.13", variant: "dev" } });
    const state = await shop.up("customization", inputs);
    const before = String(await shop.head(at, "3.13.1-dev"));
    const now = await shop.put(at, "3.13.1-dev", baseParts("patched"));
    const next = await shop.up("customization", inputs, state);
    expect(next.outputs["reasons"]).to.deep.equal([`base 3.13.1-dev: ${before.slice(0, 19)} → ${now.slice(0, 19)}`]);
    expect(Object.keys(next.outputs["tags"] as ValueMap)).to.deep.equal(["3.13.1-dev_custom"]);
  });

  it("another range, variant or suffix replaces, and a tag that both publish survives the deletion", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    const changes: readonly ValueMap[] = [{ range: "~3.13.1" }, { range: "^3.13", variant: "dev" }];
    for (const version of [...changes, "3.13.1"]) {
      expect((await shop.up("customization", { ...inputs, version }, state)).did).to.equal("replace version");
    }
    const session = shop.session();
    const news = { ...inputs, version: { range: "~3.13.1" } };
    const checked = await checkWith(session, "customization", { news, olds: state.inputs, urn: "urn:a" });
    const again = await checkWith(session, "customization", { news, urn: "urn:a" });
    expect([...checked.failures, ...again.failures]).to.deep.equal([]);
    const made = await lifecycles.customization.create(session, { ...again.inputs, ...again.derived }, keepRow());
    expect(made.id).to.equal(`${at}:~3.13.1_custom`);
    await lifecycles.customization.delete(session, state.id, state.outputs, keepRow());
    expect(await shop.head(at, "3.13.1_custom")).to.equal(made.outputs["digest"]);
  });

  it("ignoreChanges on the resolution holds the matched tag while it lies in the range", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    await shop.put(at, "3.13.2", baseParts("3.13.2"));
    const { resolution = null } = state.inputs;
    const held = await shop.up("customization", { ...inputs, resolution }, state);
    expect(held.did).to.equal("same");
    const other = await shop.up("customization", { ...inputs, cmd: ["x"], resolution }, state);
    expect(other.outputs["reasons"]).to.deep.equal(["cmd changed"]);
    expect(Object.keys(other.outputs["tags"] as ValueMap)).to.deep.equal(["3.13.1_custom"]);
    const news: ValueMap = { ...inputs, version: { range: "^3.13.2" }, resolution };
    const { derived } = await checkWith(shop.session(), "customization", { news, olds: other.inputs });
    expect((derived["base"] as ValueMap)["tag"]).to.equal("3.13.2");
  });

  const down = new DhiError("unavailable", "the registry answered 503");

  it("an outage of the listing keeps the tag of what has not changed, and is an error for what has", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    await shop.put(at, "3.13.2", baseParts("3.13.2"));
    const kept = await shop.up("customization", inputs, state, unlisted(shop.session(), down));
    expect(kept.did).to.equal("same");
    expect(kept.lines).to.deep.equal(["warning: the base stays at 3.13.1: version: the registry answered 503"]);
    const other = shop.up("customization", { ...inputs, cmd: ["x"] }, state, unlisted(shop.session(), down));
    await expect(other).to.be.rejectedWith(/^version: the registry answered 503$/);
    const fresh = shop.up("customization", inputs, state, unlisted(shop.session({ requireFresh: true }), down));
    await expect(fresh).to.be.rejectedWith(/answered 503/);
    const refused = new DhiError("unauthorized", "the registry answered 403");
    await expect(shop.up("customization", inputs, state, unlisted(shop.session(), refused))).to.be.rejectedWith(/answered 403/);
  });

  it("no tag in the range is an error that names those around it and the way out", async () => {
    const { at, inputs } = await startWith();
    expect(await failures({ ...inputs, version: { range: "^3.14" } })).to.deep.equal([
      `version: ${at} has no tag in ^3.14; it has 3.12.9, 3.13.1. Mirror a version which has no variant, or change range or variant`,
    ]);
    expect(await failures({ ...inputs, version: { range: "^3.14", variant: "dev" } })).to.deep.equal([
      `version: ${at} has no tag in ^3.14 (dev); it has 3.13.1-dev. Mirror a version of the variant dev, or change range or variant`,
    ]);
    expect((await failures({ ...inputs, repository: "oci:nothing" }))[0] ?? "").to.match(
      /has no tag in \^3\.13, and none that is a version/,
    );
  });

  it("tags are listed once for all images of an operation, and not for what is refused or secret", async () => {
    const { inputs } = await startWith();
    let listings = 0;
    const session = changed(shop.session(), (inner) => ({
      listTags: () => {
        listings += 1;
        return inner.listTags();
      },
    }));
    expect(await failures({ ...inputs, platforms: ["x"] }, session)).to.have.lengthOf(1);
    const secret = await checkWith(session, "customization", { news: inputs, secrets: [["version", "range"]] });
    expect(secret.failures.map(({ property }) => property)).to.deep.equal(["version.range"]);
    expect(secret.failures[0]?.reason ?? "").to.match(/^is a secret, but it is part of an image's name/);
    expect(listings).to.equal(0);
    for (const suffix of ["a", "b"]) expect(await failures({ ...inputs, suffix }, session)).to.deep.equal([]);
    expect(listings).to.equal(1);
  });

  it("two ranges that come to one tag are refused", async () => {
    const { at, inputs } = await startWith();
    const session = shop.session();
    const news = (range: string): ValueMap => ({ ...inputs, version: { range } });
    expect((await checkWith(session, "customization", { news: news("^3.13"), urn: "urn:a" })).failures).to.deep.equal([]);
    const { failures: told } = await checkWith(session, "customization", { news: news("~3.13.0"), urn: "urn:b" });
    expect(told[0]?.reason ?? "").to.match(new RegExp(`^another resource of this program also publishes ${at}:3\\.13\\.1_custom`));
  });

  it("a newer tag that this operation publishes after the range was resolved is refused", async () => {
    const { at, inputs } = await startWith();
    const session = shop.session();
    const made = (tag: string): ValueMap => ({
      repository: at,
      tag,
      scripts: [{ path: "/x", content: "x", uid: 0, gid: 0, mode: "0755" }],
    });
    expect((await checkWith(session, "customization", { news: inputs, urn: "urn:next" })).failures).to.deep.equal([]);
    expect((await checkWith(session, "artifact", { news: made("3.11.9"), urn: "urn:older" })).failures).to.deep.equal([]);
    const { failures: told } = await checkWith(session, "artifact", { news: made("3.13.7"), urn: "urn:newer" });
    expect(told[0]?.reason ?? "").to.match(
      /another resource of this program uses .*:3\.13\.1 for \^3\.13, but this one will publish 3\.13\.7/,
    );
  });

  it("a tag that this operation will publish counts, before it is there", async () => {
    const { at, inputs } = await startWith();
    const session = shop.session();
    const made = { repository: at, tag: "3.13.7", scripts: [{ path: "/x", content: "x", uid: 0, gid: 0, mode: "0755" }] };
    const { derived } = await checkWith(session, "artifact", { news: made, urn: "urn:made" });
    const { derived: next } = await checkWith(session, "customization", { news: inputs, urn: "urn:next" });
    expect(next["base"]).to.deep.include({ tag: "3.13.7", digest: derived["digest"] });
  });

  it("read and delete find the tag that was matched, also where refresh has seen it gone", async () => {
    const { at, inputs } = await startWith({ additionalTags: ["latest"] });
    const state = await shop.up("customization", inputs);
    const { digest } = state.outputs;
    const repository = shop.session().repositories.open(parseRepository(at));
    const stored = await repository.getManifest(digest as string);
    await repository.deleteTag("3.13.1_custom");
    const seen = await lifecycles.customization.read(shop.session(), state.id, state.outputs);
    expect(seen?.outputs["tags"]).to.deep.equal({ latest: digest });
    if (stored !== undefined) await shop.session().repositories.open(parseRepository(at)).putManifest("3.13.1_custom", stored);
    const back = await lifecycles.customization.read(shop.session(), state.id, seen?.outputs ?? {});
    expect(back?.outputs["tags"]).to.deep.equal({ "3.13.1_custom": digest, latest: digest });
    await lifecycles.customization.delete(shop.session(), state.id, seen?.outputs ?? {}, keepRow());
    expect(await tagsOf(at)).to.deep.equal(["3.12.9", "3.13.1", "3.13.1-dev"]);
  });

  it("what is unknown leaves the tags unknown, and what is known is matched all the same", async () => {
    const { at, inputs } = await startWith();
    const derive = async (more: ValueMap): Promise<ValueMap> => {
      const result = await checkWith(shop.session(), "customization", { news: { ...inputs, ...more } });
      expect(result.failures).to.deep.equal([]);
      return result.derived;
    };
    const known = await derive({ environment: { A: unknown } });
    expect(known["tags"]).to.deep.equal({ "3.13.1_custom": unknown });
    expect((known["base"] as ValueMap)["tag"]).to.equal("3.13.1");
    for (const version of [{ range: unknown }, { range: "^3", variant: unknown }, unknown]) {
      const derived = await derive({ version: version as ValueMap });
      expect(derived["tags"]).to.equal(unknown);
      expect(derived["base"]).to.deep.equal({ ref: unknown, digest: unknown, tag: unknown });
    }
    const open = await derive({ repository: unknown, destination: at });
    expect(open["tags"]).to.equal(unknown);
    expect(open["asBase"]).to.deep.equal({ repository: at, version: unknown });
  });

  it("an update that fails after the new tag leaves both in state, and the next one removes the old", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    await shop.put(at, "3.13.2", baseParts("3.13.2"));
    const session = shop.session();
    const checked = await checkWith(session, "customization", { news: inputs, olds: state.inputs });
    const wanted = { ...checked.inputs, ...checked.derived };
    const failing = changed(session, () => ({ deleteTag: () => Promise.reject(down) }));
    const thrown: unknown = await lifecycles.customization.update(failing, state.id, state.outputs, wanted, keepRow()).then(
      () => undefined,
      (error: unknown) => error,
    );
    const { outputs } = thrown as { readonly outputs: ValueMap };
    expect(outputs["tags"]).to.deep.equal({ "3.13.1_custom": state.outputs["digest"], "3.13.2_custom": wanted["digest"] });
    const partial: State = { ...state, inputs: outputs, outputs };
    const next = await shop.up("customization", inputs, partial);
    expect(next.did).to.equal("update");
    expect((await tagsOf(at)).filter((tag) => tag.includes("_"))).to.deep.equal([
      keeps("3.13.1", state),
      "3.13.2_custom",
      keeps("3.13.2", next),
    ]);
  });
});

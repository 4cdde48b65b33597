import { after, before, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { MAXIMUM_ALIASES } from "../../../provider/pipeline/resolve/find-aliases.js";
import { unknown, type ValueMap } from "../../../provider/values.js";
import { baseParts, changed, checkWith, Workshop, type State } from "../../pipeline/workshop.js";
import { expect } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";

/** A session in which tags are listed in another way. */
const listing = (session: Session, listTags: () => Promise<readonly string[]>): Session => changed(session, () => ({ listTags }));

describe("suffixAllTags", () => {
  let shop: Workshop;
  let count = 0;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  const put = (at: string, content: string, ...tags: readonly string[]) =>
    Promise.all(tags.map((tag) => shop.put(at, tag, baseParts(content))));
  /** 3.13 and 3.13.1 are one image, and so are 3, latest, 3.13-dev; 3.12 is another one. */
  const start = async (more: ValueMap = {}): Promise<{ readonly at: string; readonly inputs: ValueMap }> => {
    const at = `oci:aliases-${String((count += 1))}`;
    await put(at, "a", "3", "3.13", "3.13.1", "latest", "3.13-dev");
    await put(at, "b", "3.12");
    return { at, inputs: { repository: at, version: "3.13", suffix: "x", suffixAllTags: true, cmd: ["c"], ...more } };
  };
  const up = (inputs: ValueMap, state?: State): Promise<State> => shop.up("customization", inputs, state);
  const tagsIn = ({ outputs: { tags } }: State): readonly string[] => Object.keys(tags as ValueMap).sort();
  const published = async (at: string) =>
    (await shop.session().repositories.open(parseRepository(at)).listTags()).filter((tag) => tag.endsWith("_x"));

  it("publishes for every tag of the variant that points at the base, as preview says, and the same again does nothing", async () => {
    const { at, inputs } = await start();
    const { derived } = await checkWith(shop.session(), "customization", { news: inputs });
    const state = await up(inputs);
    expect(state.id).to.equal(`${at}:3.13_x`);
    expect(tagsIn(state)).to.deep.equal(["3.13.1_x", "3.13_x", "3_x"]);
    expect(derived["tags"]).to.deep.equal(state.outputs["tags"]);
    expect(await published(at)).to.deep.equal(["3.13.1_x", "3.13_x", "3_x"]);
    shop.loseCache();
    expect((await up(inputs, state)).did).to.equal("same");
    await lifecycles.customization.delete(shop.session(), state.id, state.outputs, keepRow());
    expect(await published(at)).to.deep.equal([]);
  });

  it("for a variant takes its tags alone; a tag that is not a version has no others", async () => {
    const { at, inputs } = await start();
    await put(at, "a", "3-dev", "3.13-fips-dev", "3.12-dev");
    expect(tagsIn(await up({ ...inputs, version: "3.13-dev" }))).to.deep.equal(["3-dev_x", "3.12-dev_x", "3.13-dev_x"]);
    expect(tagsIn(await up({ ...inputs, version: "latest" }))).to.deep.equal(["latest_x"]);
  });

  it("follows the tags: one that came to point at the base is added, one that moved away is removed, and nothing is built", async () => {
    const { at, inputs } = await start({ additionalTags: ["stays"] });
    const state = await up(inputs);
    await put(at, "b", "3");
    await put(at, "a", "3.13.2");
    const next = await up(inputs, state);
    expect(next.did).to.equal("update");
    expect(next.outputs["digest"]).to.equal(state.outputs["digest"]);
    expect(tagsIn(next)).to.deep.equal(["3.13.1_x", "3.13.2_x", "3.13_x", "stays"]);
    expect(await published(at)).to.deep.equal(["3.13.1_x", "3.13.2_x", "3.13_x"]);
    expect((await up(inputs, next)).did).to.equal("same");
    const off = await up({ ...inputs, suffixAllTags: false }, next);
    expect(tagsIn(off)).to.deep.equal(["3.13_x", "stays"]);
    expect(await published(at)).to.deep.equal(["3.13_x"]);
  });

  it("goes with a range, and without a suffix into another repository", async () => {
    const { at, inputs } = await start({ version: { range: "^3.13" } });
    const state = await up(inputs);
    expect(state.id).to.equal(`${at}:^3.13_x`);
    expect(tagsIn(state)).to.deep.equal(["3.13.1_x", "3.13_x", "3_x"]);
    await put(at, "c", "3.13.2", "3.13", "3");
    const next = await up(inputs, state);
    expect(tagsIn(next)).to.deep.equal(["3.13.2_x", "3.13_x", "3_x"]);
    expect(await published(at)).to.deep.equal(["3.13.2_x", "3.13_x", "3_x"]);
    const { suffix: _, ...plain } = inputs;
    expect(tagsIn(await up({ ...plain, version: "3.13.2", destination: `${at}-out` }))).to.deep.equal(["3", "3.13", "3.13.2"]);
  });

  it("is held by ignoreChanges with the rest of the resolution", async () => {
    const { at, inputs } = await start();
    const state = await up(inputs);
    await put(at, "b", "3", "3.13");
    const resolution = state.inputs["resolution"] as ValueMap;
    const request = { news: { ...inputs, resolution }, olds: state.inputs, urn: "urn:held" };
    const { derived } = await checkWith(shop.session(), "customization", request);
    expect(derived["tags"]).to.deep.equal(state.outputs["tags"]);
  });

  it("stays as it is while the tags cannot be listed; one that changes fails", async () => {
    const { inputs } = await start();
    const state = await up(inputs);
    const fault = new DhiError("unavailable", "the registry answered 503");
    const down = () => listing(shop.session(), () => Promise.reject(fault));
    const { derived, lines, failures } = await checkWith(down(), "customization", { news: inputs, olds: state.inputs });
    expect(failures).to.deep.equal([]);
    expect(derived["tags"]).to.deep.equal(state.outputs["tags"]);
    expect(lines.join()).to.include("the tags stay as they are: suffixAllTags: the registry answered 503");
    const changed = await checkWith(down(), "customization", { news: { ...inputs, cmd: ["d"] }, olds: state.inputs });
    expect(changed.failures.map(({ reason }) => reason)).to.deep.equal(["suffixAllTags: the registry answered 503"]);
  });

  it("asks for a bounded number of tags", async () => {
    const { inputs } = await start();
    const many = (number: number) =>
      listing(shop.session(), () => Promise.resolve(Array.from({ length: number }, (_, at) => `3.13.${String(at)}`)));
    const reasons = async (number: number) =>
      (await checkWith(many(number), "customization", { news: inputs })).failures.map(({ reason }) => reason);
    expect(await reasons(MAXIMUM_ALIASES)).to.deep.equal([]);
    const [reason = ""] = await reasons(MAXIMUM_ALIASES + 1);
    expect(reason).to.include(
      `has ${String(MAXIMUM_ALIASES + 1)} tags of the variant of 3.13, and at most ${String(MAXIMUM_ALIASES)} are compared`,
    );
  });

  it("refuses tags of somebody else, of another resource, and ones that are too long", async () => {
    const { at, inputs } = await start();
    await put(at, "z", "3_x");
    const failures = async (news: ValueMap, session = shop.session()) =>
      (await checkWith(session, "customization", { news })).failures.map(({ reason }) => reason);
    expect(String(await failures(inputs))).to.match(/^suffixAllTags: the tag 3_x in .* points at .* which this stack did not publish/);
    const session = shop.session();
    expect(await failures({ ...inputs, overwrite: true }, session)).to.deep.equal([]);
    const { failures: taken } = await checkWith(session, "customization", {
      news: { ...inputs, suffixAllTags: false, version: "3" },
      urn: "urn:other",
    });
    expect(taken.map(({ reason }) => reason).join()).to.match(/^another resource of this program also publishes .*:3_x/);
    const long = await failures({ ...inputs, version: "3", suffix: "s".repeat(125) });
    expect(String(long)).to.match(/^suffixAllTags: .* is not a valid tag: it has more than 128 characters/);
  });

  it("leaves the tags unknown while an input is", async () => {
    const { inputs } = await start();
    const { derived } = await checkWith(shop.session(), "customization", { news: { ...inputs, cmd: unknown } });
    expect(derived["tags"]).to.equal(unknown);
  });
});

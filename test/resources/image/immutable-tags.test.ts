import { after, before, describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import { unknown, type ValueMap } from "../../../provider/values.js";
import { baseParts, checkWith, Workshop, type State } from "../../pipeline/workshop.js";
import { expect, expectThat } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";

const tagOf = ({ outputs }: State, primary = "3.13_custom"): string => `${primary}-${(outputs["digest"] as string).slice(7, 19)}`;

describe("an image with immutable tags", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  let count = 0;
  const startWith = async (more: ValueMap = {}) => {
    const at = `oci:immutable-${String((count += 1))}`;
    await shop.put(at, "3.13", baseParts("1"));
    const inputs: ValueMap = { repository: at, version: "3.13", suffix: "custom", immutableTags: true, ...more };
    return { at, inputs };
  };
  /** The images of some versions of a base, published one after the other. */
  const publish = async (versions: readonly string[], more: ValueMap = {}) => {
    const { at, inputs } = await startWith(more);
    const states: State[] = [];
    for (const version of versions) {
      await shop.put(at, "3.13", baseParts(version));
      states.push(await shop.up("customization", inputs, states.at(-1)));
    }
    const [first, last] = [states[0], states.at(-1)];
    expectThat(first && last);
    return { at, inputs, states, first, last };
  };
  const repositoryAt = (at: string) => shop.session().repositories.open(parseRepository(at));
  const ours = async (at: string) => (await repositoryAt(at).listTags()).filter((tag) => tag.includes("_"));
  const failuresOf = async (inputs: ValueMap, session = shop.session(), urn?: string) => {
    const { failures } = await checkWith(session, "customization", { news: inputs, urn });
    return failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`)).join("\n");
  };

  it("has one tag, with its short digest, which its outputs name, and the same again does nothing", async () => {
    const { at, inputs } = await startWith();
    const state = await shop.up("customization", inputs);
    const { tags, ref, asBase } = state.outputs;
    const digest = state.outputs["digest"] as string;
    expect(state.id).to.equal(`${at}:3.13_custom`);
    expect(tags).to.deep.equal({ [tagOf(state)]: digest });
    expect(ref).to.equal(`${at}@${digest}`);
    expect(asBase).to.deep.equal({ repository: at, version: `3.13_custom@${digest}` });
    expect(await ours(at)).to.deep.equal([tagOf(state)]);
    shop.loseCache();
    expect((await shop.up("customization", inputs, state)).did).to.equal("same");
  });

  it("is updated in place by another tag; the former ones stay as they are, until they are the oldest", async () => {
    const { at, states, last } = await publish(["1", "2", "3", "4"]);
    expect(last.id).to.equal(states[0]?.id);
    expect(last.outputs["tags"]).to.deep.equal({ [tagOf(last)]: last.outputs["digest"] });
    const kept = states.slice(1);
    expect(await ours(at)).to.deep.equal(kept.map((state) => tagOf(state)).sort());
    for (const state of kept) expect(await shop.head(at, tagOf(state))).to.equal(state.outputs["digest"]);
  });

  it("alone is there with keepPrevious 1", async () => {
    const { at, last } = await publish(["1", "2"], { keepPrevious: 1 });
    expect(await ours(at)).to.deep.equal([tagOf(last)]);
    await lifecycles.customization.delete(shop.session(), last.id, last.outputs, keepRow());
    expect(await ours(at)).to.deep.equal([]);
  });

  it("that was kept is named by the outputs when it is rolled back to, and no tag comes or goes", async () => {
    const { at, inputs, states, first, last } = await publish(["1", "2"]);
    const all = states.map((state) => tagOf(state)).sort();
    for (const rollbackTo of [tagOf(first), first.outputs["digest"] as string]) {
      const back = await shop.up("customization", { ...inputs, rollbackTo }, last);
      for (const name of ["digest", "ref", "tags", "asBase"]) expect(back.outputs[name], name).to.deep.equal(first.outputs[name]);
      expect(await ours(at)).to.deep.equal(all);
      expect((await shop.up("customization", { ...inputs, rollbackTo }, back)).did).to.equal("same");
      const again = await shop.up("customization", inputs, back);
      for (const name of ["digest", "ref", "tags", "asBase"]) expect(again.outputs[name], name).to.deep.equal(last.outputs[name]);
      expect(await ours(at)).to.deep.equal(all);
    }
  });

  it("takes the place of a tag that moved, and gives it back, without another digest", async () => {
    const { at, inputs, last } = await publish(["1", "2"], { immutableTags: false });
    const { digest } = last.outputs;
    const kept = (await ours(at)).filter((tag) => tag !== "3.13_custom");
    const fixed = await shop.up("customization", { ...inputs, immutableTags: true }, last);
    expect([fixed.did, fixed.id, fixed.outputs["digest"]]).to.deep.equal(["update", last.id, digest]);
    expect(fixed.outputs["tags"]).to.deep.equal({ [tagOf(last)]: digest });
    expect(fixed.outputs["reasons"]).to.deep.equal(last.outputs["reasons"]);
    expect(await ours(at)).to.deep.equal(kept);
    const moving = await shop.up("customization", { ...inputs, immutableTags: false }, fixed);
    expect([moving.did, moving.outputs["digest"]]).to.deep.equal(["update", digest]);
    expect(moving.outputs["tags"]).to.deep.equal({ "3.13_custom": digest });
    expect(await ours(at)).to.deep.equal(["3.13_custom", ...kept]);
  });

  it("of a range has the tag of its version, and is rolled back to under that", async () => {
    const { at, inputs } = await startWith({ version: { range: "^3.13" } });
    await shop.put(at, "3.13.1", baseParts("a"));
    const first = await shop.up("customization", inputs);
    expect(first.id).to.equal(`${at}:^3.13_custom`);
    expect(Object.keys(first.outputs["tags"] as ValueMap)).to.deep.equal([tagOf(first, "3.13.1_custom")]);
    await shop.put(at, "3.13.2", baseParts("b"));
    const last = await shop.up("customization", inputs, first);
    const all = [tagOf(first, "3.13.1_custom"), tagOf(last, "3.13.2_custom")];
    expect(await ours(at)).to.deep.equal(all);
    const back = await shop.up("customization", { ...inputs, rollbackTo: first.outputs["digest"] as string }, last);
    expect(back.outputs["tags"]).to.deep.equal(first.outputs["tags"]);
    expect(await ours(at)).to.deep.equal(all);
    await lifecycles.customization.delete(shop.session(), back.id, back.outputs, keepRow());
    expect(await ours(at)).to.deep.equal([]);
  });

  it("whose tag is gone gets it again, also after a refresh has seen that", async () => {
    const { at, inputs, last } = await publish(["1"]);
    await repositoryAt(at).deleteTag(tagOf(last));
    const { derived } = await checkWith(shop.session(), "customization", { news: inputs, olds: last.inputs });
    expect(derived["drift"] ?? "composed again").to.deep.equal({ [tagOf(last)]: "missing" });
    const seen = await lifecycles.customization.read(shop.session(), last.id, last.outputs);
    expect(seen?.outputs["tags"] ?? {}).to.deep.equal({});
    const repaired = await shop.up("customization", inputs, last);
    expect(repaired.did).to.equal("update");
    expect(await shop.head(at, tagOf(last))).to.equal(last.outputs["digest"]);
    const read = await lifecycles.customization.read(shop.session(), last.id, { ...last.outputs, tags: {} });
    expect(read?.outputs["tags"]).to.deep.equal(last.outputs["tags"]);
  });

  it("is not put over a tag that somebody else has", async () => {
    const { at, inputs } = await startWith();
    const { derived } = await checkWith(shop.session(), "customization", { news: inputs });
    const base = await repositoryAt(at).getManifest("3.13");
    expectThat(base);
    await repositoryAt(at).putManifest(tagOf({ outputs: derived } as State), base);
    expect(await failuresOf(inputs)).to.match(/^suffix: the tag 3\.13_custom-[0-9a-f]{12} in .* which this stack did not publish/);
    expect(await failuresOf({ ...inputs, overwrite: true })).to.equal("");
  });

  it("cannot share its id with another resource, whatever that one's tags are", async () => {
    const { at, inputs } = await startWith();
    const moving = { ...inputs, immutableTags: false };
    for (const [one, other] of [
      [inputs, inputs],
      [moving, inputs],
      [inputs, moving],
    ] as const) {
      const session = shop.session();
      expect(await failuresOf(one, session, "urn:a")).to.equal("");
      expect(await failuresOf({ ...other, cmd: ["x"] }, session, "urn:b")).to.equal(
        `another resource of this program also publishes ${at}:3.13_custom-<short digest>. Give one of them another suffix, tag or destination`,
      );
    }
  });

  it("is read by another image of the same preview", async () => {
    const { inputs } = await startWith();
    const session = shop.session();
    const { derived } = await checkWith(session, "customization", { news: inputs });
    const news = { ...(derived["asBase"] as ValueMap), suffix: "next", cmd: ["x"] };
    const next = await checkWith(session, "customization", { news });
    expect(next.failures).to.deep.equal([]);
    expect((next.derived["base"] as ValueMap)["digest"]).to.equal(derived["digest"]);
    // The name of that one does not change with each image.
    expect(Object.keys(next.derived["tags"] as ValueMap)).to.deep.equal(["3.13_custom_next"]);
  });

  it("has unknown tags while its digest is not known", async () => {
    const { at, inputs } = await startWith();
    const changes: readonly ValueMap[] = [{ environment: { A: unknown } }, { immutableTags: unknown }];
    for (const more of changes) {
      const { derived, failures } = await checkWith(shop.session(), "customization", { news: { ...inputs, ...more } });
      expect(failures).to.deep.equal([]);
      expect(derived["tags"]).to.equal(unknown);
      expect(derived["asBase"]).to.deep.equal({ repository: at, version: unknown });
      expect((derived["base"] as ValueMap)["tag"]).to.equal("3.13");
    }
  });

  it("has no additional tags, and needs room for the short digest", async () => {
    const { inputs } = await startWith();
    const long = (length: number): string => "x".repeat(length - "3.13_".length);
    expect(await failuresOf({ ...inputs, additionalTags: ["latest"] })).to.equal(
      "additionalTags: would have to move with each image, which immutableTags rules out. Remove them, or unset immutableTags",
    );
    expect(await failuresOf({ ...inputs, additionalTags: [] })).to.equal("");
    expect(await failuresOf({ ...inputs, suffix: long(115) })).to.equal("");
    expect(await failuresOf({ ...inputs, suffix: long(116) })).to.match(
      /^immutableTags: needs room for a short digest after the tag, and "3\.13_x+" is too long for that\. Choose a shorter suffix$/,
    );
    expect(await failuresOf({ ...inputs, immutableTags: "yes" })).to.equal('immutableTags: "yes" is not true or false');
  });
});

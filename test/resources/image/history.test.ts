import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import { isMap, omit, type ValueMap } from "../../../provider/values.js";
import { baseParts, checkWith, Workshop, type State } from "../../pipeline/workshop.js";
import { expect, expectThat } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";

const historyNames = new Set(["__history", "__published"]);
const short = (digest: unknown): string => String(digest).slice(7, 19);
const kept = (state: State): readonly unknown[] => (state.outputs["__history"] as readonly ValueMap[]).map(({ digest }) => digest);

describe("earlier images", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  let count = 0;
  /** A base of its own, and the images of some versions of it, published one after the other. */
  const publish = async (versions: readonly string[], more: ValueMap = {}) => {
    const at = `oci:base-${String((count += 1))}`;
    const inputs: ValueMap = { repository: at, version: "3.13", suffix: "custom", environment: { A: "1" }, ...more };
    const states: State[] = [];
    for (const version of versions) {
      await shop.put(at, "3.13", baseParts(version));
      states.push(await shop.up("customization", inputs, states.at(-1)));
    }
    const [first, last] = [states[0], states.at(-1)];
    expectThat(first && last);
    return { at, inputs, states, first, last, digests: states.map(({ outputs }) => outputs["digest"] as string) };
  };
  const tagsAt = (at: string) => shop.session().repositories.open(parseRepository(at)).listTags();
  const keptTagsAt = async (at: string) => (await tagsAt(at)).filter((tag) => /-[0-9a-f]{12}$/.test(tag));
  const tagOf = (digest: unknown): string => `3.13_custom-${short(digest)}`;
  const failuresOf = async (inputs: ValueMap, state?: State) => {
    const { failures } = await checkWith(shop.session(), "customization", { news: inputs, olds: state?.inputs ?? {} });
    return failures.map(({ reason }) => reason).join("\n");
  };

  describe("that are kept", () => {
    it("are three by default, under the tag with their short digest; the oldest goes", async () => {
      const { at, digests, last, states } = await publish(["1", "2", "3", "4"]);
      expect(kept(last)).to.deep.equal(digests.slice(1).reverse());
      expect(await keptTagsAt(at)).to.deep.equal(digests.slice(1).map(tagOf).sort());
      for (const digest of digests.slice(1)) expect(await shop.head(at, tagOf(digest))).to.equal(digest);
      expect(states.map(({ outputs }) => Object.keys(outputs["tags"] as ValueMap))).to.deep.equal(states.map(() => ["3.13_custom"]));
    });

    it("have their reasons, and the time of their publishing, which is no change", async () => {
      const { last, inputs, digests } = await publish(["1", "2"]);
      const [newest, oldest] = last.outputs["__history"] as readonly ValueMap[];
      expect(oldest?.["reasons"]).to.deep.equal(["new image"]);
      expect(newest?.["reasons"]).to.deep.equal(last.outputs["reasons"]);
      const times = last.outputs["__published"];
      expectThat(isMap(times));
      expect(Object.keys(times).sort()).to.deep.equal([...digests].sort());
      for (const time of Object.values(times)) expect(new Date(time as string).toISOString()).to.equal(time);
      shop.loseCache();
      expect((await shop.up("customization", inputs, last)).did).to.equal("same");
    });

    it("are as many as keepPrevious says, from the next update on, and none beside the current one with 1", async () => {
      const { at, inputs, last, digests } = await publish(["1", "2", "3"]);
      const two = await shop.up("customization", { ...inputs, keepPrevious: 2 }, last);
      expect(two.outputs["digest"]).to.equal(digests[2]);
      expect(two.outputs["reasons"]).to.deep.equal(last.outputs["reasons"]);
      expect(await keptTagsAt(at)).to.deep.equal(digests.slice(1).map(tagOf).sort());
      const one = await shop.up("customization", { ...inputs, keepPrevious: 1 }, two);
      expect(await tagsAt(at)).to.deep.equal(["3.13", "3.13_custom"]);
      expect(kept(one)).to.deep.equal([digests[2]]);
      expect((await shop.up("customization", { ...inputs, keepPrevious: 1 }, one)).did).to.equal("same");
    });

    it("begin with the image of a state that knows of none, which is no change, and is kept by the next update", async () => {
      const { at, inputs, last, digests } = await publish(["1"], { keepPrevious: 1 });
      const withoutHistory = (values: ValueMap) => omit(values, new Set([...historyNames, "keepPrevious"]));
      const old = { ...last, inputs: withoutHistory(last.inputs), outputs: withoutHistory(last.outputs) };
      const news = withoutHistory(inputs);
      const same = await shop.up("customization", news, old);
      expect(same.did).to.equal("same");
      expect(await keptTagsAt(at)).to.deep.equal([]);
      await shop.put(at, "3.13", baseParts("2"));
      const next = await shop.up("customization", news, same);
      expect(kept(next)).to.deep.equal([next.outputs["digest"], digests[0]]);
      expect(await keptTagsAt(at)).to.deep.equal([next.outputs["digest"], digests[0]].map(tagOf).sort());
    });

    it("go with their resource, but for a tag that points elsewhere by then", async () => {
      const { at, last, digests } = await publish(["1", "2", "3"]);
      const repository = shop.session().repositories.open(parseRepository(at));
      const base = await repository.getManifest("3.13");
      expectThat(base);
      await repository.putManifest(tagOf(digests[1]), base);
      const row = keepRow();
      await lifecycles.customization.delete(shop.session(), last.id, last.outputs, row);
      expect(await tagsAt(at)).to.deep.equal(["3.13", tagOf(digests[1])]);
      expect(row.lines.join()).to.match(/the tag 3\.13_custom-[0-9a-f]{12} stays in /);
    });

    it("are not put over a tag that somebody else has", async () => {
      const { at, inputs, last, digests } = await publish(["1"], { keepPrevious: 1 });
      const repository = shop.session().repositories.open(parseRepository(at));
      const base = await repository.getManifest("3.13");
      expectThat(base);
      await repository.putManifest(tagOf(digests[0]), base);
      const next = await shop.up("customization", { ...inputs, keepPrevious: 2 }, last);
      expect(next.lines.join()).to.match(/the tag 3\.13_custom-[0-9a-f]{12} in .* is left as it is: it points at .*, which is not ours/);
      expect(await shop.head(at, tagOf(digests[0]))).to.equal(base.digest);
    });

    it("are not moved by an additional tag of the same name, which can only name the current one", async () => {
      const { at, inputs, last, digests } = await publish(["1", "2"]);
      const named = { ...inputs, additionalTags: ["latest", tagOf(digests[0])] };
      expect(await failuresOf(named, last)).to.equal(
        `additionalTags[1]: "${tagOf(digests[0])}" is the tag that keeps ${String(digests[0])} reachable, and this would move it. ` +
          "Give another tag, or roll back to it with rollbackTo",
      );
      const current = await shop.up("customization", { ...inputs, additionalTags: [tagOf(digests[1])] }, last);
      expect(Object.keys(current.outputs["tags"] as ValueMap)).to.deep.equal(["3.13_custom", tagOf(digests[1])]);
      const without = await shop.up("customization", inputs, current);
      expect(Object.keys(without.outputs["tags"] as ValueMap)).to.deep.equal(["3.13_custom"]);
      expect(await keptTagsAt(at)).to.deep.equal(digests.map(tagOf).sort());
      const one = await shop.up("customization", { ...inputs, keepPrevious: 1 }, current);
      expect(await tagsAt(at)).to.deep.equal(["3.13", "3.13_custom"]);
      expect(kept(one)).to.deep.equal([digests[1]]);
    });

    it("of another suffix are a history of its own", async () => {
      const { inputs, last } = await publish(["1", "2"]);
      const request = { news: { ...inputs, suffix: "other" }, olds: last.inputs };
      const { derived } = await checkWith(shop.session(), "customization", request);
      expect((derived["__history"] as readonly ValueMap[]).length).to.equal(1);
    });

    for (const [value, message] of [
      [0, /keepPrevious: 0 is not a number of images to keep\. Give a whole number from 1 .* to 100/],
      [101, /keepPrevious: 101 is not/],
      [1.5, /keepPrevious: 1\.5 is not/],
      ["3", /keepPrevious: is not a number/],
    ] as const) {
      it(`are not ${JSON.stringify(value)}`, async () => {
        const { failures } = await checkWith(shop.session(), "customization", {
          news: { repository: "oci:base-1", version: "3.13", suffix: "custom", keepPrevious: value },
        });
        expect(failures.map(({ property, reason }) => `${property}: ${reason}`).join()).to.match(message);
      });
    }

    it("are not kept where the tag leaves no room, and asking for it is an error", async () => {
      const long = (length: number): string => "x".repeat(length - "3.13_".length);
      const { at } = await publish(["1"], { suffix: long(116) });
      expect(await keptTagsAt(at)).to.deep.equal([]);
      const fits = await publish(["1"], { suffix: long(115) });
      expect((await keptTagsAt(fits.at)).length).to.equal(1);
      expect(await failuresOf({ ...fits.inputs, suffix: long(115), keepPrevious: 2 })).to.equal("");
      expect(await failuresOf({ ...fits.inputs, suffix: long(116), keepPrevious: 2 })).to.match(/is too long for that/);
    });
  });

  describe("rolled back to", () => {
    it("have the tags again, by digest and by tag, and nothing is resolved or composed", async () => {
      const { at, inputs, last, first, digests } = await publish(["1", "2", "3"]);
      for (const rollbackTo of [digests[0] ?? "", tagOf(digests[0])]) {
        // Nothing that the inputs name is there to be resolved.
        const broken = { ...inputs, version: "3.13", rollbackTo, files: [{ source: "nowhere", path: "/x" }] };
        const back = await shop.up("customization", broken, last);
        expect(back.did).to.equal("update");
        for (const name of ["digest", "ref", "tags", "asBase", "platformDigests", "base"])
          expect(back.outputs[name], name).to.deep.equal(first.outputs[name]);
        expect(back.outputs["reasons"]).to.deep.equal([`rolled back to sha256:${short(digests[0])}`]);
        expect(back.outputs["resolution"]).to.deep.equal(last.outputs["resolution"]);
        expect(kept(back)).to.deep.equal([...digests].reverse());
        expect(await shop.head(at, "3.13_custom")).to.equal(digests[0]);
        shop.loseCache();
        expect((await shop.up("customization", broken, back)).did).to.equal("same");
        const read = await lifecycles.customization.read(shop.session(), back.id, back.outputs);
        expect(read?.outputs).to.deep.equal(back.outputs);
      }
    });

    it("stay while the base moves, and drift is repaired to them", async () => {
      const { at, inputs, last, digests } = await publish(["1", "2"]);
      const wanted = { ...inputs, rollbackTo: digests[0] ?? "" };
      const back = await shop.up("customization", wanted, last);
      await shop.put(at, "3.13", baseParts("3"));
      expect((await shop.up("customization", wanted, back)).did).to.equal("same");
      const repository = shop.session().repositories.open(parseRepository(at));
      const newer = await repository.getManifest(String(digests[1]));
      expectThat(newer);
      await repository.putManifest("3.13_custom", newer);
      const repaired = await shop.up("customization", wanted, back);
      expect(repaired.did).to.equal("update");
      expect(repaired.inputs["drift"]).to.deep.equal({ "3.13_custom": digests[1] });
      expect(await shop.head(at, "3.13_custom")).to.equal(digests[0]);
    });

    it("are left when rollbackTo is unset: what is newest is built, with its reasons", async () => {
      const { at, inputs, last, digests } = await publish(["1", "2"]);
      const back = await shop.up("customization", { ...inputs, rollbackTo: digests[0] ?? "" }, last);
      const ended = `no longer rolled back to sha256:${short(digests[0])}`;
      shop.loseCache();
      const again = await shop.up("customization", inputs, back);
      expect(again.outputs["digest"]).to.equal(digests[1]);
      expect(again.outputs["reasons"]).to.deep.equal([ended]);
      expect(omit(again.outputs, new Set(["reasons"]))).to.deep.equal(omit(last.outputs, new Set(["reasons"])));
      await shop.put(at, "3.13", baseParts("3"));
      const newer = await shop.up("customization", inputs, back);
      const [first, second] = newer.outputs["reasons"] as readonly string[];
      expect(first).to.equal(ended);
      expect(second ?? "").to.match(/base 3\.13: sha256:[0-9a-f]{12} → /);
      expect(kept(newer)).to.deep.equal([newer.outputs["digest"], digests[1], digests[0]]);
      expect((await shop.up("customization", inputs, newer)).did).to.equal("same");
    });

    it("are never the ones that go, however few are kept", async () => {
      const { at, inputs, last, digests } = await publish(["1", "2", "3"]);
      const wanted = { ...inputs, rollbackTo: digests[0] ?? "" };
      const back = await shop.up("customization", wanted, last);
      const two = await shop.up("customization", { ...wanted, keepPrevious: 2 }, back);
      expect(kept(two)).to.deep.equal([digests[2], digests[0]]);
      expect(await keptTagsAt(at)).to.deep.equal([digests[2], digests[0]].map(tagOf).sort());
    });

    it("must be kept, and the error lists what is", async () => {
      const { inputs, last, digests } = await publish(["1", "2"]);
      const other = `sha256:${"0".repeat(64)}`;
      expect(await failuresOf({ ...inputs, rollbackTo: other }, last)).to.equal(
        `rollbackTo: ${other} is not an image that is kept of ${inputs["repository"] as string}:3.13_custom. ` +
          `Give one of ${tagOf(digests[1])}, ${tagOf(digests[0])}, or unset rollbackTo`,
      );
      expect(await failuresOf({ ...inputs, rollbackTo: other })).to.match(/State keeps none of it\. Unset rollbackTo/);
      expect(await failuresOf({ ...inputs, rollbackTo: digests[0] ?? "", suffix: "other" }, last)).to.match(/State keeps none of it/);
      expect(await failuresOf({ ...inputs, rollbackTo: "not a tag" }, last)).to.match(/is not a digest or a tag\. Give sha256:… or/);
    });

    it("must still be whole, in check and in update", async () => {
      const { at, inputs, first, last, digests } = await publish(["1", "2"]);
      const wanted = { ...inputs, rollbackTo: digests[0] ?? "" };
      const checked = await checkWith(shop.session(), "customization", { news: wanted, olds: last.inputs });
      expect(checked.failures).to.deep.equal([]);
      const [, platform] = Object.values(first.outputs["platformDigests"] as ValueMap);
      await rm(join(shop.folder, at.slice("oci:".length), "blobs/sha256", (platform as string).slice("sha256:".length)));
      expect(await failuresOf(wanted, last)).to.match(/^rollbackTo: .* is no longer there with all that it names/);
      const news = { ...checked.inputs, ...checked.derived };
      await expect(lifecycles.customization.update(shop.session(), last.id, last.outputs, news, keepRow())).to.be.rejectedWithError({
        code: "not-found",
        property: "rollbackTo",
      });
      expect(await shop.head(at, "3.13_custom")).to.equal(digests[1]);
    });
  });
});

import { after, before, describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import { type ValueMap } from "../../../provider/values.js";
import { baseParts, checkWith, Workshop, type State } from "../../pipeline/workshop.js";
import { expect, expectThat } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { startRange } from "./range-stage.js";

describe("an image whose base is a range of versions, and whose earlier images are kept", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  /** The tag that keeps an image of a version. */
  const keeps = (version: string, { outputs }: State): string => `${version}_custom-${(outputs["digest"] as string).slice(7, 19)}`;

  /** The image of each version, one after the other. */
  const publish = async (versions: readonly string[], more: ValueMap = {}) => {
    const { at, inputs } = await startRange(shop, more);
    const states = [await shop.up("customization", inputs)];
    for (const version of versions) {
      await shop.put(at, version, baseParts(version));
      states.push(await shop.up("customization", inputs, states.at(-1)));
    }
    const [first, last] = [states[0], states.at(-1)];
    expectThat(first && last);
    return { at, inputs, first, last, states };
  };
  const ours = async (at: string) =>
    (await shop.session().repositories.open(parseRepository(at)).listTags()).filter((tag) => tag.includes("_"));

  it("each keeps the tag of its own version, until it is the oldest, and all go with the resource", async () => {
    const { at, inputs, states, last } = await publish(["3.13.2", "3.13.3", "3.13.4"]);
    const kept = ["3.13.2", "3.13.3", "3.13.4"].map((version, place) => keeps(version, states[place + 1] ?? last));
    expect(await ours(at)).to.deep.equal([...kept, "3.13.4_custom"].sort());
    for (const [place, tag] of kept.entries()) expect(await shop.head(at, tag)).to.equal(states[place + 1]?.outputs["digest"]);
    shop.loseCache();
    expect((await shop.up("customization", inputs, last)).did).to.equal("same");
    const one = await shop.up("customization", { ...inputs, keepPrevious: 1 }, last);
    expect(await ours(at)).to.deep.equal(["3.13.4_custom"]);
    const again = await shop.up("customization", inputs, one);
    expect(await ours(at)).to.deep.equal(["3.13.4_custom", keeps("3.13.4", again)]);
    await lifecycles.customization.delete(shop.session(), last.id, last.outputs, keepRow());
    expect(await ours(at)).to.deep.equal([]);
  });

  it("they are rolled back to by the tag of their version, and left again", async () => {
    const { at, inputs, first, last } = await publish(["3.13.2"]);
    const back = await shop.up("customization", { ...inputs, rollbackTo: keeps("3.13.1", first) }, last);
    const { digest } = first.outputs;
    expect(back.outputs["digest"]).to.equal(digest);
    expect(back.outputs["tags"]).to.deep.equal({ "3.13.2_custom": digest });
    const all = [keeps("3.13.1", first), "3.13.2_custom", keeps("3.13.2", last)];
    expect(await ours(at)).to.deep.equal(all);
    expect((await shop.up("customization", { ...inputs, rollbackTo: digest as string }, back)).did).to.equal("update");
    const left = await shop.up("customization", inputs, back);
    expect(left.outputs["digest"]).to.equal(last.outputs["digest"]);
    expect(await ours(at)).to.deep.equal(all);
    await lifecycles.customization.delete(shop.session(), left.id, left.outputs, keepRow());
    expect(await ours(at)).to.deep.equal([]);
  });

  it("an image that comes again keeps the tag that it had", async () => {
    const { at, inputs, first, last } = await publish(["3.13.2"]);
    await shop.session().repositories.open(parseRepository(at)).deleteTag("3.13.2");
    const back = await shop.up("customization", inputs, last);
    expect(back.outputs["digest"]).to.equal(first.outputs["digest"]);
    expect(await ours(at)).to.deep.equal(["3.13.1_custom", keeps("3.13.1", first), keeps("3.13.2", last)]);
  });

  it("an unchanged image keeps them when another resource that had the same tags goes", async () => {
    const { at, inputs, first, last } = await publish(["3.13.2"]);
    const session = shop.session();
    const { failures: told } = await checkWith(session, "customization", { news: inputs, olds: last.inputs, urn: "urn:stays" });
    expect(told).to.deep.equal([]);
    await lifecycles.customization.delete(session, "other", last.outputs, keepRow());
    expect(await ours(at)).to.deep.equal([keeps("3.13.1", first), "3.13.2_custom", keeps("3.13.2", last)]);
    const failing = shop.session();
    const news = { ...inputs, platforms: ["x"] };
    expect((await checkWith(failing, "customization", { news, olds: last.inputs, urn: "urn:stays" })).failures).to.have.lengthOf(1);
    await lifecycles.customization.delete(failing, "other", last.outputs, keepRow());
    expect(await ours(at)).to.deep.equal([keeps("3.13.1", first), "3.13.2_custom", keeps("3.13.2", last)]);
  });
});

import { after, before, describe, it } from "mocha";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ValueMap } from "../../../provider/values.js";
import { baseParts, checkWith, Workshop, type State } from "../../pipeline/workshop.js";
import { expect } from "../../support/expectations.js";

const day = 86_400_000;
const start = Date.UTC(2026, 0, 10);

describe("a mirror with a minimum age", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  const at = (days: number): Session => ({ ...shop.session(), now: () => start + days * day });
  const up = (inputs: ValueMap, state: State | undefined, days: number): Promise<State> => shop.up("mirror", inputs, state, at(days));
  const inputsOf = (name: string, more: ValueMap = {}): ValueMap => ({
    source: `oci:${name}`,
    destination: `oci:${name}-copy`,
    select: ["*"],
    minimumAge: "3d",
    ...more,
  });

  it("keeps a tag at the older image until the newer one has ripened", async () => {
    const one = await shop.put("oci:moved", "1", baseParts("one"));
    const first = await up(inputsOf("moved"), undefined, 0);
    expect(first.outputs["images"]).to.deep.equal({ 1: one });
    const two = await shop.put("oci:moved", "1", baseParts("two"));
    const waits = await up(inputsOf("moved"), first, 1);
    expect(waits.outputs["images"]).to.deep.equal({ 1: one });
    expect(waits.lines.join("\n")).to.match(/moved:1 ripens: sha256:[0-9a-f]{12} → sha256:[0-9a-f]{12} will be copied on 2026-01-14/);
    // Without the cache, the time in state counts.
    shop.loseCache();
    const still = await up(inputsOf("moved"), waits, 3.9);
    expect([still.did, still.outputs["images"]]).to.deep.equal(["same", { 1: one }]);
    const taken = await up(inputsOf("moved"), still, 4);
    expect([taken.did, taken.outputs["images"]]).to.deep.equal(["update", { 1: two }]);
    expect(taken.outputs).not.to.have.property("__firstSeen");
    expect(await shop.head("oci:moved-copy", "1")).to.equal(two);
  });

  it("leaves out a new tag that a glob matches until it has ripened, and copies one that is named", async () => {
    const one = await shop.put("oci:new", "1", baseParts("one"));
    const inputs = inputsOf("new", { select: ["*", "named"] });
    await shop.put("oci:new", "named", baseParts("one"));
    const first = await up(inputs, undefined, 0);
    const two = await shop.put("oci:new", "2", baseParts("two"));
    const named = await shop.put("oci:new", "named", baseParts("three"));
    const waits = await up(inputs, first, 1);
    expect(waits.outputs["images"]).to.deep.equal({ 1: one, named: one });
    expect(waits.lines.join("\n")).to.match(/new:2 ripens: sha256:[0-9a-f]{12} will be copied on 2026-01-14/);
    const taken = await up(inputs, waits, 4);
    expect(taken.outputs["images"]).to.deep.equal({ 1: one, 2: two, named });
    const fresh = await shop.put("oci:new", "4", baseParts("four"));
    const more = await up({ ...inputs, select: ["1", "4"] }, taken, 5);
    expect(more.outputs["images"]).to.deep.equal({ 1: one, 4: fresh });
    expect(more.lines.join("\n")).to.match(/new:4 \(sha256:[0-9a-f]{12}\) is younger than minimumAge: it is copied/);
  });

  it("judges a new mirror's images by when they were made", async () => {
    const made = async (tag: string, created: string): Promise<string> => {
      const parts = baseParts(tag);
      return shop.put("oci:made", tag, { ...parts, platforms: parts.platforms.map((platform) => ({ ...platform, rest: { created } })) });
    };
    const old = await made("old", "2026-01-06T00:00:00Z");
    await made("young", "2026-01-09T00:00:00Z");
    const first = await up(inputsOf("made"), undefined, 0);
    expect(first.outputs["images"]).to.deep.equal({ old });
    expect(first.lines.join("\n")).to.match(/made:young ripens: sha256:[0-9a-f]{12} will be copied on 2026-01-12/);
  });

  it("keeps an image that the source no longer has", async () => {
    const one = await shop.put("oci:gone", "1", baseParts("one"));
    const first = await up(inputsOf("gone"), undefined, 0);
    const { repositories } = shop.session();
    await repositories.open({ kind: "layout", path: `${shop.folder}/gone` }).deleteTag("1");
    await shop.put("oci:gone", "1", baseParts("two"));
    shop.loseCache();
    const waits = await up(inputsOf("gone"), first, 1);
    expect(waits.outputs["images"]).to.deep.equal({ 1: one });
    expect(await shop.head("oci:gone-copy", "1")).to.equal(one);
  });

  for (const minimumAge of [{ packages: "3d" }, { images: "3d", security: "1d" }]) {
    it(`refuses ${JSON.stringify(minimumAge)}, since a mirror copies no packages`, async () => {
      const { failures } = await checkWith(at(0), "mirror", { news: inputsOf("none", { minimumAge }) });
      expect(failures).to.deep.equal([
        {
          property: "minimumAge",
          reason: "has packages or security, which a mirror does not copy. Give a duration such as 72h, or { images }",
        },
      ]);
    });
  }
});

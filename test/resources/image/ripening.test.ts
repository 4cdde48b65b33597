import { rm } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { unknown, type ValueMap } from "../../../provider/values.js";
import { baseParts, changed, checkWith, type State } from "../../pipeline/workshop.js";
import { expect } from "../../support/expectations.js";

import { baseOf, firstSeen, made, noticesOf, openRipeningStage, short } from "./ripening-stage.js";

describe("minimumAge of images", () => {
  const stage = openRipeningStage();
  const { at, base } = stage;

  describe("of a base behind its tag", () => {
    let name: string;
    let old: string;
    let young: string;
    let inputs: ValueMap;
    let state: State;
    const up = (days: number, from = state, more: ValueMap = {}): Promise<State> =>
      stage.shop.up("customization", { ...inputs, ...more }, from, at(days));
    before(async () => {
      name = base();
      inputs = { repository: name, version: "3.13", suffix: "x", cmd: ["a"], minimumAge: "72h" };
      old = await stage.shop.put(name, "3.13", baseParts("1"));
      state = await stage.shop.up("customization", inputs, undefined, at(0));
      young = await stage.shop.put(name, "3.13", baseParts("2"));
    });

    it("an old base is taken by a new image without a notice", () => {
      expect(baseOf(state.outputs)["digest"]).to.equal(old);
      expect(noticesOf(state.outputs)).to.deep.equal([]);
      expect(firstSeen(state.outputs)).to.equal(undefined);
    });

    it("a new digest is seen, told, and taken when it is old enough, not a moment earlier", async () => {
      const seen = await up(1);
      const notice = `the base ${name}:3.13 ripens: ${short(old)} → ${short(young)} will be taken on 2026-03-05`;
      // The update that keeps the first sight in outputs, where refresh finds it; nothing is composed for it.
      expect(seen.did).to.equal("update");
      expect(noticesOf(seen.outputs)).to.deep.equal([`ripening: ${notice}`]);
      expect(seen.lines[0]).to.equal(`warning: ${notice}`);
      expect(seen.lines[1] ?? "").to.match(/already exists; no tag moved/);
      expect(seen.outputs["digest"]).to.equal(state.outputs["digest"]);
      expect(seen.outputs["reasons"]).to.deep.equal(["new image"]);
      expect(firstSeen(seen.outputs)).to.deep.equal({ [young]: "2026-03-02T09:00:00.000Z" });
      const waiting = await up(3.999, seen);
      expect(waiting.did).to.equal("same");
      expect(waiting.lines).to.deep.equal([]);
      const taken = await up(4, waiting);
      expect(taken.did).to.equal("update");
      expect(baseOf(taken.outputs)["digest"]).to.equal(young);
      expect(taken.outputs["reasons"]).to.deep.equal([`base 3.13: ${short(old)} → ${short(young)}`]);
      expect(noticesOf(taken.outputs)).to.deep.equal([]);
      expect(firstSeen(taken.outputs)).to.equal(undefined);
      expect((await up(5, taken)).did).to.equal("same");
    });

    it("another input that changes composes with the base in state", async () => {
      const seen = await up(1);
      const other = await up(2, seen, { cmd: ["b"] });
      expect(baseOf(other.outputs)["digest"]).to.equal(old);
      expect(other.outputs["reasons"]).to.deep.equal(["cmd[0] changed"]);
      expect(noticesOf(other.outputs)).to.deep.equal(noticesOf(seen.outputs));
      expect(firstSeen(other.outputs)).to.deep.equal(firstSeen(seen.outputs));
      // Lowering or removing the age takes it.
      expect(baseOf((await up(2, seen, { minimumAge: "1d" })).outputs)["digest"]).to.equal(young);
      const { minimumAge: _age, ...without } = inputs;
      const taken = await stage.shop.up("customization", without, seen, at(2));
      expect(baseOf(taken.outputs)["digest"]).to.equal(young);
      expect([noticesOf(taken.outputs), firstSeen(taken.outputs)]).to.deep.equal([[], undefined]);
    });

    it("a replacement comes to the same in both of its checks", async () => {
      const session = at(2);
      const news = { ...inputs, suffix: "y" };
      const first = await checkWith(session, "customization", { news, olds: state.inputs, urn: "urn:a" });
      const second = await checkWith(session, "customization", { news, urn: "urn:a" });
      expect(baseOf(first.derived)["digest"]).to.equal(old);
      expect(second.derived["digest"]).to.equal(first.derived["digest"]);
      expect(noticesOf(second.derived)).to.deep.equal(noticesOf(first.derived));
    });

    it("preview with an unknown input promises the base that stays, and none while the age is unknown", async () => {
      const derive = async (more: ValueMap): Promise<ValueMap> =>
        (await checkWith(at(1), "customization", { news: { ...inputs, ...more }, olds: state.inputs })).derived;
      expect(baseOf(await derive({ environment: { A: unknown } }))["digest"]).to.equal(old);
      for (const minimumAge of [unknown, { images: unknown }] as const)
        expect(baseOf(await derive({ minimumAge }))["digest"]).to.equal(unknown);
    });

    it("preview and up come to the same time on one machine, within a day, so that a saved plan holds", async () => {
      const seenBy = async (days: number, urn: string): Promise<unknown> =>
        firstSeen((await checkWith(at(days), "customization", { news: inputs, olds: state.inputs, urn })).derived);
      const preview = await seenBy(1, "urn:plan");
      expect(preview).to.deep.equal({ [young]: "2026-03-02T09:00:00.000Z" });
      expect(await seenBy(1.99, "urn:plan")).to.deep.equal(preview);
      expect(await seenBy(1.5, "urn:other")).to.deep.equal({ [young]: "2026-03-02T21:00:00.000Z" });
      expect(await seenBy(2, "urn:plan")).to.deep.equal({ [young]: "2026-03-03T09:00:00.000Z" });
    });

    it("a hold on the resolution asks for no age", async () => {
      const { resolution = null } = state.inputs;
      const { derived } = await checkWith(at(1), "customization", { news: { ...inputs, resolution }, olds: state.inputs });
      expect([baseOf(derived)["digest"], noticesOf(derived), firstSeen(derived)]).to.deep.equal([old, [], undefined]);
    });

    it("an outage leaves the first sight and the notice as they are", async () => {
      const seen = await up(1);
      const down = new DhiError("unavailable", "the registry answered 503");
      const session = changed(at(9), (inner) => ({
        headManifest: (tag) => (tag === "3.13" ? Promise.reject(down) : inner.headManifest(tag)),
      }));
      const kept = await stage.shop.up("customization", inputs, seen, session);
      expect(kept.did).to.equal("same");
      expect(kept.lines.join("\n")).to.match(/kept unchanged/);
      expect(firstSeen(kept.inputs)).to.deep.equal(firstSeen(seen.outputs));
    });

    it("a tag that moves again starts again, and one that moves back ends it", async () => {
      const seen = await up(1);
      const third = await stage.shop.put(name, "3.13", baseParts("3"));
      const again = await up(2, seen);
      expect(firstSeen(again.outputs)).to.deep.equal({ [third]: "2026-03-03T09:00:00.000Z" });
      await stage.shop.put(name, "3.13", baseParts("1"));
      const back = await up(3, again);
      expect([back.did, noticesOf(back.outputs), firstSeen(back.outputs)]).to.deep.equal(["update", [], undefined]);
      await stage.shop.put(name, "3.13", baseParts("2"));
    });

    it("a digest that is pinned, and another tag, are what the program asks for", async () => {
      const pinned = await up(1, state, { version: `3.13@${young}` });
      expect([baseOf(pinned.outputs)["digest"], noticesOf(pinned.outputs)]).to.deep.equal([young, []]);
    });
  });

  it("the age counts from the config if that is later; a time that builders leave out is none", async () => {
    const name = base();
    const inputs: ValueMap = { repository: name, version: "1", suffix: "x", minimumAge: "2d" };
    await stage.shop.put(name, "1", baseParts("1"));
    const state = await stage.shop.up("customization", inputs, undefined, at(0));
    for (const [created, from] of [
      ["2026-03-04T09:00:00Z", "2026-03-04T09:00:00.000Z"],
      ["2026-01-01T00:00:00Z", "2026-03-02T09:00:00.000Z"],
      ["1970-01-02T00:00:00Z", "2026-03-02T09:00:00.000Z"],
    ] as const) {
      const digest = await stage.shop.put(name, "1", made(created, created));
      const seen = await stage.shop.up("customization", inputs, state, at(1));
      expect(firstSeen(seen.outputs)).to.deep.equal({ [digest]: from });
    }
  });

  it("a new image takes what is there, and says that it is young or does not say its age", async () => {
    const name = base();
    const inputs: ValueMap = { repository: name, version: "1", suffix: "x", minimumAge: { images: "2d" } };
    for (const [created, told] of [
      ["2026-02-28T09:00:00Z", /^young: the base oci:ripe-\d+:1 \(sha256:[0-9a-f]{12}\) was made on 2026-02-28: it is taken although/],
      ["1970-01-01T00:00:00Z", /^young: the base oci:ripe-\d+:1 \(sha256:[0-9a-f]{12}\) does not say when it was made: it is taken/],
    ] as const) {
      const digest = await stage.shop.put(name, "1", made(created, created));
      const { derived } = await checkWith(at(0), "customization", { news: inputs });
      expect(baseOf(derived)["digest"]).to.equal(digest);
      expect(noticesOf(derived)).to.have.lengthOf(1);
      expect(noticesOf(derived)[0] ?? "").to.match(told);
    }
    await stage.shop.put(name, "1", made("old", "2026-02-27T09:00:00Z"));
    expect(noticesOf((await checkWith(at(0), "customization", { news: inputs })).derived)).to.deep.equal([]);
    const state = await stage.shop.up("customization", inputs, undefined, at(-1));
    const same = await stage.shop.up("customization", inputs, state, at(0));
    // It tells of the build, and stays until the next one.
    expect([same.did, noticesOf(same.inputs).length]).to.deep.equal(["same", 1]);
  });

  it("an artifact ripens as a base does, and one of an OciArtifact too", async () => {
    const name = base();
    const artifacts = [{ image: `${name}:tool`, includes: ["etc/version"] }];
    const inputs: ValueMap = { repository: base(), tag: "mine", platforms: ["linux/amd64"], artifacts, minimumAge: "1d" };
    const old = await stage.shop.put(name, "tool", baseParts("1"));
    const state = await stage.shop.up("artifact", inputs, undefined, at(0));
    const young = await stage.shop.put(name, "tool", baseParts("2"));
    const seen = await stage.shop.up("artifact", inputs, state, at(1));
    expect(noticesOf(seen.outputs)).to.deep.equal([
      `ripening: the artifact ${name}:tool ripens: ${short(old)} → ${short(young)} will be taken on 2026-03-03`,
    ]);
    expect(seen.outputs["digest"]).to.equal(state.outputs["digest"]);
    const taken = await stage.shop.up("artifact", inputs, seen, at(2));
    expect((taken.outputs["resolution"] as ValueMap)["artifacts"]).to.deep.equal({ [`${name}:tool`]: young });
  });

  it("an image that stays and is gone is an error with the way out, once it is needed", async () => {
    const name = base();
    const inputs: ValueMap = { repository: name, version: "1", suffix: "x", destination: base(), minimumAge: "1d" };
    const old = await stage.shop.put(name, "1", baseParts("1"));
    const state = await stage.shop.up("customization", inputs, undefined, at(0));
    await stage.shop.put(name, "1", baseParts("2"));
    stage.shop.loseCache();
    await rm(join(stage.shop.folder, name.slice("oci:".length), "blobs", "sha256", old.slice("sha256:".length)));
    const kept = await stage.shop.up("customization", inputs, state, at(0.5));
    expect(kept.did).to.equal("update");
    const { failures } = await checkWith(at(0.5), "customization", { news: { ...inputs, cmd: ["b"] }, olds: kept.inputs });
    expect(failures[0]?.reason ?? "").to.match(
      /^minimumAge: the base oci:.*:1 stays at sha256:\w+ until sha256:\w+ has ripened, but that no longer exists\. Push it again, or remove minimumAge/,
    );
  });

  it("what this operation composes does not ripen: the resource that composes it has its own age", async () => {
    const name = base();
    const own: ValueMap = { repository: name, tag: "own", platforms: ["linux/amd64"], distribution: "debian:bookworm" };
    const inner = (content: string): ValueMap => ({ ...own, scripts: [{ path: "/a", content, uid: 0, gid: 0, mode: "0644" }] });
    const outer: ValueMap = { repository: name, version: "own", suffix: "x", minimumAge: "7d" };
    const first = at(0);
    const one = await stage.shop.up("artifact", inner("1"), undefined, first);
    const two = await stage.shop.up("customization", outer, undefined, first);
    expect(noticesOf(two.outputs)).to.deep.equal([]);
    const second = at(1);
    const next = await stage.shop.up("artifact", inner("2"), one, second);
    const onTop = await stage.shop.up("customization", outer, two, second);
    expect(baseOf(onTop.outputs)["digest"]).to.equal(next.outputs["digest"]);
  });
});

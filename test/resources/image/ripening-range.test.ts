import { describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { type ValueMap } from "../../../provider/values.js";
import { baseParts, changed, checkWith } from "../../pipeline/workshop.js";
import { expect } from "../../support/expectations.js";

import { baseOf, firstSeen, made, noticesOf, openRipeningStage, short } from "./ripening-stage.js";

describe("minimumAge of a range of versions", () => {
  const stage = openRipeningStage();
  const { at, base } = stage;

  const inputs = (repository: string, more: ValueMap = {}): ValueMap => ({
    repository,
    version: { range: "^3.13" },
    suffix: "x",
    minimumAge: "2d",
    ...more,
  });
  const tagOf = (values: ValueMap): unknown => baseOf(values)["tag"];

  it("the newest tag that is old enough is taken, and the others are told", async () => {
    const name = base();
    await stage.shop.put(name, "3.13.1", baseParts("1"));
    const state = await stage.shop.up("customization", inputs(name), undefined, at(0));
    const two = await stage.shop.put(name, "3.13.2", baseParts("2"));
    const seen = await stage.shop.up("customization", inputs(name), state, at(1));
    expect(tagOf(seen.outputs)).to.equal("3.13.1");
    expect(noticesOf(seen.outputs)).to.deep.equal([
      `ripening: the base ${name} ripens: 3.13.1 → 3.13.2 (${short(two)}) will be taken on 2026-03-04`,
    ]);
    const three = await stage.shop.put(name, "3.13.3", baseParts("3"));
    const both = await stage.shop.up("customization", inputs(name), seen, at(2));
    expect(noticesOf(both.outputs)).to.have.lengthOf(2);
    const taken = await stage.shop.up("customization", inputs(name), both, at(3));
    expect(tagOf(taken.outputs)).to.equal("3.13.2");
    expect(Object.keys(taken.outputs["tags"] as ValueMap)).to.deep.equal(["3.13.2_x"]);
    expect(taken.outputs["reasons"]).to.deep.equal(["the base moved from 3.13.1 to 3.13.2"]);
    expect(noticesOf(taken.outputs)).to.deep.equal([
      `ripening: the base ${name} ripens: 3.13.2 → 3.13.3 (${short(three)}) will be taken on 2026-03-05`,
    ]);
    expect(firstSeen(taken.outputs)).to.deep.equal({ [three]: "2026-03-03T09:00:00.000Z" });
  });

  it("a newer tag that this operation publishes is refused by the name of the tag that is used, not of a younger one", async () => {
    const name = base();
    await stage.shop.put(name, "3.13.1", baseParts("1"));
    const state = await stage.shop.up("customization", inputs(name), undefined, at(0));
    await stage.shop.put(name, "3.13.2", baseParts("2"));
    const session = at(1);
    const ranged = await checkWith(session, "customization", { news: inputs(name), olds: state.outputs, urn: "urn:ranged" });
    expect(tagOf(ranged.derived)).to.equal("3.13.1");
    const newer = { repository: name, tag: "3.13.7", scripts: [{ path: "/x", content: "x", uid: 0, gid: 0, mode: "0755" }] };
    const { failures } = await checkWith(session, "artifact", { news: newer, urn: "urn:newer" });
    expect(failures[0]?.reason ?? "").to.match(/ uses oci:[^ ]*:3\.13\.1 for \^3\.13, but this one will publish 3\.13\.7/);
  });

  it("a tag that stays ripens behind its name too", async () => {
    const name = base();
    const old = await stage.shop.put(name, "3.13.1", baseParts("1"));
    const state = await stage.shop.up("customization", inputs(name), undefined, at(0));
    await stage.shop.put(name, "3.13.1", baseParts("patched"));
    await stage.shop.put(name, "3.13.2", baseParts("2"));
    const seen = await stage.shop.up("customization", inputs(name), state, at(1));
    expect(baseOf(seen.outputs)).to.include({ tag: "3.13.1", digest: old });
    expect(noticesOf(seen.outputs)).to.have.lengthOf(2);
    expect(tagOf((await stage.shop.up("customization", inputs(name), seen, at(3))).outputs)).to.equal("3.13.2");
  });

  it("a new image takes the newest that was made long enough ago, else the newest with a notice", async () => {
    const name = base();
    await stage.shop.put(name, "3.13.1", made("1", "2026-01-01T00:00:00Z"));
    await stage.shop.put(name, "3.13.2", made("2", "2026-02-28T00:00:00Z"));
    const { derived } = await checkWith(at(0), "customization", { news: inputs(name) });
    expect(tagOf(derived)).to.equal("3.13.1");
    expect(noticesOf(derived).map((notice) => notice.slice(0, 8))).to.deep.equal(["ripening"]);
    const other = base();
    await stage.shop.put(other, "3.13.2", made("2", "2026-02-28T00:00:00Z"));
    const all = await checkWith(at(0), "customization", { news: inputs(other) });
    expect(tagOf(all.derived)).to.equal("3.13.2");
    expect(noticesOf(all.derived).map((notice) => notice.slice(0, 5))).to.deep.equal(["young"]);
    expect(firstSeen(all.derived)).to.equal(undefined);
  });

  it("a tag that points at the base of state is taken at once", async () => {
    const name = base();
    await stage.shop.put(name, "3.13.1", baseParts("1"));
    const state = await stage.shop.up("customization", inputs(name), undefined, at(0));
    await stage.shop.put(name, "3.13.2", baseParts("1"));
    const next = await stage.shop.up("customization", inputs(name), state, at(0.1));
    expect([tagOf(next.outputs), noticesOf(next.outputs)]).to.deep.equal(["3.13.2", []]);
  });

  it("a tag of state that was withdrawn leaves the choice to the others", async () => {
    const name = base();
    for (const tag of ["3.13.1", "3.13.2"]) await stage.shop.put(name, tag, made(tag, "2026-01-01T00:00:00Z"));
    const state = await stage.shop.up("customization", inputs(name), undefined, at(0));
    expect(tagOf(state.outputs)).to.equal("3.13.2");
    await stage.shop.session().repositories.open(parseRepository(name)).deleteTag("3.13.2");
    const back = await stage.shop.up("customization", inputs(name), state, at(1));
    expect([tagOf(back.outputs), noticesOf(back.outputs)]).to.deep.equal(["3.13.1", []]);
  });

  it("an outage of the listing leaves the tag, the first sight and the notice", async () => {
    const name = base();
    await stage.shop.put(name, "3.13.1", baseParts("1"));
    const state = await stage.shop.up("customization", inputs(name), undefined, at(0));
    await stage.shop.put(name, "3.13.2", baseParts("2"));
    const seen = await stage.shop.up("customization", inputs(name), state, at(1));
    const down = new DhiError("unavailable", "the registry answered 503");
    const session = changed(at(9), () => ({ listTags: () => Promise.reject(down) }));
    const kept = await stage.shop.up("customization", inputs(name), seen, session);
    expect(kept.did).to.equal("same");
  });

  it("asks no more than 20 of the newest tags for their age", async () => {
    const name = base();
    const tags = Array.from({ length: 22 }, (_, at) => `3.13.${String(at)}`);
    for (const tag of tags) await stage.shop.put(name, tag, made("x", tag === "3.13.1" ? "2026-01-01T00:00:00Z" : "2026-02-28T00:00:00Z"));
    const news = inputs(name);
    // 3.13.1 is the 21st: it is not found.
    expect(tagOf((await checkWith(at(0), "customization", { news })).derived)).to.equal("3.13.21");
    await stage.shop.session().repositories.open(parseRepository(name)).deleteTag("3.13.21");
    expect(tagOf((await checkWith(at(0), "customization", { news })).derived)).to.equal("3.13.1");
  });
});

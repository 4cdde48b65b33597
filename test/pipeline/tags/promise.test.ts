import { after, before, describe, it } from "mocha";
import { isMap, type ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { baseParts, checkWith, Workshop } from "../workshop.js";

describe("check and create", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    await shop.put("oci:base", "3.13");
  });
  after(() => shop.remove());

  const inputs: ValueMap = { repository: "oci:base", version: "3.13", suffix: "check" };

  it("hold the resolution of ignoreChanges, also in the second check of a replacement", async () => {
    await shop.put("oci:held", "1");
    const news = { repository: "oci:held", version: "1", suffix: "a" };
    const { derived } = await checkWith(shop.session(), "customization", { news });
    await shop.put("oci:held", "1", baseParts("2"));
    const session = shop.session();
    const held = await checkWith(session, "customization", {
      news: { ...news, suffix: "b", resolution: derived["resolution"] ?? null },
      olds: { ...news, ...derived },
      urn: "urn:x",
    });
    expect(held.derived["resolution"]).to.deep.equal(derived["resolution"]);
    const second = await checkWith(session, "customization", { news: { ...news, suffix: "b" }, urn: "urn:x" });
    expect(second.derived).to.deep.equal({ ...held.derived, reasons: ["new image"] });
    const released = await checkWith(shop.session(), "customization", { news: { ...news, suffix: "b" }, urn: "urn:x" });
    expect(released.derived["resolution"]).to.not.deep.equal(derived["resolution"]);
  });

  it("reject held local sources that have changed", async () => {
    await shop.write("held/f", "one");
    const news = { ...inputs, suffix: "held", files: [{ path: "/f", source: "held/f" }] };
    const { derived } = await checkWith(shop.session(), "customization", { news });
    await shop.write("held/f", "two");
    const { failures } = await checkWith(shop.session(), "customization", { news: { ...news, resolution: derived["resolution"] ?? null } });
    expect(failures[0]?.reason ?? "").to.match(/^resolution: the source held\/f has changed since the resolution held by ignoreChanges/);
  });

  it("with deferFailures defer the failure to create and update, and keep the old outputs", async () => {
    const session = shop.session({ deferFailures: true });
    const bad = await checkWith(session, "customization", { news: { ...inputs, runAs: "ghost" } });
    expect(bad.failures).to.deep.equal([]);
    expect(Object.keys(bad.derived)).to.deep.equal(["failure"]);
    expect(bad.lines).to.deep.equal([`error: ${bad.derived["failure"] as string}`]);
    await expect(lifecycles.customization.create(session, { ...bad.inputs, ...bad.derived }, keepRow())).to.be.rejectedWithError({
      message: /no user "ghost"/,
    });
    const good = await checkWith(session, "customization", { news: inputs });
    const later = await checkWith(session, "customization", {
      news: { ...inputs, runAs: "ghost" },
      olds: { ...inputs, ...good.derived, drift: { a: "b" } },
    });
    expect(later.derived).to.deep.equal({ ...good.derived, failure: bad.derived["failure"] });
  });

  it("resolve a tag of the same program to the digest to publish, or reject it when it was already resolved to another", async () => {
    const old = await shop.put("oci:told", "1_a", baseParts("0"));
    const inner = { repository: "oci:base", version: "3.13", destination: "oci:told", suffix: "x", overwrite: true };
    const outer = { repository: "oci:told", version: "3.13_x", suffix: "y" };
    const session = shop.session();
    const first = await checkWith(session, "customization", { news: inner });
    const second = await checkWith(session, "customization", { news: outer });
    expect([first.failures, second.failures]).to.deep.equal([[], []]);
    expect((second.derived["base"] as ValueMap)["digest"]).to.equal(first.derived["digest"]);
    // In the other order, the tag was another image when it was resolved.
    await shop.put("oci:told", "3.13_x", baseParts("0"));
    const turned = shop.session();
    const early = await checkWith(turned, "customization", { news: outer });
    expect((early.derived["base"] as ValueMap)["digest"]).to.equal(old);
    const late = await checkWith(turned, "customization", { news: inner });
    expect(late.failures[0]?.reason ?? "").to.match(
      /^suffix: another resource of this program uses oci:told:3\.13_x as it is now.*dependsOn/,
    );
    // Without changes, the order does not matter.
    const state = await shop.up("customization", inner);
    const calm = shop.session();
    await checkWith(calm, "customization", { news: outer });
    expect((await checkWith(calm, "customization", { news: inner, olds: state.outputs })).failures).to.deep.equal([]);
  });

  it("compose a chain of artifact and customizations before anything is pushed", async () => {
    const session = shop.session();
    const tools = await checkWith(session, "artifact", {
      news: { repository: "oci:chain", tag: "t", scripts: [{ path: "/opt/x", content: "x", uid: 0, gid: 0, mode: "0755" }] },
    });
    const first = await checkWith(session, "customization", {
      news: { ...inputs, suffix: "chain", artifacts: [{ image: tools.derived["ref"] ?? "", includes: ["/opt"] }] },
    });
    expect(first.failures).to.deep.equal([]);
    const asBase = first.derived["asBase"];
    expectThat(isMap(asBase));
    const second = await checkWith(session, "customization", { news: { ...asBase, suffix: "two", cmd: ["x"] } });
    expect(second.failures).to.deep.equal([]);
    expect(second.derived["digest"]).to.not.equal(first.derived["digest"]);
    expect(await shop.head("oci:chain", "t")).to.equal(undefined);
  });

  it("reject invalid checked inputs in create", async () => {
    for (const broken of [inputs, { ...inputs, digest: "sha256:1", resolution: { layoutVersion: 1 } }, { suffix: "x" }]) {
      await expect(lifecycles.customization.create(shop.session(), broken, keepRow())).to.be.rejectedWithError({
        code: "invalid",
        message: /^the checked inputs are not those that check returned/,
      });
    }
  });

  it("do not publish an image that differs from the promised one", async () => {
    await shop.write("promise/f", "one");
    const news = { ...inputs, suffix: "promise", files: [{ path: "/f", source: "promise/f" }] };
    const { derived } = await checkWith(shop.session(), "customization", { news });
    await shop.write("promise/f", "two");
    shop.loseCache();
    await expect(lifecycles.customization.create(shop.session(), { ...news, ...derived }, keepRow())).to.be.rejectedWithError({
      code: "mismatch",
      message: /^the image was composed as sha256:.*, but check promised sha256:/,
    });
    expect(await shop.head("oci:base", "3.13_promise")).to.equal(undefined);
  });

  it("compose again what was evicted from the cache", async () => {
    const news = { ...inputs, suffix: "lost", cmd: ["x"] };
    const { derived } = await checkWith(shop.session(), "customization", { news });
    shop.loseCache();
    const { outputs } = await lifecycles.customization.create(shop.session(), { ...news, ...derived }, keepRow());
    expect(await shop.head("oci:base", "3.13_lost")).to.equal(outputs["digest"]);
  });
});

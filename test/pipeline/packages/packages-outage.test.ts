import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import type { ValueMap } from "../../../provider/values.js";
import { debianBase, forBoth, PackagesShop } from "./packages-shop.js";
import { checkWith, type State } from "../workshop.js";

describe("an unavailable package archive", () => {
  let packages: PackagesShop;
  let state: State;
  let inputs: ValueMap;
  before(async () => {
    packages = await PackagesShop.open();
    await packages.stock(forBoth("tool"));
    await packages.shop.put("oci:base", "3.13", debianBase());
    inputs = { repository: "oci:base", version: "3.13", suffix: "p", packages: ["tool"], packageSources: [packages.source()] };
    state = await packages.shop.up("customization", inputs);
  });
  after(() => packages.close());

  const kept = (host: string): RegExp => new RegExp(`^warning: kept unchanged: packages: .*${host}.*last confirmed at \\d{4}-`);

  for (const status of [503, 429]) {
    it(`with status ${String(status)} keeps an unchanged image, with a warning`, async () => {
      packages.archive.fail(status);
      const same = await packages.shop.up("customization", inputs, state);
      const { derived } = await checkWith(packages.shop.session(), "customization", { news: inputs, olds: state.inputs });
      packages.archive.fail();
      assert.equal(same.did, "same");
      assert.deepEqual({ ...inputs, ...derived }, state.inputs);
      assert.equal(same.lines.length, 1);
      assert.match(same.lines[0] ?? "", kept(new URL(packages.archive.url).host));
    });
  }

  it("keeps it with an empty cache too, last confirmed at an unknown time", async () => {
    packages.shop.loseCache();
    packages.archive.fail(503);
    const { lines, did } = await packages.shop.up("customization", inputs, state);
    packages.archive.fail();
    assert.equal(did, "same");
    assert.match(lines[0] ?? "", /an unknown time$/);
  });

  it("fails a changed image, naming the host", async () => {
    packages.archive.fail(503);
    const [failure] = await packages.refusals({ ...inputs, packages: ["tool", "other"] }, state.inputs);
    const [fresh] = await packages.refusals(inputs);
    packages.archive.fail();
    const { host } = new URL(packages.archive.url);
    for (const text of [failure, fresh]) assert.match(text ?? "", new RegExp(`^packages: .*${host} answered 503`));
  });

  it("is an error with requireFresh", async () => {
    packages.archive.fail(503);
    const failures = await packages.refusals(inputs, state.inputs, packages.shop.session({ requireFresh: true }));
    packages.archive.fail();
    assert.equal(failures.length, 1);
    assert.ok(failures[0]?.includes(new URL(packages.archive.url).host), failures[0]);
  });

  for (const status of [401, 403]) {
    it(`is an error with status ${String(status)}, which is not an outage`, async () => {
      packages.archive.fail(status);
      const failures = await packages.refusals(inputs, state.inputs);
      packages.archive.fail();
      assert.match(failures.join(), new RegExp(`^packages: .*${new URL(packages.archive.url).host}`));
    });
  }

  it("by a broken network keeps an unchanged image", async () => {
    const gone = await PackagesShop.open();
    await gone.stock(forBoth("tool"));
    await gone.shop.put("oci:base", "3.13", debianBase());
    const news = { ...inputs, packageSources: [gone.source()] };
    const before = await gone.shop.up("customization", news);
    await gone.archive.stop();
    const same = await gone.shop.up("customization", news, before);
    await gone.shop.remove();
    assert.equal(same.did, "same");
    assert.match(same.lines[0] ?? "", kept(new URL(gone.archive.url).host));
  });
});

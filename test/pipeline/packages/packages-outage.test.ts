import { after, before, describe, it } from "mocha";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
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
      expect(same.did).to.equal("same");
      expect({ ...inputs, ...derived }).to.deep.equal(state.inputs);
      expect(same.lines.length).to.equal(1);
      expect(same.lines[0] ?? "").to.match(kept(new URL(packages.archive.url).host));
    });
  }

  it("keeps it with an empty cache too, last confirmed at an unknown time", async () => {
    packages.shop.loseCache();
    packages.archive.fail(503);
    const { lines, did } = await packages.shop.up("customization", inputs, state);
    packages.archive.fail();
    expect(did).to.equal("same");
    expect(lines[0] ?? "").to.match(/an unknown time$/);
  });

  it("fails a changed image, naming the host", async () => {
    packages.archive.fail(503);
    const [failure] = await packages.refusals({ ...inputs, packages: ["tool", "other"] }, state.inputs);
    const [fresh] = await packages.refusals(inputs);
    packages.archive.fail();
    const { host } = new URL(packages.archive.url);
    for (const text of [failure, fresh]) expect(text ?? "").to.match(new RegExp(`^packages: .*${host} answered 503`));
  });

  it("is an error with requireFresh", async () => {
    packages.archive.fail(503);
    const failures = await packages.refusals(inputs, state.inputs, packages.shop.session({ requireFresh: true }));
    packages.archive.fail();
    expect(failures.length).to.equal(1);
    expect(failures[0], failures[0]).to.include(new URL(packages.archive.url).host);
  });

  for (const status of [401, 403]) {
    it(`is an error with status ${String(status)}, which is not an outage`, async () => {
      packages.archive.fail(status);
      const failures = await packages.refusals(inputs, state.inputs);
      packages.archive.fail();
      expect(failures.join()).to.match(new RegExp(`^packages: .*${new URL(packages.archive.url).host}`));
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
    expect(same.did).to.equal("same");
    expect(same.lines[0] ?? "").to.match(kept(new URL(gone.archive.url).host));
  });
});

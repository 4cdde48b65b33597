import { after, before, describe, it } from "mocha";
import type { ValueMap } from "../../../provider/values.js";
import { lookUpHistory } from "../../../provider/resources/lookups/history.js";
import { startWatchedRegistry, type WatchedRegistry } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import type { Fault, SeenRequest } from "../../support/registries/index.js";
import { cleanup } from "../../support/running-test.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { baseParts, Workshop, type State } from "../workshop.js";

const deletes = ({ method, url }: SeenRequest): boolean => method === "DELETE" && url.includes("/manifests/");
const forbidden: Fault = { kind: "status", status: 403, body: '{"errors":[{"code":"DENIED","message":"you may not"}]}' };
const tagOf = (state: State): string => `1-${(state.outputs["digest"] as string).slice(7, 19)}`;

describe("tags that keep earlier images", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  const inputsAt = (registry: WatchedRegistry, more: ValueMap = {}): ValueMap => ({
    repository: `${registry.host}/acme/base`,
    version: "1",
    destination: `${registry.host}/acme/app`,
    ...more,
  });
  const publish = async (registry: WatchedRegistry, version: string, state?: State, more: ValueMap = {}): Promise<State> => {
    await putImage(registry.open("acme/base"), makeImage(baseParts(version)), "1");
    return shop.up("customization", inputsAt(registry, more), state);
  };
  const destroy = async ({ id, outputs }: State): Promise<readonly string[]> => {
    const row = keepRow();
    await lifecycles.customization.delete(shop.session(), id, outputs, row);
    return row.lines;
  };
  const start = async (options: Parameters<typeof startWatchedRegistry>[0] = {}): Promise<WatchedRegistry> => {
    const registry = await startWatchedRegistry(options);
    cleanup(() => registry.stop());
    return registry;
  };

  for (const program of ["docker-registry", "registry"] as const) {
    it(`come, move on and go on ${program}, and cost an unchanged image no request`, async () => {
      const registry = await start({ program });
      const app = registry.open("acme/app");
      const one = await publish(registry, "a");
      const two = await publish(registry, "b", one);
      const three = await publish(registry, "c", two);
      expect(await app.listTags()).to.deep.equal(["1", ...[one, two, three].map(tagOf).sort()].sort());
      registry.seen();
      shop.loseCache();
      expect((await shop.up("customization", inputsAt(registry), three)).did).to.equal("same");
      expect(registry.seen().filter((request) => !/^GET \/v2\/$/.test(request))).to.deep.equal([
        "HEAD /v2/acme/base/manifests/1",
        "HEAD /v2/acme/app/manifests/1",
      ]);
      const back = await shop.up("customization", inputsAt(registry, { rollbackTo: tagOf(one) }), three);
      expect(await registry.digestOf("acme/app", "1")).to.equal(one.outputs["digest"]);
      expect(back.outputs["digest"]).to.equal(one.outputs["digest"]);
      const four = await publish(registry, "d", back);
      expect(await app.listTags()).to.deep.equal(["1", ...[two, three, four].map(tagOf)].sort());
      expect(await destroy(four)).to.deep.equal([]);
      expect(await app.listTags()).to.deep.equal([]);
    });
  }

  it("stay with a notice each where the registry deletes nothing for anybody", async () => {
    const registry = await start({ deleteEnabled: false });
    const one = await publish(registry, "a", undefined, { keepPrevious: 2 });
    const two = await publish(registry, "b", one, { keepPrevious: 2 });
    const three = await publish(registry, "c", two, { keepPrevious: 2 });
    expect(three.did).to.equal("update");
    expect(three.lines.filter((line) => line.startsWith("warning: the tag ")).join()).to.match(
      new RegExp(`^warning: the tag ${tagOf(one)} stays in [^,]*$`),
    );
    const lines = await destroy(three);
    expect(lines.map((line) => /the tag (\S+) stays/.exec(line)?.[1])).to.deep.equal(["1", tagOf(three), tagOf(two)]);
  });

  it("that a login may not remove are no failure of an update, and the next one removes them", async () => {
    const registry = await start();
    const more = { keepPrevious: 2 };
    const one = await publish(registry, "a", undefined, more);
    const two = await publish(registry, "b", one, more);
    registry.fail((seen) => (deletes(seen) ? forbidden : undefined));
    const three = await publish(registry, "c", two, more);
    registry.fail();
    expect(three.lines.join("\n")).to.match(/could not be removed from .*, and the next update tries again: .*403/);
    expect(await registry.digestOf("acme/app", tagOf(one))).to.equal(one.outputs["digest"]);
    const four = await publish(registry, "d", three, more);
    expect(await registry.open("acme/app").listTags()).to.deep.equal(["1", tagOf(three), tagOf(four)].sort());
  });

  it("that cannot be put are no failure of an update", async () => {
    const registry = await start();
    const isKept = ({ method, url }: SeenRequest): boolean => method === "PUT" && /\/manifests\/1-[0-9a-f]{12}$/.test(url);
    registry.fail((seen) => (isKept(seen) ? forbidden : undefined));
    const one = await publish(registry, "a");
    registry.fail();
    expect(one.lines.join("\n")).to.match(/could not be put in .*\/acme\/app, and the next update tries again: .*403/);
    const two = await publish(registry, "b", one);
    expect(await registry.open("acme/app").listTags()).to.deep.equal(["1", tagOf(one), tagOf(two)].sort());
  });

  it("tell the history of an image of another program, the current one first", async () => {
    const registry = await start();
    const one = await publish(registry, "a");
    const two = await publish(registry, "b", one);
    const entry = (state: State, current: boolean) => ({ digest: state.outputs["digest"], tag: tagOf(state), current, reasons: [] });
    const expected = [entry(two, true), entry(one, false)];
    const at = `${registry.host}/acme/app`;
    for (const ref of [`${at}:1`, ...[one, two].map(({ outputs }) => outputs["ref"] as string)])
      expect(await lookUpHistory(shop.session(), { ref }), ref).to.deep.equal(expected);
    await expect(lookUpHistory(shop.session(), { ref: `${at}:2` })).to.be.rejectedWithError({ code: "not-found", message: /has no tag 2/ });
    await expect(lookUpHistory(shop.session(), { ref: `${at}@sha256:${"0".repeat(64)}` })).to.be.rejectedWithError({
      code: "not-found",
      hint: /Name the image by its tag/,
    });
    await expect(lookUpHistory(shop.session(), { ref: at })).to.be.rejectedWithError({
      code: "invalid",
      message: /neither tag nor digest/,
    });
    const base = await registry.digestOf("acme/base", "1");
    expect(await lookUpHistory(shop.session(), { ref: `${registry.host}/acme/base:1` })).to.deep.equal([
      { digest: base, tag: "1", current: true, reasons: [] },
    ]);
  });
});

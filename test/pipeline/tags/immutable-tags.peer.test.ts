import { after, before, describe, it } from "mocha";
import type { ValueMap } from "../../../provider/values.js";
import { lookUpHistory } from "../../../provider/resources/lookups/history.js";
import { startWatchedRegistry, type WatchedRegistry } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { refuseMoves, type Fault, type RegistryOptions } from "../../support/registries/index.js";
import { cleanup } from "../../support/running-test.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { baseParts, Workshop, type State } from "../workshop.js";

const tagOf = ({ outputs }: State): string => `1-${(outputs["digest"] as string).slice(7, 19)}`;

describe("tags of a registry that refuses to move one", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  const start = async (status: number, keeps: boolean, options: RegistryOptions = {}) => {
    const registry = await startWatchedRegistry(options);
    cleanup(() => registry.stop());
    const { rule, refused } = refuseMoves(status, keeps);
    registry.fail(rule);
    const publish = async (version: string, state?: State, more: ValueMap = {}): Promise<State> => {
      await putImage(registry.open("acme/base"), makeImage(baseParts(version)), "1");
      return shop.up("customization", inputsAt(registry, more), state);
    };
    return { registry, rule, refused, publish, tags: () => registry.open("acme/app").listTags() };
  };
  const inputsAt = ({ host }: WatchedRegistry, more: ValueMap = {}): ValueMap => ({
    repository: `${host}/acme/base`,
    version: "1",
    destination: `${host}/acme/app`,
    immutableTags: true,
    ...more,
  });
  const stays = (lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => /^warning: the tag (\S+) stays in /.exec(line)?.[1] ?? []);

  for (const status of [400, 403, 409, 412]) {
    it(`${String(status)}: are published without immutableTags once, and then an error that names the tag`, async () => {
      const { publish } = await start(status, false);
      const one = await publish("a", undefined, { immutableTags: false });
      await expect(publish("b", one, { immutableTags: false })).to.be.rejectedWithError({ message: /the tag is immutable/ });
    });
  }

  it("are each put once, and removed when they are the oldest, where tags can be deleted", async () => {
    const { registry, refused, publish, tags } = await start(409, false, { program: "registry" });
    const states = [await publish("a")];
    for (const version of ["b", "c", "d"]) states.push(await publish(version, states.at(-1)));
    expect(await tags()).to.deep.equal(states.slice(1).map(tagOf).sort());
    const [, two, three, four] = states;
    const back = await shop.up("customization", inputsAt(registry, { rollbackTo: two?.outputs["digest"] as string }), four);
    expect(back.outputs["tags"]).to.deep.equal(two?.outputs["tags"]);
    const newest = await publish("e", back);
    expect(await tags()).to.deep.equal([three, four, newest].map((state) => tagOf(state as State)).sort());
    registry.seen();
    shop.loseCache();
    expect((await shop.up("customization", inputsAt(registry), newest)).did).to.equal("same");
    expect(registry.seen().filter((request) => !/^GET \/v2\/$/.test(request))).to.deep.equal([
      "HEAD /v2/acme/base/manifests/1",
      `HEAD /v2/acme/app/manifests/${tagOf(newest)}`,
    ]);
    const row = keepRow();
    await lifecycles.customization.delete(shop.session(), newest.id, newest.outputs, row);
    expect([row.lines, await tags(), refused]).to.deep.equal([[], [], []]);
  });

  for (const [status, program] of [
    [409, "docker-registry"],
    [412, "registry"],
  ] as const) {
    it(`${String(status)}: that cannot be removed either are left with a warning each, and the update goes through (${program})`, async () => {
      const { refused, publish, tags } = await start(status, true, { program });
      const more = { keepPrevious: 2 };
      const states = [await publish("a", undefined, more)];
      for (const version of ["b", "c"]) states.push(await publish(version, states.at(-1), more));
      const [one, two, three] = states as [State, State, State];
      expect(stays(three.lines)).to.deep.equal([tagOf(one)]);
      expect((three.outputs["__history"] as readonly ValueMap[]).map(({ tag }) => tag)).to.deep.equal([three, two].map(tagOf));
      expect(await tags()).to.deep.equal(states.map(tagOf).sort());
      // What comes again finds its tag, which points at it already.
      const again = await publish("a", three, more);
      expect(again.outputs["tags"]).to.deep.equal(one.outputs["tags"]);
      const row = keepRow();
      await lifecycles.customization.delete(shop.session(), again.id, again.outputs, row);
      expect([...stays(row.lines)].sort()).to.deep.equal([one, three].map(tagOf).sort());
      // Only deletions by way of a throw-away manifest would have moved one.
      expect(refused.filter((tag) => !stays([...three.lines, ...again.lines, ...row.lines]).includes(tag))).to.deep.equal([]);
    });
  }

  it("that a login may not remove are no failure of an update, and the next one removes them", async () => {
    const { registry, rule, publish, tags } = await start(409, false, { program: "registry" });
    const forbidden: Fault = { kind: "status", status: 403, body: '{"errors":[{"code":"DENIED","message":"you may not"}]}' };
    registry.fail((seen) => (seen.method === "DELETE" ? forbidden : rule(seen)));
    const more = { keepPrevious: 1 };
    const one = await publish("a", undefined, more);
    const two = await publish("b", one, more);
    expect(two.lines.join("\n")).to.match(/could not be removed from .*, and the next update tries again: .*403/);
    expect(two.outputs["tags"]).to.deep.equal({ [tagOf(two)]: two.outputs["digest"] });
    expect(await tags()).to.deep.equal([one, two].map(tagOf).sort());
    registry.fail(rule);
    const three = await publish("c", two, more);
    expect(await tags()).to.deep.equal([tagOf(three)]);
  });

  it("come in place of one that the registry would not move, and leave it with a warning", async () => {
    const { registry, publish, tags } = await start(409, true);
    const one = await publish("a", undefined, { immutableTags: false });
    const two = await publish("b", one);
    expect(stays(two.lines)).to.deep.equal(["1"]);
    expect(await tags()).to.deep.equal(["1", tagOf(one), tagOf(two)].sort());
    expect((await shop.up("customization", inputsAt(registry), two)).did).to.equal("same");
  });

  it("tell the history of an image of another program, by one of them or by a digest", async () => {
    const { registry, publish } = await start(409, false);
    const one = await publish("a");
    const two = await publish("b", one);
    const at = `${registry.host}/acme/app`;
    const expected = [one, two]
      .map((state) => ({ digest: state.outputs["digest"], tag: tagOf(state), current: false, reasons: [] }))
      .sort((a, b) => (a.tag < b.tag ? -1 : 1));
    for (const ref of [`${at}:${tagOf(one)}`, two.outputs["ref"] as string])
      expect(await lookUpHistory(shop.session(), { ref }), ref).to.deep.equal(expected);
  });
});

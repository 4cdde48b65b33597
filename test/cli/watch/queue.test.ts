import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, it } from "mocha";
import { formatCauses, type Cause } from "../../../cli/watch/cause.js";
import { LONGEST_WAIT, MAX_CAUSES, RunQueue } from "../../../cli/watch/queue.js";
import { expect } from "../../support/expectations.js";
import { FakeClock } from "./fake-clock.js";

const push = (tag: string): Cause => ({ kind: "push", push: { host: undefined, repository: "acme/base", tag } });
const poll: Cause = { kind: "poll" };

describe("a queue of runs", () => {
  let clock: FakeClock;
  let queue: RunQueue;
  /** When each run began, and why. */
  let runs: (readonly [number, string])[];
  let ends: ((succeeded: boolean) => void)[];
  let ignored: ReadonlySet<string>;
  const end = async (succeeded = true) => {
    ends.shift()?.(succeeded);
    await turn();
  };
  beforeEach(() => {
    clock = new FakeClock();
    runs = [];
    ends = [];
    ignored = new Set();
    queue = new RunQueue({
      clock,
      quiet: 100,
      backOff: { first: 1000, longest: 8000 },
      isDue: (cause) => cause.kind !== "push" || !ignored.has(cause.push.tag),
      run: async (take) => {
        const causes = take();
        if (causes.length === 0) return true;
        runs.push([clock.now(), formatCauses(causes)]);
        return await new Promise((resolve) => ends.push(resolve));
      },
    });
  });

  it("runs once for a cascade, when it has been quiet", async () => {
    for (const tag of ["3", "3.13", "3.13"]) {
      expect(queue.offer(push(tag))).to.equal(true);
      await clock.advance(99);
    }
    expect(runs).to.deep.equal([]);
    await clock.advance(1);
    expect(runs).to.deep.equal([[298, "acme/base:3, acme/base:3.13 were pushed"]]);
  });

  it("does not wait for a cascade without end", async () => {
    for (let pushes = 0; pushes < 40; pushes += 1) {
      queue.offer(push("3"));
      await clock.advance(50);
    }
    expect(runs.map(([at]) => at)).to.deep.equal([100 * LONGEST_WAIT]);
  });

  it("runs exactly once more for what comes in during a run", async () => {
    queue.offer(poll);
    await clock.advance(100);
    for (const tag of ["1", "2"]) queue.offer(push(tag));
    await clock.advance(5000);
    expect(runs.length).to.equal(1);
    await end();
    await clock.advance(5000);
    expect(runs).to.deep.equal([
      [100, "it is time to look"],
      [5200, "acme/base:1, acme/base:2 were pushed"],
    ]);
    await end();
    await clock.advance(50_000);
    expect(runs.length).to.equal(2);
  });

  it("forgets what a run itself has pushed", async () => {
    queue.offer(poll);
    await clock.advance(100);
    queue.offer(push("own"));
    ignored = new Set(["own"]);
    await end();
    expect(queue.offer(push("own"))).to.equal(false);
    await clock.advance(50_000);
    expect(runs.length).to.equal(1);
  });

  it("tries again after failures, each time later, and at once after a success", async () => {
    queue.offer(poll);
    await clock.advance(100);
    for (const delay of [1000, 2000, 4000, 8000, 8000]) {
      const before = runs.length;
      await end(false);
      // Does not make it sooner.
      queue.offer(push("1"));
      await clock.advance(delay - 1);
      expect(runs.length).to.equal(before);
      await clock.advance(1);
      expect(runs.length).to.equal(before + 1);
      expect(runs.at(-1)?.[1]).to.equal("the run before failed, acme/base:1 was pushed");
    }
    await end(true);
    queue.offer(push("2"));
    await clock.advance(100);
    expect(runs.at(-1)).to.deep.equal([clock.now(), "acme/base:2 was pushed"]);
    await end(false);
    await clock.advance(1000);
    expect(runs.at(-1)).to.deep.equal([clock.now(), "the run before failed"]);
  });

  it(`remembers ${MAX_CAUSES} pushes, and more as one cause`, async () => {
    for (let at = 0; at < MAX_CAUSES; at += 1) queue.offer(push(String(at)));
    queue.offer(push("0"));
    await clock.advance(100);
    expect(runs[0]?.[1]).to.match(/^acme\/base:0, .* 995 more were pushed$/);
    await end();
    for (let at = 0; at < MAX_CAUSES + 2; at += 1) queue.offer(push(String(at)));
    await clock.advance(100);
    expect(runs[1]?.[1]).to.equal(`too many pushes to remember came in, acme/base:${MAX_CAUSES + 1} was pushed`);
  });

  it("stops without another run, when the one that goes on has ended", async () => {
    queue.offer(poll);
    await clock.advance(100);
    queue.offer(push("1"));
    let stopped = false;
    const stopping = queue.stop().then(() => (stopped = true));
    await clock.advance(5000);
    expect(stopped).to.equal(false);
    expect(queue.offer(push("2"))).to.equal(false);
    await end(false);
    await stopping;
    await clock.advance(50_000);
    expect(runs.length).to.equal(1);
  });

  it("stops at once when nothing runs", async () => {
    queue.offer(poll);
    await queue.stop();
    await clock.advance(5000);
    expect(runs).to.deep.equal([]);
  });
});

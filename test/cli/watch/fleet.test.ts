import { setImmediate as turn } from "node:timers/promises";
import { describe, it } from "mocha";
import { Fleet } from "../../../cli/watch/fleet.js";
import { WatchMetrics } from "../../../cli/watch/metrics.js";
import type { RunFailure } from "../../../cli/watch/on-failure.js";
import type { Push } from "../../../cli/watch/push.js";
import type { StackSources } from "../../../cli/watch/sources.js";
import type { UpOutcome } from "../../../cli/watch/stack.js";
import { expect } from "../../support/expectations.js";
import { FakeClock } from "./fake-clock.js";

const push = (repository: string): Push => ({ host: "r.example", repository, tag: "1" });
const changed: UpOutcome = { result: "changed", text: "update 1" };
const failed: UpOutcome = { result: "failed", errors: ["python: the base has no tag 1", "update failed"] };

/** `lower` makes `acme/lower:1` of `acme/base:1`, and `upper` is made of that. */
const known: Readonly<Record<string, StackSources>> = {
  lower: { sources: [{ repository: "acme/base", tag: "1" }], published: new Set(["r.example/acme/lower:1"]), incomplete: false },
  upper: { sources: [{ repository: "acme/lower", tag: "1" }], published: new Set(["r.example/acme/upper:1"]), incomplete: false },
};

function stage() {
  const clock = new FakeClock();
  const [lines, starts, failures]: [string[], string[], RunFailure[]] = [[], [], []];
  const running: ((outcome: UpOutcome) => void)[] = [];
  const interrupt = new AbortController();
  const metrics = new WatchMetrics(["lower", "upper"]);
  const fleet = new Fleet({
    stacks: Object.entries(known).map(([name, sources]) => ({
      name,
      up: () => {
        starts.push(name);
        return new Promise((resolve) => running.push(resolve));
      },
      sources: async () => sources,
    })),
    clock,
    quiet: 100,
    backOff: { first: 1000, longest: 8000 },
    metrics,
    log: (line) => lines.push(line),
    signal: interrupt.signal,
    onFailure: async (failure) => {
      failures.push(failure);
    },
  });
  const end = async (outcome: UpOutcome = changed) => {
    running.shift()?.(outcome);
    await clock.advance(0);
    await turn();
  };
  /** After the first run of both. */
  const started = async () => {
    fleet.offer({ kind: "start" });
    await clock.advance(100);
    await end();
    await end();
    starts.length = lines.length = 0;
  };
  return { clock, lines, starts, failures, running, interrupt, metrics, fleet, end, started };
}

describe("a fleet of stacks", () => {
  it("runs one stack at a time, in order", async () => {
    const { fleet, clock, starts, running, end, metrics } = stage();
    fleet.offer({ kind: "start" });
    await clock.advance(5000);
    expect(starts).to.deep.equal(["lower"]);
    expect(metrics.format()).to.include('_running{stack="lower"} 1').and.to.include('_running{stack="upper"} 0');
    await end();
    expect(starts).to.deep.equal(["lower", "upper"]);
    await end();
    await clock.advance(50_000);
    expect(starts.length).to.equal(2);
    expect(running.length).to.equal(0);
  });

  it("runs the stacks that are made of what was pushed, then those that are made of these", async () => {
    const { fleet, clock, starts, lines, end, started } = stage();
    await started();
    expect(fleet.offer({ kind: "push", push: push("acme/elsewhere") })).to.equal(false);
    expect(fleet.offer({ kind: "push", push: push("acme/base") })).to.equal(true);
    await clock.advance(100);
    // The registry tells of our own push.
    expect(fleet.offer({ kind: "push", push: push("acme/lower") })).to.equal(true);
    await clock.advance(200);
    expect(starts).to.deep.equal(["lower"]);
    await end();
    expect(starts).to.deep.equal(["lower", "upper"]);
    expect(fleet.offer({ kind: "push", push: push("acme/upper") })).to.equal(true);
    await end();
    await clock.advance(50_000);
    expect(starts).to.deep.equal(["lower", "upper"]);
    expect(lines).to.deep.equal([
      "stack lower: up, because acme/base:1 was pushed",
      "stack lower: up succeeded in 0.2 s: update 1",
      "stack upper: up, because acme/lower:1 was pushed",
      "stack upper: up succeeded in 0.0 s: update 1",
    ]);
  });

  it("tells of a failure, and tries only that stack again", async () => {
    const { fleet, clock, starts, lines, failures, end, started, metrics } = stage();
    await started();
    fleet.offer({ kind: "poll" });
    await clock.advance(100);
    await end(failed);
    await end();
    expect(lines).to.deep.equal([
      "stack lower: up, because it is time to look",
      "stack lower: python: the base has no tag 1",
      "stack lower: update failed",
      "stack lower: up failed after 0.0 s, 1 times in a row; the next try is in 1 s",
      "stack upper: up, because it is time to look",
      "stack upper: up succeeded in 0.0 s: update 1",
    ]);
    expect(failures).to.deep.equal([{ stack: "lower", failures: 1, errors: ["python: the base has no tag 1", "update failed"] }]);
    expect(metrics.format()).to.include('_failures{stack="lower"} 1').and.to.include('_failures{stack="upper"} 0');
    await clock.advance(1000);
    expect(starts).to.deep.equal(["lower", "upper", "lower"]);
    await end();
    expect(metrics.format()).to.include('_failures{stack="lower"} 0');
  });

  it("starts nothing after stop, not even what waits for its turn, and tells nobody of what was interrupted", async () => {
    const { fleet, clock, starts, failures, interrupt, end, metrics } = stage();
    fleet.offer({ kind: "start" });
    await clock.advance(100);
    const stopping = fleet.stop();
    interrupt.abort();
    await end(failed);
    await stopping;
    expect(starts).to.deep.equal(["lower"]);
    expect(failures).to.deep.equal([]);
    expect(metrics.format()).to.include('{stack="lower",result="cancelled"} 1');
  });
});

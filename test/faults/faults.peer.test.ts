import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "mocha";
import { seeded } from "../support/apt/draw.js";
import { expect } from "../support/expectations.js";
import { findProgram } from "../support/registries/index.js";
import { suiteUnless } from "../support/skips.js";
import { describePlan, drawPlan, type Place } from "./draw-faults.js";
import { FaultRun, operations, type Operation, type Promises } from "./run.js";
import { FaultLane, FaultServers } from "./stage.js";

const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const runs = Number(process.env["DHI_FAULT_RUNS"] ?? (process.env["DHI_LONG"] === undefined ? 100 : 2000));
/** Concurrent runs; most of their time is waiting. */
const lanes = 8;
/** This share of the runs whose faults are over at a retry must succeed. */
const healed = 0.99;

const missing = findProgram("docker-registry") === undefined && "docker-registry is not installed";

interface RunResult {
  readonly number: number;
  readonly plan: string;
  readonly healable: boolean;
  readonly error: string | undefined;
  /** Violated expectations. */
  readonly fault: string | undefined;
}

describe(
  "network faults at registry, token server and archive",
  suiteUnless(missing, () => {
    let servers: FaultServers;
    let outcomes: readonly RunResult[];
    const shown: string[] = [];
    before(async () => {
      servers = await FaultServers.start();
    });
    after(() => servers.stop());

    it(`${String(runs)} runs with random faults end in success or one clear error, and publish nothing wrong (seed ${String(seed)})`, async () => {
      const left = Array.from({ length: runs }, (_, number) => number);
      const results = await Promise.all(Array.from({ length: lanes }, () => playAll(servers, left, shown)));
      outcomes = results.flat();
      expect(outcomes.length).to.equal(runs);
      expect(
        outcomes.filter(({ fault }) => fault !== undefined).map(({ number, plan, fault }) => `${String(number)}: ${plan}: ${fault ?? ""}`),
      ).to.deep.equal([]);
    });

    it("are hidden by retries where a retry can succeed", () => {
      const healable = outcomes.filter((run) => run.healable);
      const noticed = healable.filter(({ error }) => error !== undefined);
      expect(
        noticed.length,
        noticed.map(({ number, plan, error }) => `${String(number)}: ${plan}: ${error ?? ""}`).join("\n"),
      ).to.be.at.most(Math.max(1, Math.floor(healable.length * (1 - healed))));
    });

    it("never show, log or send a credential to another server", async () => {
      const everything = [...shown, ...servers.collected, await readFile(servers.logFile, "utf8")].join("\n");
      for (const secret of servers.secrets)
        expect(everything, `a credential is shown: ${around(everything, secret)}`).to.not.include(secret);
      expect(everything, "a token is shown").to.not.match(/eyJ[A-Za-z0-9_-]{20,}/);
    });
  }),
);

async function playAll(servers: FaultServers, left: number[], shown: string[]): Promise<readonly RunResult[]> {
  const lane = await FaultLane.open(servers);
  const outcomes: RunResult[] = [];
  try {
    const promises = await new FaultRun(lane, "promises").promises();
    const requests = await countRequests(lane, promises);
    for (let number = left.shift(); number !== undefined; number = left.shift()) {
      const random = seeded(seed + number);
      const operation = operations[Math.floor(random() * operations.length)] ?? "create";
      const plan = drawPlan(random, requests[operation], servers.collector.host);
      const about = { number, plan: `${operation}, ${describePlan(plan)}`, healable: plan.healable };
      try {
        const { error, texts } = await new FaultRun(lane, String(number)).play(operation, plan, promises);
        shown.push(...texts);
        outcomes.push({ ...about, error, fault: undefined });
      } catch (thrown) {
        outcomes.push({ ...about, error: undefined, fault: thrown instanceof Error ? thrown.message : String(thrown) });
      }
    }
  } finally {
    await lane.stop();
  }
  return outcomes;
}

type Counts = Readonly<Record<Place, number>>;

/** How many requests each server receives in each operation without faults. */
async function countRequests(lane: FaultLane, promises: Promises): Promise<Readonly<Record<Operation, Counts>>> {
  const count = async (operation: Operation): Promise<Counts> => {
    const outcome = await new FaultRun(lane, `count-${operation}-${lane.newCache()}`).play(
      operation,
      { healable: true, faults: [] },
      promises,
    );
    expect(outcome.error).to.equal(undefined);
    return outcome.requests;
  };
  return { create: await count("create"), update: await count("update"), destroy: await count("destroy") };
}

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return text.slice(Math.max(0, at - 200), at + 50);
}

import { describe, it } from "mocha";
import { DhiError } from "../../provider/errors.js";
import { expect } from "../support/expectations.js";
import { note } from "../support/running-test.js";
import { readCases, readCorpus } from "./corpus.js";
import { fuzz } from "./fuzz.js";
import { fuzzInProcess } from "./process.js";
import { findFault, type Target } from "./target.js";
import { targets } from "./targets.js";

const seed = Number(process.env["DHI_SEED"] ?? 1);
const isLong = process.env["DHI_LONG"] !== undefined;
/** Limits for each target, whichever is reached first; the long form is npm run fuzz. */
const budget = isLong ? { runs: 100_000, seconds: 120 } : { runs: 3000, seconds: 12 };

describe("a fixed fault stays fixed", () => {
  for (const target of targets) {
    for (const { what, input } of readCases(target.name)) {
      it(`${target.name}: ${what}`, async () => expect(await findFault(target, input)).to.equal(undefined));
    }
  }
});

describe("a parser reads or rejects any bytes, in bounded time and memory", () => {
  for (const target of targets) {
    it(target.name, async () => {
      const { finds, covered, peak, ...report } = await fuzzInProcess(target.name, { seed, ...budget });
      note(`${report.runs} inputs, ${covered} bytes of code reached, peak ${Math.round(peak / 2 ** 20)} MiB`);
      const shown = finds.map(({ fault, input }) => `${fault}\ninput (latin1): ${JSON.stringify(input)}`);
      expect(shown, `seed ${seed}`).to.deep.equal([]);
      expect(report.runs).to.be.above(0);
    });
  }
});

describe("the fuzzer", () => {
  const target = (run: Target["run"], more: Partial<Target> = {}): Target => ({
    name: "made",
    seeds: ["abc"],
    words: ["key"],
    limit: 64,
    run,
    ...more,
  });

  it("reports thrown errors other than DhiError, and counts rejected inputs as read", async () => {
    const broken = target((input) => {
      if (input.includes("key")) throw new TypeError("broken");
      throw new DhiError("invalid", "it is rejected");
    });
    const { finds } = await fuzz(broken, { seed: 1, runs: 2000 });
    expect(finds.length).to.equal(1);
    expect(finds[0]?.fault ?? "").to.match(/^TypeError: broken/);
    expect(finds[0]?.input.includes("key")).to.equal(true);
    expect(
      (await findFault(
        target(() => {
          throw new DhiError("invalid", "");
        }),
        Buffer.alloc(0),
      )) ?? "",
    ).to.match(/without a message/);
  });

  it("is deterministic for a seed, within the size limit", async () => {
    const seen: Buffer[] = [];
    const { runs: made } = await fuzz(
      target((input) => void seen.push(input)),
      { seed: 7, runs: 640 },
    );
    const before = seen.splice(0);
    await fuzz(
      target((input) => void seen.push(input)),
      { seed: 7, runs: 640 },
    );
    expect([seen, made]).to.deep.equal([before, 640]);
    expect(seen.every(({ length }) => length <= 64)).to.equal(true);
    expect(new Set(seen.map(String)).size).to.be.above(200);
  });

  it("has run every input that it keeps", async () => {
    for (const { name, limit } of targets)
      expect(
        readCorpus(name).every(({ length }) => length <= limit),
        name,
      ).to.equal(true);
  });
});

import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { DhiError } from "../../provider/errors.js";
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
      it(`${target.name}: ${what}`, async () => assert.equal(await findFault(target, input), undefined));
    }
  }
});

describe("a parser reads or rejects any bytes, in bounded time and memory", { concurrency: 2 }, () => {
  for (const target of targets) {
    it(target.name, async (t) => {
      const { finds, covered, peak, ...report } = await fuzzInProcess(target.name, { seed, ...budget });
      t.diagnostic(`${report.runs} inputs, ${covered} bytes of code reached, peak ${Math.round(peak / 2 ** 20)} MiB`);
      const shown = finds.map(({ fault, input }) => `${fault}\ninput (latin1): ${JSON.stringify(input)}`);
      assert.deepEqual(shown, [], `seed ${seed}`);
      assert.ok(report.runs > 0);
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
    assert.equal(finds.length, 1);
    assert.match(finds[0]?.fault ?? "", /^TypeError: broken/);
    assert.ok(finds[0]?.input.includes("key"));
    assert.match(
      (await findFault(
        target(() => {
          throw new DhiError("invalid", "");
        }),
        Buffer.alloc(0),
      )) ?? "",
      /without a message/,
    );
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
    assert.deepEqual([seen, made], [before, 640]);
    assert.ok(seen.every(({ length }) => length <= 64));
    assert.ok(new Set(seen.map(String)).size > 200);
  });

  it("has run every input that it keeps", async () => {
    for (const { name, limit } of targets)
      assert.ok(
        readCorpus(name).every(({ length }) => length <= limit),
        name,
      );
  });
});

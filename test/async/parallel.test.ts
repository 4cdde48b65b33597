import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { mapParallel } from "../../provider/async/parallel.js";

describe("mapParallel", () => {
  it("gives results in the order of the items, never more than its jobs at a time", async () => {
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 }),
      fc.integer({ min: 0, max: 6 }),
      async (items, jobs) => {
        let [running, most] = [0, 0];
        const seen: number[] = [];
        const results = await mapParallel(items, jobs, async (turns, at) => {
          running += 1;
          most = Math.max(most, running);
          seen.push(at);
          for (let left = turns; left > 0; left--) await turn();
          running -= 1;
          return `${at}:${turns}`;
        });
        assert.deepEqual(
          results,
          items.map((turns, at) => `${at}:${turns}`),
        );
        assert.deepEqual(seen, [...items.keys()]);
        assert.ok(most <= Math.max(jobs, 1));
        assert.equal(most > 1, jobs > 1 && items.length > 1);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("begins nothing more after an error", async () => {
    const begun: number[] = [];
    const work = mapParallel([0, 1, 2, 3, 4, 5, 6, 7], 2, async (item) => {
      begun.push(item);
      await turn();
      if (item === 1) throw new Error("one");
      await turn();
    });
    await assert.rejects(work, { message: "one" });
    for (let left = 10; left > 0; left--) await turn();
    assert.deepEqual(begun, [0, 1]);
  });

  it("holds an error that is thrown at once", async () => {
    const work = (): Promise<never> => {
      throw new Error("at once");
    };
    await assert.rejects(mapParallel([1], 3, work), { message: "at once" });
    assert.deepEqual(await mapParallel([], 3, work), []);
  });
});

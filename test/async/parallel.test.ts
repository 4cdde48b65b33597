import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, it } from "mocha";
import { mapParallel } from "../../provider/async/parallel.js";
import { expect } from "../support/expectations.js";

describe("mapParallel", () => {
  it("returns results in the order of the items, with a limited number of jobs", async () => {
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
        expect(results).to.deep.equal(items.map((turns, at) => `${at}:${turns}`));
        expect(seen).to.deep.equal([...items.keys()]);
        expect(most).to.be.at.most(Math.max(jobs, 1));
        expect(most > 1).to.equal(jobs > 1 && items.length > 1);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("starts no more work after an error", async () => {
    const begun: number[] = [];
    const work = mapParallel([0, 1, 2, 3, 4, 5, 6, 7], 2, async (item) => {
      begun.push(item);
      await turn();
      if (item === 1) throw new Error("one");
      await turn();
    });
    await expect(work).to.be.rejectedWithError({ message: "one" });
    for (let left = 10; left > 0; left--) await turn();
    expect(begun).to.deep.equal([0, 1]);
  });

  it("rejects with an error that is thrown synchronously", async () => {
    const work = (): Promise<never> => {
      throw new Error("at once");
    };
    await expect(mapParallel([1], 3, work)).to.be.rejectedWithError({ message: "at once" });
    expect(await mapParallel([], 3, work)).to.deep.equal([]);
  });
});

import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, it } from "mocha";
import { Limiter } from "../../provider/async/limiter.js";
import { expect } from "../support/expectations.js";

describe("a limiter", () => {
  it("starts work in order, never exceeds its limit, and continues after failures", async () => {
    const property = fc.asyncProperty(
      fc.array(fc.record({ turns: fc.integer({ min: 0, max: 4 }), fails: fc.boolean() }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 5 }),
      async (pieces, limit) => {
        const limiter = new Limiter(limit);
        const begun: number[] = [];
        let [running, most] = [0, 0];
        const outcomes = await Promise.allSettled(
          pieces.map(({ turns, fails }, at) =>
            limiter.run(async () => {
              begun.push(at);
              running += 1;
              most = Math.max(most, running);
              for (let left = turns; left > 0; left -= 1) await turn();
              running -= 1;
              if (fails) throw new Error(String(at));
              return at;
            }),
          ),
        );
        expect(begun).to.deep.equal([...pieces.keys()]);
        expect(most).to.be.at.most(limit);
        expect(outcomes.map(({ status }) => status)).to.deep.equal(pieces.map(({ fails }) => (fails ? "rejected" : "fulfilled")));
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });
});

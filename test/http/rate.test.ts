import fc from "fast-check";
import { it } from "mocha";
import { RateGuard, SLOWEST } from "../../provider/http/rate.js";
import { expect } from "../support/expectations.js";

it("an answer may come as slowly as the limit, and no slower", () => {
  const { bytes, milliseconds } = SLOWEST;
  const guard = new RateGuard();
  for (let minute = 0; minute < 3; minute += 1) {
    guard.came(bytes - 1, milliseconds - 1);
    guard.came(1, 1);
  }
  guard.came(bytes - 2, milliseconds - 1);
  expect(() => guard.came(1, 1)).to.throwError(/^Error: the answer came too slowly \(61439 bytes in 60\.0 s\)$/);
});

it("a small answer may take a minute", () => {
  const guard = new RateGuard();
  for (let second = 0; second < 59; second += 1) guard.came(1, 1000);
  expect(() => guard.came(1, 1000)).to.throw();
});

it("however an answer drips, it ends within two windows", () => {
  const slowest = { bytes: 100, milliseconds: 1000 };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 110, max: 1000 })), { minLength: 20 }), (chunks) => {
      const guard = new RateGuard(slowest);
      let waited = 0;
      expect(() => {
        for (const [bytes, time] of chunks) {
          waited += time;
          guard.came(bytes, time);
        }
      }).to.throw();
      expect(waited).to.be.below(2 * slowest.milliseconds);
    }),
  );
});

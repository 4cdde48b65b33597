import fc from "fast-check";
import { describe, it } from "mocha";
import { RateGuard, SLOWEST } from "../../provider/http/rate.js";
import { expect } from "../support/expectations.js";

describe("a response", () => {
  it("may be as slow as the limit and no slower", () => {
    const { bytes, milliseconds } = SLOWEST;
    const guard = new RateGuard();
    for (let minute = 0; minute < 3; minute += 1) {
      guard.received(bytes - 1, milliseconds - 1);
      guard.received(1, 1);
    }
    guard.received(bytes - 2, milliseconds - 1);
    expect(() => guard.received(1, 1)).to.throwError(/^Error: the response was too slow \(61439 bytes in 60\.0 s\)$/);
  });

  it("may take a minute when it is small", () => {
    const guard = new RateGuard();
    for (let second = 0; second < 59; second += 1) guard.received(1, 1000);
    expect(() => guard.received(1, 1000)).to.throw();
  });

  it("that is too slow is ended within two windows, however its chunks are spread", () => {
    const slowest = { bytes: 100, milliseconds: 1000 };
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 110, max: 1000 })), { minLength: 20 }), (chunks) => {
        const guard = new RateGuard(slowest);
        let waited = 0;
        expect(() => {
          for (const [bytes, time] of chunks) {
            waited += time;
            guard.received(bytes, time);
          }
        }).to.throw();
        expect(waited).to.be.below(2 * slowest.milliseconds);
      }),
    );
  });
});

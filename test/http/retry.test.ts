import { it } from "mocha";
import { delayAfter } from "../../provider/http/retry.js";
import { expect } from "../support/expectations.js";

const now = Date.parse("2026-01-01T00:00:00Z");
const cases: readonly (readonly [number, string | undefined, number, number])[] = [
  [1, undefined, 0, 500],
  [1, undefined, 1, 250],
  [3, undefined, 0, 2000],
  [20, undefined, 0, 30_000],
  [1, "2", 1, 2000],
  [1, "0", 0, 0],
  [1, "9999", 0, 30_000],
  [1, "Thu, 01 Jan 2026 00:00:05 GMT", 0, 5000],
  [1, "Wed, 31 Dec 2025 00:00:00 GMT", 0, 0],
  [1, "soon", 0, 500],
];

for (const [attempt, retryAfter, random, expected] of cases) {
  it(`the delay after try ${attempt} is ${expected} ms with Retry-After ${retryAfter ?? "absent"} and jitter ${random}`, () => {
    expect(delayAfter(attempt, 500, retryAfter, random, now)).to.equal(expected);
  });
}

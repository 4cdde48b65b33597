import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { z } from "zod";

/** What a schema makes of values, and what it says of others. */
export function table(
  what: string,
  of: z.ZodType,
  accepted: readonly (readonly [unknown, unknown])[],
  refused: readonly (readonly [unknown, RegExp])[],
): void {
  describe(what, () => {
    for (const [value, expected] of accepted) {
      it(`takes ${JSON.stringify(value)}`, () => {
        const result = of.safeParse(value);
        assert.deepEqual(result.error?.issues, undefined);
        assert.deepEqual(result.data, expected);
      });
    }
    for (const [value, message] of refused) {
      it(`refuses ${(value === undefined ? "nothing" : JSON.stringify(value)).slice(0, 60)}`, () => {
        const result = of.safeParse(value);
        assert.equal(result.success, false);
        const [issue] = result.error.issues;
        assert.match(issue?.message ?? "", message);
      });
    }
  });
}

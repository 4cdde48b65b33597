import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { z } from "zod";

/** Tests the results of a schema for valid values, and its messages for invalid ones. */
export function table(
  what: string,
  of: z.ZodType,
  accepted: readonly (readonly [unknown, unknown])[],
  refused: readonly (readonly [unknown, RegExp])[],
): void {
  describe(what, () => {
    for (const [value, expected] of accepted) {
      it(`accepts ${JSON.stringify(value)}`, () => {
        const result = of.safeParse(value);
        assert.deepEqual(result.error?.issues, undefined);
        assert.deepEqual(result.data, expected);
      });
    }
    for (const [value, message] of refused) {
      it(`rejects ${(value === undefined ? "nothing" : JSON.stringify(value)).slice(0, 60)}`, () => {
        const result = of.safeParse(value);
        assert.equal(result.success, false);
        const [issue] = result.error.issues;
        assert.match(issue?.message ?? "", message);
      });
    }
  });
}

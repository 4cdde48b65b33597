import { describe, it } from "mocha";
import type { z } from "zod";
import { expect, expectThat } from "../../support/expectations.js";

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
        expect(result.error?.issues).to.deep.equal(undefined);
        expect(result.data).to.deep.equal(expected);
      });
    }
    for (const [value, message] of refused) {
      it(`rejects ${(value === undefined ? "nothing" : JSON.stringify(value)).slice(0, 60)}`, () => {
        const result = of.safeParse(value);
        expect(result.success).to.equal(false);
        expectThat(!result.success);
        const [issue] = result.error.issues;
        expect(issue?.message ?? "").to.match(message);
      });
    }
  });
}

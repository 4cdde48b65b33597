import { DhiError } from "../../errors.js";
import type { PolicyRule } from "../spec/policy.js";

/** What an image has that a rule of its policy forbids. */
export interface Violation {
  readonly rule: PolicyRule;
  /** Names what was found. */
  readonly message: string;
  /** The way out, as an imperative sentence. */
  readonly hint: string;
}

/** A violation, and where it was found; undefined for what has no platform. */
export type FoundViolation = Violation & { readonly platform: string | undefined };

/** Every violation of a policy, each as an error of its own. */
export class PolicyError extends DhiError {
  readonly violations: readonly DhiError[];

  constructor(violations: readonly DhiError[]) {
    super("invalid", violations.map((one) => one.describe()).join("\n"));
    this.violations = violations;
  }
}

/** The violations that are the same on several platforms are one, which names them. Undefined where there are none. */
export function policyError(found: readonly FoundViolation[]): PolicyError | undefined {
  const grouped = new Map<string, { readonly violation: Violation; readonly platforms: string[] }>();
  for (const { platform, ...violation } of found) {
    const key = JSON.stringify([violation.rule, violation.message]);
    const known = grouped.get(key) ?? { violation, platforms: [] };
    if (platform !== undefined) known.platforms.push(platform);
    grouped.set(key, known);
  }
  const errors = [...grouped.values()].map(({ violation: { rule, message, hint }, platforms }) => {
    const where = platforms.length === 0 ? "" : ` (${platforms.join(", ")})`;
    return new DhiError("invalid", `${message}${where}`, { property: `policy.${rule}`, hint });
  });
  return errors.length === 0 ? undefined : new PolicyError(errors);
}

import { DhiError } from "../errors.js";
import type { JsonObject } from "./json.js";

/**
 * The reason to reject an object with fields that differ only in case, from one another or from those in `written`: Go's encoding/json,
 * and so most tools for images, treats them as the same field and uses the last. Undefined when there are none.
 */
export function findTwins(json: JsonObject, written: readonly string[] = []): string | undefined {
  const seen = new Map<string, string>();
  for (const name of new Set([...written, ...Object.keys(json)])) {
    // Both conversions, since Go also folds "ſ" and the Kelvin sign.
    const folded = name.toUpperCase().toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) return `has the field ${JSON.stringify(name)}, which some tools read as ${JSON.stringify(other)}`;
    seen.set(folded, name);
  }
  return undefined;
}

/** Rejects an object with such fields. Throws `DhiError` "invalid". */
export function refuseTwins(json: JsonObject, what: string, written: readonly string[] = []): void {
  const twins = findTwins(json, written);
  if (twins !== undefined) throw new DhiError("invalid", `${what} ${twins}`);
}

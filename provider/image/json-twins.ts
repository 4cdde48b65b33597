import { DhiError } from "../errors.js";
import type { JsonObject } from "./json.js";

/**
 * Why an object must be refused whose fields differ in case alone, from one another or from those that we write (`written`): Go's
 * encoding/json, and with it most tools for images, takes them for one and reads the last. Undefined where it has none.
 */
export function findTwins(json: JsonObject, written: readonly string[] = []): string | undefined {
  const seen = new Map<string, string>();
  for (const name of new Set([...written, ...Object.keys(json)])) {
    // Both ways, since Go folds "ſ" and the Kelvin sign as well.
    const folded = name.toUpperCase().toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) return `has the field ${JSON.stringify(name)}, which some tools read as ${JSON.stringify(other)}`;
    seen.set(folded, name);
  }
  return undefined;
}

/** Refuses an object with such fields. Throws `DhiError` "invalid". */
export function refuseTwins(json: JsonObject, what: string, written: readonly string[] = []): void {
  const twins = findTwins(json, written);
  if (twins !== undefined) throw new DhiError("invalid", `${what} ${twins}`);
}

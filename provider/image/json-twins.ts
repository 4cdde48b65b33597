import { DhiError } from "../errors.js";
import type { JsonObject } from "./json.js";

/**
 * Refuses fields that differ in case alone: Go's encoding/json, and with it most tools for images, takes them for one and reads the last.
 * Throws `DhiError` "invalid".
 */
export function refuseTwins(json: JsonObject, what: string): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(json)) {
    // Both ways, since Go folds "ſ" and the Kelvin sign as well.
    const folded = name.toUpperCase().toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      throw new DhiError("invalid", `${what} has ${JSON.stringify(other)} and ${JSON.stringify(name)}, which some tools read as one`);
    }
    seen.set(folded, name);
  }
}

import type { JsonObject } from "../image/json.js";

/** What somebody who is trusted for it says of an image: the content of a statement whose signature was verified. */
export interface VerifiedStatement {
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

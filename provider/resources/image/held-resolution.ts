import type { Session } from "../../pipeline/session.js";
import { parseResolution, type Resolution } from "../../pipeline/state/resolution.js";
import type { CheckRequest } from "../lifecycle.js";

/** The resolution that `ignoreChanges` holds; undefined where nothing is held. */
export function heldResolution(session: Session, { urn, olds, news }: CheckRequest): Resolution | undefined {
  const { held } = session.memory;
  const handed = parseResolution(news["resolution"]);
  if (handed !== undefined && urn !== undefined) held.set(urn, handed);
  // The second check of a replacement has no old inputs, so ignoreChanges has no effect on it.
  return handed ?? (Object.keys(olds).length === 0 && urn !== undefined ? held.get(urn) : undefined);
}

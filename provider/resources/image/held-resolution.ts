import type { HeldResolution, Session } from "../../pipeline/session.js";
import { parseResolution } from "../../pipeline/state/resolution.js";
import type { CheckRequest } from "../lifecycle.js";

/** The resolution that `ignoreChanges` holds; undefined where nothing is held. */
export function heldResolution(session: Session, { urn, olds, news }: CheckRequest): HeldResolution | undefined {
  const { held } = session.memory;
  const resolution = parseResolution(news["resolution"]);
  const handed = resolution === undefined ? undefined : { resolution, upgraded: olds["upgradeInstalled"] === true };
  if (handed !== undefined && urn !== undefined) held.set(urn, handed);
  // The second check of a replacement has no old inputs, so ignoreChanges has no effect on it.
  return handed ?? (Object.keys(olds).length === 0 && urn !== undefined ? held.get(urn) : undefined);
}

import { Ripening } from "../../pipeline/resolve/ripening.js";
import type { RipeningState } from "../../pipeline/resolve/ripening-state.js";
import type { Session } from "../../pipeline/session.js";
import type { ImageKind } from "../../pipeline/spec/image-spec.js";
import { readMinimumAge } from "../../pipeline/spec/minimum-age.js";
import { platform } from "../../pipeline/spec/schema.js";
import { parseFirstSights } from "../../pipeline/state/first-sights.js";
import { parseResolution } from "../../pipeline/state/resolution.js";
import { isList, type ValueMap } from "../../values.js";
import type { CheckRequest } from "../lifecycle.js";
import { ripeningNotices } from "./ripening-notices.js";

/** For one check of an image. */
export function openRipening(session: Session, kind: ImageKind, request: CheckRequest): Ripening {
  const { minimumAge, platforms } = request.news;
  const declared = isList(platforms) ? platforms.flatMap((name) => platform.safeParse(name).data ?? []) : undefined;
  const minimum = readMinimumAge(minimumAge);
  return new Ripening({ minimum, state: stateOf(session, kind, request), platforms: declared, urn: request.urn, now: session.now() });
}

function stateOf(session: Session, kind: ImageKind, { urn, olds }: CheckRequest): RipeningState {
  const known = session.memory.ripening;
  // The second check of a replacement has no old inputs, and must come to the same.
  if (Object.keys(olds).length === 0 && urn !== undefined) return known.get(urn) ?? parseState(session, kind, olds);
  const state = parseState(session, kind, olds);
  if (urn !== undefined) known.set(urn, state);
  return state;
}

function parseState({ repositories }: Session, kind: ImageKind, olds: ValueMap): RipeningState {
  const base = kind.identifyBase(olds);
  return {
    baseRepository: base === undefined ? undefined : repositories.key(base.repository),
    resolution: parseResolution(olds["resolution"]),
    sights: parseFirstSights(olds),
    notices: ripeningNotices(olds),
  };
}

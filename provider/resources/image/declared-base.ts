import { DhiError } from "../../errors.js";
import { matchRange } from "../../pipeline/resolve/match-range.js";
import type { Ripening } from "../../pipeline/resolve/ripening.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import type { BaseSpec, ImageKind, RangedBase } from "../../pipeline/spec/image-spec.js";
import { isInRange } from "../../pipeline/spec/version-range.js";
import { derivedProperties } from "../../pipeline/state/output-names.js";
import { storedBaseTag } from "../../pipeline/state/stored-identity.js";
import { equalValues, omit, type ValueMap } from "../../values.js";
import type { CheckRequest } from "../lifecycle.js";
import { heldResolution } from "./held-resolution.js";

/**
 * The base by its tag; undefined when there is none, or when what names it is not known. Of a range that is the tag that `ignoreChanges`
 * holds while it lies in the range, else the newest one that is old enough.
 */
export async function findDeclaredBase(
  session: Session,
  kind: ImageKind,
  inputs: ValueMap,
  request: CheckRequest,
  ripening: Ripening,
  log: ResourceLog,
): Promise<BaseSpec | undefined> {
  const base = kind.identifyBase(inputs);
  if (base === undefined || !("range" in base)) return base;
  // Nothing is resolved while an image is rolled back.
  const back = inputs["rollbackTo"] === undefined ? undefined : storedBaseTag(request.olds);
  if (back !== undefined) return { repository: base.repository, tag: back, pinned: undefined };
  const held = heldResolution(session, request)?.resolution.base?.tag;
  const tag =
    held !== undefined && isInRange(base.range, held) ? held : await matchOrKeep(session, base, inputs, request.olds, ripening, log);
  return { repository: base.repository, tag, pinned: undefined };
}

/** What has not changed stays at its tag while the repository cannot be asked for others. */
async function matchOrKeep(
  session: Session,
  base: RangedBase,
  inputs: ValueMap,
  olds: ValueMap,
  ripening: Ripening,
  log: ResourceLog,
): Promise<string> {
  try {
    return await matchRange(session, base, ripening);
  } catch (thrown) {
    const old = storedBaseTag(olds);
    const isUnchanged = old !== undefined && equalValues(omit(olds, derivedProperties), inputs);
    if (!(thrown instanceof DhiError) || thrown.code !== "unavailable" || !isUnchanged || session.settings.requireFresh) throw thrown;
    ripening.standStill();
    log.line("warning", `the base stays at ${old}: ${thrown.describe()}`);
    return old;
  }
}

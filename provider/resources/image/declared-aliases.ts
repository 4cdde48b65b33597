import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { findAliases } from "../../pipeline/resolve/find-aliases.js";
import { resolveBase, takeBase } from "../../pipeline/resolve/resolve.js";
import type { Ripening } from "../../pipeline/resolve/ripening.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import { withAliases, type BaseSpec, type ImageSpec } from "../../pipeline/spec/image-spec.js";
import { storedAliases } from "../../pipeline/state/aliases.js";
import { derivedProperties } from "../../pipeline/state/output-names.js";
import { equalValues, omit, type ValueMap } from "../../values.js";
import type { CheckRequest } from "../lifecycle.js";
import { heldResolution } from "./held-resolution.js";

/**
 * Adds the tags that `suffixAllTags` means now: those in state while `ignoreChanges`, `rollbackTo` or `minimumAge` hold the base, or while
 * nothing has changed and the repository cannot be asked.
 */
export async function addAliases(
  session: Session,
  spec: ImageSpec,
  inputs: ValueMap,
  request: CheckRequest,
  ripening: Ripening,
  log: ResourceLog,
): Promise<ImageSpec> {
  const { base, nameAlias } = spec;
  if (base === undefined || nameAlias === undefined) return spec;
  const stored = storedAliases(request.olds);
  if (spec.history?.rollbackTo !== undefined) return withAliases(spec, stored ?? []);
  try {
    const held = await heldBase(session, base, request, ripening);
    if (held !== undefined && stored !== undefined) return withAliases(spec, stored);
    return withAliases(spec, await findAliases(session, held === undefined ? base : { ...base, pinned: base.pinned ?? held }));
  } catch (thrown) {
    const isUnchanged = equalValues(omit(request.olds, derivedProperties), inputs);
    const mayStay = thrown instanceof DhiError && thrown.code === "unavailable" && isUnchanged && !session.settings.requireFresh;
    if (!mayStay || stored === undefined) throw thrown;
    log.line("warning", `the tags stay as they are: ${thrown.describe()}`);
    return withAliases(spec, stored);
  }
}

/** The digest at which the base stays although its tag may have moved on. */
async function heldBase(session: Session, base: BaseSpec, request: CheckRequest, ripening: Ripening): Promise<Digest | undefined> {
  const held = heldResolution(session, request)?.resolution.base;
  if (held?.tag === base.tag) return held.digest;
  const taken = await takeBase(session, base, ripening);
  return taken === (await resolveBase(session, base)) ? undefined : taken;
}

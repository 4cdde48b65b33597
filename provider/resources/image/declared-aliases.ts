import { DhiError } from "../../errors.js";
import { findAliases } from "../../pipeline/resolve/find-aliases.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import { withAliases, type ImageSpec } from "../../pipeline/spec/image-spec.js";
import { storedAliases } from "../../pipeline/state/aliases.js";
import { derivedProperties } from "../../pipeline/state/output-names.js";
import { equalValues, omit, type ValueMap } from "../../values.js";
import type { CheckRequest } from "../lifecycle.js";
import { heldResolution } from "./held-resolution.js";

/**
 * Adds the tags that `suffixAllTags` means now: those in state while `ignoreChanges` holds the resolution, or while nothing has changed and
 * the repository cannot be asked.
 */
export async function addAliases(
  session: Session,
  spec: ImageSpec,
  inputs: ValueMap,
  request: CheckRequest,
  log: ResourceLog,
): Promise<ImageSpec> {
  const { base, nameAlias } = spec;
  if (base === undefined || nameAlias === undefined) return spec;
  const stored = storedAliases(request.olds);
  const held = heldResolution(session, request)?.resolution.base;
  const isHeld = held?.tag === base.tag;
  if (isHeld && stored !== undefined) return withAliases(spec, stored);
  try {
    return withAliases(spec, await findAliases(session, isHeld ? { ...base, pinned: base.pinned ?? held.digest } : base));
  } catch (thrown) {
    const isUnchanged = equalValues(omit(request.olds, derivedProperties), inputs);
    const mayStay = thrown instanceof DhiError && thrown.code === "unavailable" && isUnchanged && !session.settings.requireFresh;
    if (!mayStay || stored === undefined) throw thrown;
    log.line("warning", `the tags stay as they are: ${thrown.describe()}`);
    return withAliases(spec, stored);
  }
}

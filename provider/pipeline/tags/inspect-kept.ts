import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import type { ResourceLog, Session } from "../session.js";
import type { ImageSpec } from "../spec/image-spec.js";
import { inspectTags, refuseForeignTags, type TagState } from "./states.js";
import { hasWholeImage } from "./whole-image.js";

/** What the destination has of an image that has not changed. */
export interface KeptImage {
  /** Empty where the destination could not be asked. */
  readonly tags: ReadonlyMap<string, TagState>;
  /** The destination has not the whole of it any more. */
  readonly gone: boolean;
}

/** A destination that cannot be asked is no reason to stop what has not changed. Throws `DhiError` "conflict" for a tag that is not ours. */
export async function inspectKept(session: Session, spec: ImageSpec, digest: Digest, log: ResourceLog): Promise<KeptImage> {
  try {
    const tags = await inspectTags(session, spec, [digest]);
    refuseForeignTags(spec, tags, digest);
    return { tags, gone: await isGone(session, spec, digest, tags) };
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "unavailable" || session.settings.requireFresh) throw thrown;
    log.line("warning", `the tags could not be looked at: ${thrown.describe()}`);
    return { tags: new Map(), gone: false };
  }
}

/**
 * A tag that points at it keeps it from being collected, and is believed: what has not changed costs one HEAD a tag. With other tags
 * alone it may have been removed as garbage, or a part of it.
 */
async function isGone(session: Session, spec: ImageSpec, digest: Digest, tags: ReadonlyMap<string, TagState>): Promise<boolean> {
  if ([...tags.values()].some((state) => state.is !== "absent" && state.digest === digest)) return false;
  return !(await hasWholeImage(session, spec.destination, digest));
}

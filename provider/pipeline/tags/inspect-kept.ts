import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import type { ResourceLog, Session } from "../session.js";
import type { ImageSpec } from "../spec/image-spec.js";
import { inspectTags, refuseForeignTags, type TagState } from "./states.js";
import { hasWholeImage } from "./whole-image.js";

/** What the destination has of an unchanged image. */
export interface KeptImage {
  /** Empty when the destination was unavailable. */
  readonly tags: ReadonlyMap<string, TagState>;
  /** Whether the destination no longer has the whole image. */
  readonly gone: boolean;
}

/** An unavailable destination does not stop an unchanged image. Throws `DhiError` "conflict" for a tag of someone else. */
export async function inspectKept(session: Session, spec: ImageSpec, digest: Digest, log: ResourceLog): Promise<KeptImage> {
  try {
    const tags = await inspectTags(session, spec, [digest]);
    refuseForeignTags(spec, tags, digest);
    return { tags, gone: await isGone(session, spec, digest, tags) };
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "unavailable" || session.settings.requireFresh) throw thrown;
    log.line("warning", `the tags could not be checked: ${thrown.describe()}`);
    return { tags: new Map(), gone: false };
  }
}

/**
 * A tag that points at the image protects it from garbage collection, so it counts as whole: an unchanged image costs one HEAD a tag.
 * Without such a tag, the image or a part of it may have been removed as garbage.
 */
async function isGone(session: Session, spec: ImageSpec, digest: Digest, tags: ReadonlyMap<string, TagState>): Promise<boolean> {
  if ([...tags.values()].some((state) => state.is !== "absent" && state.digest === digest)) return false;
  return !(await hasWholeImage(session, spec.destination, digest));
}

import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { isIndexType } from "../../image/media-types.js";
import { formatReference } from "../../image/reference.js";
import type { ImageRepository, StoredManifest } from "../../registry/repository.js";
import { fallbackTag, referrersOf, withoutReferrers, withReferrers } from "../mirror/attached-tags.js";

/** The referrers of one subject, as a repository tells them. */
export interface ReferrerList {
  readonly digests: ReadonlySet<Digest>;
  /** Whether the repository lists them itself; a registry is asked, since a header proves nothing. */
  readonly isOwn: boolean;
  /** The index under the fallback tag (distribution spec, "Referrers Tag Schema"); not read where a registry lists them itself. */
  readonly index: StoredManifest | undefined;
}

export async function readReferrers(repository: ImageRepository, subject: Digest): Promise<ReferrerList> {
  const listed = await repository.listReferrers(subject);
  if (listed !== undefined && repository.repository.kind === "registry") return { digests: new Set(listed), isOwn: true, index: undefined };
  const index = await repository.getManifest(fallbackTag(subject));
  if (index === undefined || isIndexType(index.mediaType)) {
    return { digests: new Set(listed ?? (index === undefined ? [] : referrersOf(index))), isOwn: listed !== undefined, index };
  }
  const what = formatReference({ repository: repository.repository, tag: fallbackTag(subject) });
  throw new DhiError("conflict", `${what} is a ${index.mediaType}, where tools look for a list of referrers`, { hint: "Remove the tag" });
}

/**
 * The index under the fallback tag with what was added, and without what is gone; undefined where it stays, or where a registry lists referrers
 * itself. A layout has one too: regctl looks there, and oras at the entries of the layout.
 */
export function changedList(
  { repository }: ImageRepository,
  { isOwn, index }: ReferrerList,
  added: readonly StoredManifest[],
  gone: ReadonlySet<Digest>,
): StoredManifest | undefined {
  if (isOwn && repository.kind === "registry") return undefined;
  const kept = index === undefined ? undefined : withoutReferrers(index, gone);
  if (kept === undefined && added.length === 0) return undefined;
  const changed = withReferrers(kept, added);
  return changed.digest === index?.digest ? undefined : changed;
}

import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import { parseIndex, parseManifest } from "../../image/manifest.js";
import { isIndexType } from "../../image/media-types.js";
import { formatReference, type Repository } from "../../image/reference.js";
import { mapParallel } from "../../async/parallel.js";
import type { Session } from "../session.js";
import { readManifest } from "../sources/source-image.js";

const jobs = 8;

/**
 * Whether a repository has an image with all of its manifests and blobs, which garbage collectors remove one by one. Costs a HEAD for
 * each of them. A damaged manifest counts as missing, since publishing puts it again.
 */
export async function hasWholeImage(session: Session, repository: Repository, digest: Digest): Promise<boolean> {
  try {
    const blobs = await blobsBelow(session, repository, digest);
    if (blobs === undefined) return false;
    const target = session.repositories.open(repository);
    const distinct = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
    return (await mapParallel(distinct, jobs, (blob) => target.hasBlob(blob))).every(Boolean);
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "mismatch") return false;
    throw thrown;
  }
}

/** Configs and layers of an index or manifest; undefined when a manifest is missing. For composed images only, whose indexes are not nested. */
async function blobsBelow(session: Session, repository: Repository, digest: Digest): Promise<readonly Descriptor[] | undefined> {
  if ((await session.repositories.open(repository).headManifest(digest)) === undefined) return undefined;
  const stored = await readManifest(session, repository, digest);
  if (stored === undefined) return undefined;
  if (!isIndexType(stored.mediaType)) {
    const { config, layers } = parseManifest(stored.bytes, digest);
    return [config, ...layers];
  }
  const { manifests } = parseIndex(stored.bytes, digest);
  const below = await mapParallel(manifests, jobs, (child) => blobsBelow(session, repository, child.digest));
  const found = below.filter((blobs) => blobs !== undefined);
  return found.length === below.length ? found.flat() : undefined;
}

/** The error for an image that the tags were to go back to. */
export function notWhole(repository: Repository, digest: Digest): DhiError {
  return new DhiError("not-found", `${formatReference({ repository, digest })} is no longer there with all that it names`, {
    origin: "destination",
    property: "rollbackTo",
    hint: "Give another image that is kept, or unset rollbackTo",
  });
}

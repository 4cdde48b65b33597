import { mapParallel } from "../../async/parallel.js";
import type { Memo } from "../../async/memo.js";
import { blame, DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import { parseIndex, parseManifest } from "../../image/manifest.js";
import { isIndexType, isManifestType } from "../../image/media-types.js";
import { formatReference, type Repository } from "../../image/reference.js";
import type { StoredManifest } from "../../registry/repository.js";
import { putBlob, type Transfer } from "../publish/put-blob.js";
import { putManifestOnce } from "../publish/put-manifest.js";
import type { ResourceLog, Session } from "../session.js";
import { readBlob, readManifest } from "../sources/source-image.js";

const jobs = 4;

/** Copies within one update of a mirror, each manifest once. */
export interface Copying {
  readonly session: Session;
  readonly destination: Repository;
  readonly transfer: Transfer;
  readonly done: Memo<StoredManifest>;
  /** Blobs that several manifests name, each once. */
  readonly blobs: Memo<void>;
  readonly log: ResourceLog;
}

/** Layers that may not be distributed are fetched from where they say themselves, and registries do not have them (OCI image spec, layer.md). */
function isElsewhere({ mediaType }: Descriptor): boolean {
  return mediaType.includes(".nondistributable.") || mediaType.includes(".foreign.");
}

/**
 * Makes a manifest and all below it present by digest, byte for byte, what it names before itself. What is there already is not sent.
 * `places`: where it is, the first that has it. Tags are not touched.
 */
export function copyImage(copying: Copying, places: readonly Repository[], digest: Digest): Promise<StoredManifest> {
  return copying.done.run(digest, async () => {
    const { repository, stored } = await findManifest(copying.session, places, digest);
    const what = formatReference({ repository, digest });
    const { session, destination } = copying;
    const target = session.repositories.open(destination);
    if (isIndexType(stored.mediaType)) {
      const { manifests } = parseIndex(stored.bytes, what);
      await mapParallel(manifests, jobs, (child) => copyImage(copying, [repository], child.digest));
    } else if (isManifestType(stored.mediaType)) {
      const { config, layers } = parseManifest(stored.bytes, what);
      await mapParallel([config, ...layers], jobs, (descriptor) => copyBlob(copying, repository, descriptor));
    } else {
      throw new DhiError("invalid", `${what} is a ${stored.mediaType}, which is not copied`, {
        hint: "Push it again with a newer tool, or select other tags",
      });
    }
    await blame({ origin: "destination" }, async () => {
      // A layout may have the bytes of a referrer, and not the entry that lists it.
      const isThere = destination.kind === "registry" && (await target.headManifest(digest)) !== undefined;
      if (!isThere) await putManifestOnce(session, target, stored);
    });
    return stored;
  });
}

/** The first of the places that has it. Throws `DhiError` "not-found". */
export async function findManifest(
  session: Session,
  places: readonly Repository[],
  digest: Digest,
): Promise<{ readonly repository: Repository; readonly stored: StoredManifest }> {
  for (const repository of places) {
    // The cache knows manifests of all places; where the blobs are only the registries know.
    if (places.length > 1 && (await session.repositories.open(repository).headManifest(digest)) === undefined) continue;
    const stored = await readManifest(session, repository, digest);
    if (stored !== undefined) return { repository, stored };
  }
  const [repository] = places;
  const what = repository === undefined ? digest : formatReference({ repository, digest });
  throw new DhiError("not-found", `${what} does not exist`, { hint: "Push it to the source again, or select other tags" });
}

async function copyBlob(
  { session, destination, transfer, blobs, log }: Copying,
  source: Repository,
  descriptor: Descriptor,
): Promise<void> {
  if (isElsewhere(descriptor)) return;
  await blobs.run(descriptor.digest, async () => {
    const { repositories } = session;
    const from = repositories.sameRegistry(source, destination) ? source : undefined;
    const item = { descriptor, source: () => readBlob(session, source, descriptor), from };
    await putBlob(repositories.open(destination), item, transfer, log);
  });
}

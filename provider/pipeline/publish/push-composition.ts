import { blame } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import type { StoredManifest } from "../../registry/repository.js";
import { mapParallel } from "../../async/parallel.js";
import type { ResourceLog, Session } from "../session.js";
import type { ComposedPlatform, Composition } from "../compose/composition.js";
import { putBlob, type BlobWork, type Transfer } from "./put-blob.js";
import { putManifestOnce } from "./put-manifest.js";
import { readBlob } from "../sources/source-image.js";
import type { ImageSpec } from "../spec/image-spec.js";
import { tagKey } from "../tags/tag-key.js";

const blobJobs = 4;

/** Pushes blobs, manifests and index to the destination, by digest, children first. Does not move tags. */
export async function publishComposition(session: Session, spec: ImageSpec, composition: Composition, log: ResourceLog): Promise<Transfer> {
  const transfer: Transfer = { uploadedBytes: 0, uploaded: 0, mounted: 0, present: 0 };
  const destination = session.repositories.open(spec.destination);
  await blame({ origin: "destination" }, async () => {
    const work = composition.platforms.flatMap((platform) => blobsOf(session, spec, platform));
    const distinct = [...new Map(work.map((item) => [item.descriptor.digest, item])).values()];
    await mapParallel(distinct, blobJobs, (item) => putBlob(destination, item, transfer, log));
    await mapParallel(composition.platforms, blobJobs, ({ manifest }) => putManifestOnce(session, destination, manifest));
    await putManifestOnce(session, destination, composition.index);
  });
  return transfer;
}

/** The blobs to push, without the layers that the destination is known to have. */
function blobsOf(session: Session, spec: ImageSpec, platform: ComposedPlatform): readonly BlobWork[] {
  const { base, destination } = spec;
  const config = platform.config;
  const own = platform.ownLayers.filter(({ reused }) => !reused);
  const inPlace = base === undefined || session.repositories.key(base.repository) === session.repositories.key(destination);
  const baseLayers = inPlace
    ? []
    : platform.baseLayers.map((descriptor) => ({
        descriptor,
        source: () => readBlob(session, base.repository, descriptor),
        from: session.repositories.sameRegistry(base.repository, destination) ? base.repository : undefined,
      }));
  return [
    ...baseLayers,
    ...own.map(({ descriptor }) => ({ descriptor, source: () => readBlob(session, destination, descriptor), from: undefined })),
    { descriptor: config.descriptor, source: () => sourceOf(config.bytes), from: undefined },
  ];
}

// eslint-disable-next-line @typescript-eslint/require-await -- a source is read like a stream
async function* sourceOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Points the tags at the index, one after the other, and reports each one, so that the state after a failure is known.
 * Tags that already point at it are not written again.
 */
export async function publishTags(
  session: Session,
  spec: ImageSpec,
  index: StoredManifest,
  present: ReadonlyMap<string, Digest>,
  done: (tag: string) => void,
): Promise<void> {
  const destination = session.repositories.open(spec.destination);
  for (const { tag, property } of spec.tags) {
    if (present.get(tag) !== index.digest) await blame({ origin: "destination", property }, () => destination.putManifest(tag, index));
    session.memory.tags.set(tagKey(session, spec.destination, tag), Promise.resolve(index.digest));
    done(tag);
  }
}

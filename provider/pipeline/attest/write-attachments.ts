import { SIMPLE_SIGNING } from "../../attestation/formats/media-types.js";
import { finishParallel } from "../../async/parallel.js";
import type { Descriptor } from "../../image/descriptor.js";
import { shortDigest, type Digest } from "../../image/digest.js";
import { formatRepository } from "../../image/reference.js";
import { emptyBlob, emptyDescriptor } from "../../image/throw-away-manifest.js";
import type { ImageRepository, StoredManifest } from "../../registry/repository.js";
import { fallbackTag, referrersOf } from "../mirror/attached-tags.js";
import { putManifestOnce } from "../publish/put-manifest.js";
import type { ResourceLog, Session } from "../session.js";
import { deleteOwnTag } from "../tags/deletion.js";
import type { AttachedStatement } from "./attached.js";
import type { AttachedPlace, CosignPlace } from "./attached-place.js";
import { encodeCosignTag, markOf, type CosignLayer } from "./cosign-tag.js";
import { changedList } from "./referrer-list.js";
import type { Attachment } from "./sign-statement.js";

const jobs = 4;

interface Writing {
  readonly session: Session;
  readonly repository: ImageRepository;
  readonly subject: Digest;
  readonly log: ResourceLog;
}

/** Writes what is new, first what is named and then what names it, and removes what we attached `before` and is not among it. */
export async function writeAttachments(
  writing: Writing,
  place: AttachedPlace,
  attachments: readonly Attachment[],
  before: readonly AttachedStatement[],
): Promise<void> {
  const { session, repository } = writing;
  const added = attachments
    .flatMap(({ referrer }) => referrer ?? [])
    .filter(({ manifest }) => !place.referrers.digests.has(manifest.digest));
  const kept = new Set(attachments.map(({ entry }) => entry.referrer));
  const gone = new Set(before.map(({ referrer }) => referrer).filter((referrer) => !kept.has(referrer)));
  if (added.length > 0) await putBytes(repository, emptyDescriptor, emptyBlob);
  await finishParallel(added, jobs, async ({ manifest, layer, bytes }) => {
    await putBytes(repository, layer, bytes);
    await putManifestOnce(session, repository, manifest);
  });
  await writeList(
    writing,
    place,
    added.map(({ manifest }) => manifest),
    gone,
  );
  const layers = attachments.flatMap(({ layer }) => layer ?? []);
  const marks = new Set(attachments.flatMap(({ entry }) => entry.layer ?? []));
  const old = new Set(before.flatMap(({ layer }) => layer ?? []).filter((mark) => !marks.has(mark)));
  const isSignature = ({ descriptor }: CosignLayer): boolean => descriptor.mediaType === SIMPLE_SIGNING;
  await writeTag(writing, place.sig, layers.filter(isSignature), old);
  await writeTag(
    writing,
    place.att,
    layers.filter((layer) => !isSignature(layer)),
    old,
  );
  if (place.referrers.isOwn) await removeReferrers(writing, gone);
}

async function writeList(
  writing: Writing,
  { referrers }: AttachedPlace,
  added: readonly StoredManifest[],
  gone: ReadonlySet<Digest>,
): Promise<void> {
  const { session, repository, subject, log } = writing;
  const index = changedList(repository, referrers, added, gone);
  if (index === undefined) return;
  if (referrersOf(index).length > 0) await repository.putManifest(fallbackTag(subject), index);
  else await deleteOwnTag(session, repository.repository, fallbackTag(subject), referrers.index?.digest, log);
}

/** Layers of others stay, in their place. */
async function writeTag(writing: Writing, place: CosignPlace, added: readonly CosignLayer[], gone: ReadonlySet<Digest>): Promise<void> {
  const kept = place.layers.filter((layer) => !gone.has(markOf(layer)));
  const fresh = added.filter(({ descriptor }) => !place.marks.has(markOf(descriptor)));
  if (fresh.length === 0 && kept.length === place.layers.length) return;
  const { session, repository, log } = writing;
  if (fresh.length === 0 && kept.length === 0) return deleteOwnTag(session, repository.repository, place.tag, place.stored?.digest, log);
  const { manifest, config } = encodeCosignTag({ layers: [...kept, ...fresh.map(({ descriptor }) => descriptor)] });
  await finishParallel([config, ...fresh], jobs, ({ descriptor, bytes }) => putBytes(repository, descriptor, bytes));
  await repository.putManifest(place.tag, manifest);
}

/** A registry that lists referrers itself lists them until they are deleted. */
async function removeReferrers({ repository, subject, log }: Writing, gone: ReadonlySet<Digest>): Promise<void> {
  for (const referrer of gone) {
    const { deleted, reason } = await repository.deleteManifest(referrer);
    if (deleted) continue;
    const where = formatRepository(repository.repository);
    const why = reason ?? "the registry does not delete manifests";
    log.line("warning", `an earlier attestation of ${shortDigest(subject)} stays in ${where} beside the new one: ${why}`);
  }
}

async function putBytes(repository: ImageRepository, descriptor: Descriptor, bytes: Buffer): Promise<void> {
  await repository.putBlob(descriptor, () => sourceOf(bytes));
}

async function* sourceOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

import { mapParallel } from "../../async/parallel.js";
import { blame } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { isIndexType } from "../../image/media-types.js";
import type { Repository } from "../../image/reference.js";
import { subjectOf } from "../../registry/manifests.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { MirrorSpec } from "./mirror-spec.js";
import { fallbackTag, referrersOf, withReferrers } from "./attached-tags.js";
import { copyImage, findManifest, type Copying } from "./copy-image.js";
import { referrersIn, type Attached } from "./find-attached.js";

const jobs = 4;

/** Copies referrers by digest; a registry without a list of them gets the fallback tag of each subject (distribution spec, "Referrers Tag Schema"). */
export async function copyReferrers(copying: Copying, spec: MirrorSpec, attached: Attached): Promise<void> {
  const { session, log } = copying;
  const bySubject = new Map<Digest, StoredManifest[]>();
  await mapParallel(referrersIn(attached), jobs, async (digest) => {
    const subject = attached[digest];
    if (subject === undefined) return;
    const stored = await blame({ property: "referrers" }, () => copyReferrer(copying, spec.referrers, digest, subject));
    if (stored === undefined) return;
    const others = bySubject.get(subject);
    if (others === undefined) bySubject.set(subject, [stored]);
    else others.push(stored);
  });
  const [[any] = []] = bySubject;
  const target = session.repositories.open(spec.destination);
  await blame({ origin: "destination", property: "destination" }, async () => {
    if (any === undefined || (await target.listReferrers(any)) !== undefined) return;
    for (const [subject, unordered] of [...bySubject].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const referrers = unordered.toSorted((one, other) => (one.digest < other.digest ? -1 : 1));
      const tag = fallbackTag(subject);
      const before = await target.getManifest(tag);
      if (before !== undefined && !isIndexType(before.mediaType)) {
        log.line("warning", `the tag ${tag} stays as it is: it does not point at an index of referrers`);
        continue;
      }
      const index = before === undefined ? await startIndex(copying, spec.referrers, tag, referrers) : withReferrers(before, referrers);
      if (index.digest !== before?.digest) await target.putManifest(tag, index);
    }
  });
}

/** Undefined, with a warning, for one that names another subject than the source says: nobody would find it. */
async function copyReferrer(
  copying: Copying,
  places: readonly Repository[],
  digest: Digest,
  subject: Digest,
): Promise<StoredManifest | undefined> {
  const { repository, stored } = await findManifest(copying.session, places, digest);
  if (subjectOf(stored.bytes) === subject) return copyImage(copying, [repository], digest);
  copying.log.line("warning", `the referrer ${digest} is left out: it is listed for ${subject}, and does not refer to it`);
  return undefined;
}

/** The source's own index where it lists just these, so that its digest stays too. */
async function startIndex(
  { session }: Copying,
  places: readonly Repository[],
  tag: string,
  referrers: readonly StoredManifest[],
): Promise<StoredManifest> {
  for (const place of places) {
    const index = await session.repositories.open(place).getManifest(tag);
    const listed = new Set(index === undefined ? [] : referrersOf(index));
    if (index !== undefined && listed.size === referrers.length && referrers.every(({ digest }) => listed.has(digest))) return index;
  }
  return withReferrers(undefined, referrers);
}

/** Copies what cosign keeps under tags. A tag that has something else than state knows stays as it is: it may be a signature of one's own. */
export async function copyCosignTags(
  copying: Copying,
  spec: MirrorSpec,
  attached: Attached,
  isOurs: (tag: string, digest: Digest) => Promise<boolean>,
): Promise<void> {
  const { session, log } = copying;
  const target = session.repositories.open(spec.destination);
  for (const [tag, digest] of Object.entries(attached)) {
    if (isDigest(tag)) continue;
    const head = (await blame({ origin: "destination" }, () => target.headManifest(tag)))?.digest;
    if (head === digest) continue;
    if (head !== undefined && !spec.overwrite && !(await isOurs(tag, head))) {
      log.line("warning", `the tag ${tag} stays as it is: it points at ${head}, which was not mirrored. Set overwrite: true to replace it`);
      continue;
    }
    const stored = await blame({ property: "referrers" }, () => copyImage(copying, spec.referrers, digest));
    await blame({ origin: "destination" }, () => target.putManifest(tag, stored));
  }
}

import { blame } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { MirrorSpec } from "./mirror-spec.js";
import { fallbackTag, referrersOf, withReferrers } from "./attached-tags.js";
import { copyImage, type Copying } from "./copy-image.js";
import { referrersIn, type Attached } from "./find-attached.js";

/** Copies referrers by digest; a registry without a list of them gets the fallback tag of each subject (distribution spec, "Referrers Tag Schema"). */
export async function copyReferrers(copying: Copying, spec: MirrorSpec, attached: Attached): Promise<void> {
  const bySubject = new Map<Digest, StoredManifest[]>();
  for (const digest of referrersIn(attached)) {
    const subject = attached[digest];
    if (subject === undefined) continue;
    const stored = await blame({ property: "referrers" }, () => copyImage(copying, spec.referrers, digest));
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), stored]);
  }
  const target = copying.session.repositories.open(spec.destination);
  await blame({ origin: "destination", property: "destination" }, async () => {
    for (const [subject, referrers] of bySubject) {
      if ((await target.listReferrers(subject)) !== undefined) continue;
      const tag = fallbackTag(subject);
      const before = await target.getManifest(tag);
      const index = before === undefined ? await startIndex(copying, spec.referrers, tag, referrers) : withReferrers(before, referrers);
      if (index.digest !== before?.digest) await target.putManifest(tag, index);
    }
  });
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

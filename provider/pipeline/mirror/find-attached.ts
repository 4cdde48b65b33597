import { mapParallel } from "../../async/parallel.js";
import { blame, DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { formatReference, formatRepository, type Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import { cosignTags, fallbackTag, referrersOf } from "./attached-tags.js";

const jobs = 8;

/** Referrers, and referrers of these, that one mirror copies at most: a registry could make up more of them without end. */
export const MAX_ATTACHED = 10_000;

/**
 * What is attached to images, where they come from: the digest of a referrer to that of its subject, and the name of a tag of cosign to
 * what it points at.
 */
export type Attached = Readonly<Record<string, Digest>>;

export function referrersIn(attached: Attached): readonly Digest[] {
  return Object.keys(attached).filter(isDigest);
}

/** A place of referrers, with its tags: registries without a list of referrers keep them under tags. */
interface Place {
  readonly repository: Repository;
  readonly tags: ReadonlySet<string>;
  /** Set once the registry has said that it has no list. */
  listless: boolean;
}

/** `subjects`: digests of images and of the manifests below them. `tags`: those of the first place, where they have been listed. */
export async function findAttached(
  session: Session,
  places: readonly Repository[],
  subjects: readonly Digest[],
  tags: readonly string[] | undefined,
): Promise<Attached> {
  const attached = new Map<string, Digest>();
  for (const [at, repository] of places.entries()) {
    const listed = at === 0 && tags !== undefined ? tags : await session.repositories.open(repository).listTags();
    const place: Place = { repository, tags: new Set(listed), listless: false };
    // A place that is not the source may not have the subjects, and some registries then say that they have no list.
    const remembers = at === 0;
    for (let next = [...new Set([...subjects, ...referrersIn(Object.fromEntries(attached))])]; next.length > 0;) {
      let count = attached.size;
      const found = await mapParallel(next, jobs, async (subject) => {
        const referrers = await listReferrers(session, place, subject, remembers);
        count += referrers.length;
        if (count > MAX_ATTACHED) throw tooMany(repository);
        return { subject, referrers, cosign: await headTags(session, place, cosignTags(subject)) };
      });
      next = [];
      for (const { subject, referrers, cosign } of found) {
        for (const [tag, digest] of cosign) if (!attached.has(tag)) attached.set(tag, digest);
        for (const digest of referrers) {
          if (attached.has(digest)) continue;
          attached.set(digest, subject);
          next.push(digest);
        }
      }
    }
  }
  return Object.fromEntries([...attached].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function tooMany(repository: Repository): DhiError {
  return new DhiError("limit", `more than ${MAX_ATTACHED} referrers belong to what is mirrored of ${formatRepository(repository)}`, {
    hint: "Select fewer tags, or set referrers: false",
  });
}

async function listReferrers(session: Session, place: Place, subject: Digest, remembers: boolean): Promise<readonly Digest[]> {
  const repository = session.repositories.open(place.repository);
  const listed = place.listless ? undefined : await repository.listReferrers(subject);
  if (listed !== undefined) return listed;
  if (remembers) place.listless = true;
  const tag = fallbackTag(subject);
  if (!place.tags.has(tag)) return [];
  const what = formatReference({ repository: place.repository, tag });
  const index = await blame({ hint: `Set referrers: false to leave out what ${what} lists` }, () => repository.getManifest(tag));
  return index === undefined ? [] : referrersOf(index);
}

async function headTags(session: Session, place: Place, tags: readonly string[]): Promise<readonly (readonly [string, Digest])[]> {
  const repository = session.repositories.open(place.repository);
  const there = tags.filter((tag) => place.tags.has(tag));
  const heads = await Promise.all(there.map(async (tag) => [tag, (await repository.headManifest(tag))?.digest] as const));
  return heads.flatMap(([tag, digest]) => (digest === undefined ? [] : [[tag, digest] as const]));
}

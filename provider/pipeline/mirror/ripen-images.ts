import { shortDigest, type Digest } from "../../image/digest.js";
import { formatReference, type Repository } from "../../image/reference.js";
import { ownValue } from "../../values.js";
import { recallSight } from "../resolve/recall-sight.js";
import { formatDay } from "../resolve/ripening-day.js";
import type { Session } from "../session.js";
import { creationTime } from "../sources/creation-time.js";
import type { FirstSights } from "../state/first-sights.js";
import type { FoundImage, SelectedTag } from "./select.js";

export interface MirrorRipening {
  /** Milliseconds. Undefined: images of any age are copied. */
  readonly minimum: number | undefined;
  /** Tag to digest as state has it. Undefined for a new mirror. */
  readonly kept: Readonly<Record<string, Digest>> | undefined;
  readonly sights: FirstSights;
  readonly urn: string | undefined;
}

export interface RipeImages {
  /** What is copied. One that stays has the digest of state, although the source has another. */
  readonly images: readonly FoundImage[];
  /** Digests that stay: the source may no longer have them. */
  readonly stays: ReadonlySet<Digest>;
  /** The first sights to keep in state. */
  readonly sights: FirstSights;
  /** What ripens until when, and what was taken although it is young. */
  readonly notices: readonly string[];
}

/**
 * Leaves out what is younger than the minimum age: a tag stays at the digest that state has, and one that is new is not copied yet. The age
 * counts from the later of when an image was made and when this mirror first saw it; for a new mirror, which saw nothing before, from when it
 * was made. A new tag that `select` names itself is copied at any age, with a notice: a program that names it needs it.
 */
export async function ripenImages(
  session: Session,
  source: Repository,
  found: readonly (FoundImage & Pick<SelectedTag, "isNamed">)[],
  { minimum, kept, sights: known, urn }: MirrorRipening,
): Promise<RipeImages> {
  const images: FoundImage[] = [];
  const stays = new Set<Digest>();
  const sights = new Map<string, string>();
  const notices: string[] = [];
  if (minimum === undefined) return { images: found, stays, sights, notices };
  const now = session.now();
  const ageFrom = async (digest: Digest): Promise<number> => {
    const seen = known.get(digest);
    if (seen !== undefined) return Date.parse(seen);
    const made = await creationTime(session, source, digest, "base");
    if (kept === undefined && made !== undefined) return made;
    return Math.max(await recallSight(session, urn, digest, now), made ?? 0);
  };
  for (const image of found) {
    const { tag, digest, isNamed } = image;
    const old = ownValue(kept ?? {}, tag);
    const from = digest === old ? 0 : await ageFrom(digest);
    if (from + minimum <= now) {
      images.push(image);
      continue;
    }
    const name = formatReference({ repository: source, tag });
    if (old === undefined && isNamed) {
      images.push(image);
      notices.push(`${name} (${shortDigest(digest)}) is younger than minimumAge: it is copied, as the destination has no older one`);
      continue;
    }
    sights.set(digest, new Date(from).toISOString());
    const change = old === undefined ? shortDigest(digest) : `${shortDigest(old)} → ${shortDigest(digest)}`;
    notices.push(`${name} ripens: ${change} will be copied on ${formatDay(from + minimum)}`);
    if (old === undefined) continue;
    stays.add(old);
    images.push({ ...image, digest: old });
  }
  return { images, stays, sights, notices };
}

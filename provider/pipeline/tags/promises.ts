import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatReference, formatRepository, isTag, type Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import type { TagSpec } from "../spec/image-spec.js";
import { formatRange, newestTag } from "../spec/version-range.js";
import { tagKey } from "./tag-key.js";

/**
 * From now on, the tags of an image resolve in this operation to the digest that will be published, so that a resource with one of them as
 * base or artifact gets the same in preview and `up`. Throws `DhiError` "conflict" when a tag was already resolved to another digest.
 * `instead`: what the other resource should have been given.
 */
export async function promiseTags(
  session: Session,
  spec: { readonly destination: Repository; readonly tags: readonly TagSpec[] },
  digest: Digest,
  instead = "asBase or ref of this resource",
): Promise<void> {
  const { tags, promised } = session.memory;
  for (const { tag, property } of spec.tags) {
    const key = tagKey(session, spec.destination, tag);
    await refuseNewer(session, spec.destination, tag, property, instead);
    const resolved = await tags.get(key)?.catch(() => undefined);
    if (resolved !== undefined && resolved !== digest && !promised.has(key)) {
      const name = formatReference({ repository: spec.destination, tag });
      throw new DhiError("conflict", `another resource of this program uses ${name} as it is now, but this one will publish it again`, {
        property,
        hint: `Pass ${instead} to the other one, or set its option dependsOn`,
      });
    }
    tags.set(key, Promise.resolve(digest));
    // The second check of a replacement may compose other bytes, which no other resource has seen.
    promised.add(key);
  }
}

/** As `promiseTags`, for an image that this operation composes or keeps. */
export async function promiseComposed(
  session: Session,
  spec: { readonly destination: Repository; readonly tags: readonly TagSpec[] },
  digest: Digest,
): Promise<void> {
  await promiseTags(session, spec, digest);
  for (const name of [...spec.tags.map(({ tag }) => tag), digest]) session.memory.composed.add(tagKey(session, spec.destination, name));
}

/** `name`: a tag, or a digest. */
export function isComposedHere(session: Session, repository: Repository, name: string): boolean {
  return session.memory.composed.has(tagKey(session, repository, name));
}

/** Throws `DhiError` "conflict" if a range of versions was resolved already, and would have matched this tag. */
async function refuseNewer(
  { memory, repositories }: Session,
  destination: Repository,
  tag: string,
  property: string,
  instead: string,
): Promise<void> {
  for (const { range, newest, taken } of memory.matched.get(repositories.key(destination)) ?? []) {
    if (newestTag(range, [newest, tag]) === newest) continue;
    const where = formatRepository(destination);
    // The newest one may be too young.
    const found = await taken.catch(() => newest);
    throw new DhiError(
      "conflict",
      `another resource of this program uses ${where}:${found} for ${formatRange(range)}, but this one will publish ${tag}`,
      {
        property,
        hint: `Pass ${instead} to the other one, or set its option dependsOn`,
      },
    );
  }
}

/** The tags of a repository that resources of this operation said they publish. */
export function promisedTags({ memory, repositories }: Session, repository: Repository): readonly string[] {
  const start = tagKey({ repositories }, repository, "");
  return [...memory.promised].flatMap((key) => (key.startsWith(start) && isTag(key.slice(start.length)) ? [key.slice(start.length)] : []));
}

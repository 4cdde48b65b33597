import { digestSchema, isDigest, type Digest } from "../../image/digest.js";
import { mapOf } from "../../image/lenient.js";
import type { Repository } from "../../image/reference.js";
import { throwAwayManifest } from "../../image/throw-away-manifest.js";
import type { Memory, Session } from "../session.js";
import type { ValueMap } from "../../values.js";
import { publishedTags } from "../state/published-tags.js";
import { storedIdentity } from "../state/stored-identity.js";
import type { ImageKind } from "../spec/image-spec.js";
import { tagKey } from "./tag-key.js";

const digestsSchema = mapOf(digestSchema);

/** By `tagKey`: the digests of a tag in state. */
const known = new WeakMap<Memory, Map<string, Set<Digest>>>();

/**
 * Remembers the digests of a resource's tags in state. The second check of a replacement and its create do not receive the old outputs,
 * but still own the tags. `outputs`: those in state, or the old checked inputs.
 */
export function rememberOwnDigests(session: Session, kind: ImageKind, outputs: ValueMap): void {
  const identity = storedIdentity(kind, outputs);
  const { digest } = outputs;
  if (identity === undefined || !isDigest(digest)) return;
  const byTag = known.get(session.memory) ?? new Map<string, Set<Digest>>();
  known.set(session.memory, byTag);
  for (const tag of [...identity.tags, ...publishedTags(outputs)]) {
    const key = tagKey(session, identity.destination, tag);
    byTag.set(key, new Set([...(byTag.get(key) ?? []), digest, ...unfinishedTags(outputs).values()]));
  }
}

/** The digests that `rememberOwnDigests` has stored for a tag. */
export function ownDigests(session: Session, destination: Repository, tag: string): readonly Digest[] {
  return [...(known.get(session.memory)?.get(tagKey(session, destination, tag)) ?? [])];
}

/** Tags that a failed update left at an older digest of this resource. */
export function unfinishedTags(outputs: ValueMap | undefined): ReadonlyMap<string, Digest> {
  return new Map(Object.entries(digestsSchema.safeParse(outputs?.["unfinished"]).data ?? {}));
}

/** Whether a tag points at one of these digests, or at the throw-away manifest of an interrupted deletion of one of them. */
export function pointsAtOwn(destination: Repository, tag: string, head: Digest, digests: readonly (Digest | undefined)[]): boolean {
  return digests.some(
    (digest) =>
      digest !== undefined &&
      (head === digest ||
        (destination.kind === "registry" && head === throwAwayManifest({ repository: destination.name, tag, former: digest }).digest)),
  );
}

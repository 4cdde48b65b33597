import { blame } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import type { Row, Session } from "../session.js";
import { isMap, omit, type ValueMap } from "../values.js";
import { derivedProperties } from "./outputs.js";
import type { ImageKind } from "./spec.js";
import { tagKey } from "./tag-key.js";

/**
 * Removes the tags that still point at the digest of state and that nothing in this operation claims. Manifests and
 * blobs are left to the registry.
 */
export async function deleteImage(session: Session, kind: ImageKind, outputs: ValueMap, row: Row): Promise<void> {
  const identity = kind.identify(omit(outputs, derivedProperties));
  const { digest, tags } = outputs;
  if (identity === undefined || !isDigest(digest)) return;
  const unfinished = unfinishedTags(outputs);
  const names = new Set([...identity.tags, ...(isMap(tags) ? Object.keys(tags) : [])]);
  for (const tag of names) await deleteOwnTag(session, identity.destination, tag, unfinished.get(tag) ?? digest, row);
}

/** Tags that a failed update left at an older digest of ours. */
export function unfinishedTags(outputs: ValueMap | undefined): ReadonlyMap<string, Digest> {
  const unfinished = outputs?.["unfinished"];
  return new Map(Object.entries(isMap(unfinished) ? unfinished : {}).filter((entry): entry is [string, Digest] => isDigest(entry[1])));
}

/** Leaves the tag when it points elsewhere or when another resource of this operation has it. */
export async function deleteOwnTag(
  session: Session,
  destination: Repository,
  tag: string,
  digest: Digest | undefined,
  row: Row,
): Promise<void> {
  if (digest === undefined) return;
  const repository = session.repositories.open(destination);
  await blame({ origin: "destination" }, async () => {
    const head = await repository.headManifest(tag);
    // Asked as late as can be: another resource may have been checked meanwhile.
    if (head?.digest !== digest || session.memory.claims.isClaimed({ destination, tags: [tag] }, tag)) return;
    const { deleted, reason } = await repository.deleteTag(tag, digest);
    session.memory.tags.delete(tagKey(session, destination, tag));
    if (!deleted)
      row.log("warning", `the tag ${tag} stays in ${formatRepository(destination)}: ${reason ?? "the registry does not remove tags"}`);
  });
}

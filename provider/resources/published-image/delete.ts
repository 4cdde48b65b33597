import { blame } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { tagKey, formatRepository, type Repository } from "../../image/reference.js";
import type { Row, Session } from "../session.js";
import { isMap, omit, type ValueMap } from "../values.js";
import { derivedProperties } from "./outputs.js";
import type { ImageKind } from "./spec.js";

/**
 * Removes the tags that still point at the digest of state and that nothing in this operation claims. Manifests and
 * blobs are left to the registry.
 */
export async function deleteImage(session: Session, kind: ImageKind, outputs: ValueMap, row: Row): Promise<void> {
  const identity = kind.identify(omit(outputs, derivedProperties));
  const { digest, tags } = outputs;
  if (identity === undefined || !isDigest(digest)) return;
  const names = new Set([...identity.tags, ...(isMap(tags) ? Object.keys(tags) : [])]);
  for (const tag of names) await deleteOwnTag(session, identity.destination, tag, digest, row);
}

/** Leaves the tag when it points elsewhere or when another resource of this operation has it. */
export async function deleteOwnTag(
  session: Session,
  destination: Repository,
  tag: string,
  digest: Digest | undefined,
  row: Row,
): Promise<void> {
  if (digest === undefined || session.memory.claims.isClaimed({ destination, tags: [tag] }, tag)) return;
  const repository = session.repositories.open(destination);
  await blame({ origin: "destination" }, async () => {
    const head = await repository.headManifest(tag);
    if (head?.digest !== digest) return;
    const { deleted, reason } = await repository.deleteTag(tag);
    session.memory.tags.delete(tagKey(destination, tag));
    if (!deleted)
      row.log("warning", `the tag ${tag} stays in ${formatRepository(destination)}: ${reason ?? "the registry does not remove tags"}`);
  });
}

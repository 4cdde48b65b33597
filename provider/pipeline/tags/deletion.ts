import { blame, DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import type { ResourceLog, Session } from "../session.js";
import type { ValueMap } from "../../values.js";
import { parseHistory } from "../state/history.js";
import { publishedTags } from "../state/published-tags.js";
import { storedIdentity } from "../state/stored-identity.js";
import { pointsAtOwn, unfinishedTags } from "./own-digests.js";
import type { ImageKind } from "../spec/image-spec.js";
import { tagKey } from "./tag-key.js";

/**
 * Removes the tags that still point at the digest in state and that no resource of this operation claims. Manifests and
 * blobs are left to the garbage collection of the registry.
 */
export async function deleteImage(session: Session, kind: ImageKind, outputs: ValueMap, log: ResourceLog): Promise<void> {
  const identity = storedIdentity(kind, outputs);
  const { digest } = outputs;
  if (identity === undefined || !isDigest(digest)) return;
  const unfinished = unfinishedTags(outputs);
  const names = new Set([...identity.tags, ...publishedTags(outputs)]);
  for (const tag of names) await deleteOwnTag(session, identity.destination, tag, unfinished.get(tag) ?? digest, log);
  for (const { tag, digest: kept } of parseHistory(outputs)) {
    if (tag !== undefined && !names.has(tag)) await deleteOwnTag(session, identity.destination, tag, kept, log);
  }
}

/** Leaves the tag when it points elsewhere or when another resource of this operation has it. */
export async function deleteOwnTag(
  session: Session,
  destination: Repository,
  tag: string,
  digest: Digest | undefined,
  log: ResourceLog,
): Promise<void> {
  if (digest === undefined) return;
  const repository = session.repositories.open(destination);
  const where = formatRepository(destination);
  await blame({ origin: "destination" }, async () => {
    const head = await repository.headManifest(tag);
    // Checked as late as possible: another resource may have claimed it in the meantime.
    if (session.memory.claims.isClaimed({ destination, tags: [tag] }, tag)) return;
    // An absent tag is deleted as well, so that a layout finishes an interrupted deletion.
    if (head !== undefined && !pointsAtOwn(destination, tag, head.digest, [digest])) {
      log.line("warning", `the tag ${tag} stays in ${where}: it points at ${head.digest}, which is not the digest in state`);
      return;
    }
    const { deleted, reason } = await repository.deleteTag(tag, digest).catch((thrown: unknown) => {
      throw asFailedDeletion(thrown, where);
    });
    session.memory.tags.delete(tagKey(session, destination, tag));
    session.memory.tagLists.delete(session.repositories.key(destination));
    if (!deleted) log.line("warning", `the tag ${tag} stays in ${where}: ${reason ?? "the registry does not remove tags"}`);
  });
}

/** State keeps the tag, and the next run retries. The login needs the permission to delete, in addition to that to push. */
function asFailedDeletion(thrown: unknown, where: string): unknown {
  if (!(thrown instanceof DhiError) || thrown.code !== "unauthorized") return thrown;
  const { code, message, origin, property, cause } = thrown;
  const hint = `State keeps the tag. Use a login with permission to delete in ${where}, or keep the image there with retainOnDelete or pulumi state delete`;
  return new DhiError(code, message, { origin, property, hint, cause });
}

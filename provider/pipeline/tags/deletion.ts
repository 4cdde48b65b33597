import { blame, DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import type { ResourceLog, Session } from "../session.js";
import { omit, type ValueMap } from "../../values.js";
import { derivedProperties } from "../state/output-names.js";
import { parseHistory } from "../state/history.js";
import { publishedTags } from "../state/published-tags.js";
import { pointsAtOwn, unfinishedTags } from "./own-digests.js";
import type { ImageKind } from "../spec/image-spec.js";
import { tagKey } from "./tag-key.js";

/**
 * Removes the tags that still point at the digest of state and that nothing in this operation claims. Manifests and
 * blobs are left to the registry.
 */
export async function deleteImage(session: Session, kind: ImageKind, outputs: ValueMap, log: ResourceLog): Promise<void> {
  const identity = kind.identify(omit(outputs, derivedProperties));
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
    // Asked as late as can be: another resource may have been checked meanwhile.
    if (session.memory.claims.isClaimed({ destination, tags: [tag] }, tag)) return;
    // A tag that is gone is deleted all the same: a layout then finishes what an interrupted deletion left.
    if (head !== undefined && !pointsAtOwn(destination, tag, head.digest, [digest])) {
      log.line("warning", `the tag ${tag} stays in ${where}: it points at ${head.digest}, which is not what state has`);
      return;
    }
    const { deleted, reason } = await repository.deleteTag(tag, digest).catch((thrown: unknown) => {
      throw asFailedDeletion(thrown, where);
    });
    session.memory.tags.delete(tagKey(session, destination, tag));
    if (!deleted) log.line("warning", `the tag ${tag} stays in ${where}: ${reason ?? "the registry does not remove tags"}`);
  });
}

/** State keeps the tag, and the next run tries again; what helps is another right than that to push. */
function asFailedDeletion(thrown: unknown, where: string): unknown {
  if (!(thrown instanceof DhiError) || thrown.code !== "unauthorized") return thrown;
  const { code, message, origin, property, cause } = thrown;
  const hint = `State keeps the tag. Use a login that may delete in ${where}, or leave the image there with retainOnDelete or pulumi state delete`;
  return new DhiError(code, message, { origin, property, hint, cause });
}

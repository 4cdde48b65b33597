import { isDigest } from "../../image/digest.js";
import type { ResourceLog, Session } from "../session.js";
import { deleteOwnTag } from "../tags/deletion.js";
import type { ValueMap } from "../../values.js";
import { fallbackTag, referrersOf } from "./attached-tags.js";
import type { MirrorSpec } from "./mirror-spec.js";
import { parseOldMirror } from "./old-mirror.js";

/** Removes the tags that still have the digest in state, and after them what was attached to the images. */
export async function deleteMirrored(
  session: Session,
  { destination }: Pick<MirrorSpec, "destination">,
  outputs: ValueMap,
  log: ResourceLog,
): Promise<void> {
  const old = parseOldMirror(outputs);
  if (old === undefined) return;
  for (const tag of old.tags) await deleteOwnTag(session, destination, tag, old.known(tag)[0], log);
  for (const [tag, digest] of Object.entries(old.attached)) {
    if (!isDigest(tag)) await deleteOwnTag(session, destination, tag, digest, log);
  }
  const subjects = new Set(Object.entries(old.attached).flatMap(([name, subject]) => (isDigest(name) ? [subject] : [])));
  const repository = session.repositories.open(destination);
  for (const tag of [...subjects].map(fallbackTag)) {
    const index = await repository.getManifest(tag);
    // One that lists referrers of somebody else is not only ours.
    if (index === undefined || !referrersOf(index).every((digest) => Object.hasOwn(old.attached, digest))) continue;
    await deleteOwnTag(session, destination, tag, index.digest, log);
  }
}

import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatReference, type Reference } from "../../image/reference.js";
import type { Session } from "../session.js";
import { tagKey } from "../tags/tag-key.js";

/** The digest that a reference resolves to in this operation: always the same, unless this operation moves the tag. */
export function resolveReference(session: Session, reference: Reference): Promise<Digest> {
  if (reference.digest !== undefined) return Promise.resolve(reference.digest);
  const name = tagKey(session, reference.repository, reference.tag ?? "latest");
  return session.memory.tags.run(name, () => askRegistry(session, reference));
}

async function askRegistry(session: Session, reference: Reference): Promise<Digest> {
  const head = await session.repositories.open(reference.repository).headManifest(reference.tag ?? "latest");
  if (head === undefined) {
    throw new DhiError("not-found", `${formatReference(reference)} does not exist`, { hint: "Push it first, or use an existing one" });
  }
  return head.digest;
}

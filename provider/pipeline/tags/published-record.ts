import { digestOf, hexOf, isDigest, type Digest } from "../../image/digest.js";
import type { Memory, Session } from "../session.js";
import type { Value } from "../../values.js";

const KIND = "published";

/** URNs of an operation's resources, by id: create and update do not receive theirs. */
const urns = new WeakMap<Memory, Map<string, string>>();

export function rememberUrn(session: Session, id: string, urn: string | undefined): void {
  if (urn === undefined) return;
  const known = urns.get(session.memory) ?? new Map<string, string>();
  urns.set(session.memory, known);
  known.set(id, urn);
}

/**
 * Records on this machine that a resource is about to publish a digest. A process that is killed after it moved tags has not updated
 * state; by this record, the next one recognizes the tags as its own, whatever the image is by then.
 */
export async function recordPublishing(session: Session, id: string, digest: Value | undefined): Promise<void> {
  const key = isDigest(digest) ? keyOf(session, id, digest) : undefined;
  // Publishing does not fail because the cache cannot be written.
  if (key !== undefined) await session.cache.write(KIND, key, Buffer.alloc(0)).catch(() => undefined);
}

/** Whether this resource has published a digest from this machine. A resource of another stack has another URN. */
export async function hasPublished(session: Session, id: string, digest: Digest): Promise<boolean> {
  const key = keyOf(session, id, digest);
  return key !== undefined && (await session.cache.read(KIND, key).catch(() => undefined)) !== undefined;
}

function keyOf({ memory }: Session, id: string, digest: Digest): string | undefined {
  const urn = urns.get(memory)?.get(id);
  return urn === undefined ? undefined : hexOf(digestOf(JSON.stringify([urn, id, digest])));
}

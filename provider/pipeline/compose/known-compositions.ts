import type { Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import type { Composition } from "./composition.js";

/**
 * Keyed by destination as well: a composition omits blobs that its own destination already has, but another destination may lack them,
 * although the image has the same digest there.
 */
export function rememberComposition(session: Session, destination: Repository, composition: Composition): void {
  session.memory.compositions.set(compositionKey(session, destination, composition.index.digest), composition);
}

export function recallComposition(session: Session, destination: Repository, digest: Digest): Composition | undefined {
  return session.memory.compositions.get(compositionKey(session, destination, digest));
}

function compositionKey({ repositories }: Session, destination: Repository, digest: Digest): string {
  return `${repositories.key(destination)}@${digest}`;
}

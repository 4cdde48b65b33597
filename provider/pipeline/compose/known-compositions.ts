import type { Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import type { Composition } from "./composition.js";

/**
 * By place as well: a composition leaves out what its own destination has already, and another destination may lack it, though the image
 * has the same digest there.
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

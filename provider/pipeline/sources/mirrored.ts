import type { Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Memory, Session } from "../session.js";

interface Mirrored {
  readonly source: Repository;
  /** Images that will be copied, and the manifests below them. */
  readonly digests: ReadonlySet<Digest>;
}

/** By destination. */
const known = new WeakMap<Memory, Map<string, Mirrored>>();

/** From now on this operation reads from `source` what the destination has not got yet. */
export function rememberMirrored(session: Session, destination: Repository, source: Repository, digests: Iterable<Digest>): void {
  const all = known.get(session.memory) ?? new Map<string, Mirrored>();
  known.set(session.memory, all);
  all.set(session.repositories.key(destination), { source, digests: new Set(digests) });
}

/**
 * Where what a repository has or will have is found: itself first, then the sources of mirrors. A manifest only where it will be copied;
 * blobs are asked for by manifests alone.
 */
export function placesOf(session: Session, repository: Repository, manifest?: Digest): readonly Repository[] {
  const places: Repository[] = [repository];
  const seen = new Set<string>();
  for (let at = session.repositories.key(repository); !seen.has(at);) {
    seen.add(at);
    const next = known.get(session.memory)?.get(at);
    if (next === undefined || (manifest !== undefined && !next.digests.has(manifest))) break;
    places.push(next.source);
    at = session.repositories.key(next.source);
  }
  return places;
}

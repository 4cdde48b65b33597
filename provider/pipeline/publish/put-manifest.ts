import type { ImageRepository, StoredManifest } from "../../registry/repository.js";
import type { Memory, Session } from "../session.js";

/** Manifests put, or being put, by an operation. */
const puts = new WeakMap<Memory, Map<string, Promise<void>>>();

/**
 * Puts a manifest by its digest, once an operation. Images that share one are published at the same time, and while a
 * manifest is put again docker-registry 2.8 says of an index that names it that the manifest is unknown.
 */
export function putManifestOnce(session: Session, repository: ImageRepository, manifest: StoredManifest): Promise<void> {
  const known = puts.get(session.memory) ?? new Map<string, Promise<void>>();
  puts.set(session.memory, known);
  const name = `${session.repositories.key(repository.repository)}@${manifest.digest}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  const put = repository.putManifest(manifest.digest, manifest);
  known.set(name, put);
  put.catch(() => known.delete(name));
  return put;
}

import { Memo } from "../../async/memo.js";
import type { ImageRepository, StoredManifest } from "../../registry/repository.js";
import type { Memory, Session } from "../session.js";

/** Manifests put, or being put, by an operation. */
const puts = new WeakMap<Memory, Memo<void>>();

/**
 * Puts a manifest by its digest, once an operation. Images that share one are published at the same time, and while a
 * manifest is put again docker-registry 2.8 says of an index that names it that the manifest is unknown.
 */
export function putManifestOnce(session: Session, repository: ImageRepository, manifest: StoredManifest): Promise<void> {
  const known = puts.get(session.memory) ?? new Memo<void>();
  puts.set(session.memory, known);
  const name = `${session.repositories.key(repository.repository)}@${manifest.digest}`;
  return known.run(name, () => repository.putManifest(manifest.digest, manifest));
}

import { Memo } from "../../async/memo.js";
import type { ImageRepository, StoredManifest } from "../../registry/repository.js";
import type { Memory, Session } from "../session.js";

/** Manifests that an operation has put or is putting. */
const puts = new WeakMap<Memory, Memo<void>>();

/**
 * Puts a manifest by its digest, once an operation. Images that share one are published concurrently, and while a
 * manifest is put again, docker-registry 2.8 rejects an index that lists it with "manifest unknown".
 */
export function putManifestOnce(session: Session, repository: ImageRepository, manifest: StoredManifest): Promise<void> {
  const known = puts.get(session.memory) ?? new Memo<void>();
  puts.set(session.memory, known);
  const name = `${session.repositories.key(repository.repository)}@${manifest.digest}`;
  return known.run(name, () => repository.putManifest(manifest.digest, manifest));
}

import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository, type RegistryRepository } from "../../image/reference.js";
import { emptyBlob, emptyDescriptor, throwAwayManifest, trialManifest, type DeletedTag } from "../../image/throw-away-manifest.js";
import type { Permission } from "../auth/authorizer.js";
import { finalRefusal } from "./deletion-refusal.js";
import type { RegistryClient } from "./registry-client.js";
import type { ImageRepository, StoredManifest, TagDeletion } from "../repository.js";

export interface DeletionOptions {
  readonly target: ImageRepository & { readonly repository: RegistryRepository };
  readonly client: RegistryClient;
  /** The same repository, usable for a short time after the operation was cancelled: for restoring the tag. */
  readonly cleanup: ImageRepository;
  readonly permission: Permission;
}

/** A deletion in progress. `image`: the manifest that the tag pointed at, when it is already fetched. */
interface Deletion extends DeletedTag {
  readonly image: StoredManifest | undefined;
}

/**
 * Removes only a tag: by name where the registry supports it (distribution spec, "Deleting tags"). Otherwise the tag is pointed
 * at a throw-away manifest, which is then deleted by digest. Whether deleting by digest is allowed is tested first
 * with an untagged manifest, so that a refusal leaves the tag untouched. `expected`: the digest that the tag must point at, or did
 * before an interrupted deletion.
 */
export async function deleteRemoteTag(options: DeletionOptions, tag: string, expected?: Digest): Promise<TagDeletion> {
  const { target } = options;
  const found = await target.getManifest(tag);
  if (found === undefined) return { deleted: true };
  const deletion = { repository: target.repository.name, tag, former: expected ?? found.digest, image: undefined };
  if (found.digest === throwAwayManifest(deletion).digest) return await deleteThrowAway(options, deletion, undefined);
  if (found.digest !== deletion.former) return { deleted: true };
  const byName = await remove(options, tag);
  if ((await target.headManifest(tag)) === undefined) return { deleted: true };
  return await replaceAndDelete(options, { ...deletion, image: found }, byName);
}

/** Removes a manifest by its digest (distribution spec, "Deleting Manifests"). */
export async function deleteRemoteManifest(options: Omit<DeletionOptions, "cleanup">, digest: Digest): Promise<TagDeletion> {
  const reason = await remove(options, digest);
  return reason === undefined ? { deleted: true } : { deleted: false, reason };
}

/** The registry's message when it does not delete, otherwise undefined. */
async function remove({ client, target, permission }: Omit<DeletionOptions, "cleanup">, reference: string): Promise<string | undefined> {
  try {
    await client.send({
      method: "DELETE",
      url: `${target.repository.name}/manifests/${reference}`,
      expect: [200, 202, 204, 404],
      purpose: `delete ${reference} from ${formatRepository(target.repository)}`,
      permission,
    });
    return undefined;
  } catch (thrown) {
    return finalRefusal(thrown);
  }
}

async function replaceAndDelete(options: DeletionOptions, deletion: Deletion, byName: string | undefined): Promise<TagDeletion> {
  const { target } = options;
  const { tag, former } = deletion;
  const trial = trialManifest(deletion);
  try {
    await target.putBlob(emptyDescriptor, () => sourceOf(emptyBlob));
    await target.putManifest(trial.digest, trial);
  } catch (thrown) {
    return { deleted: false, reason: finalRefusal(thrown) };
  }
  const refusal = await remove(options, trial.digest);
  if (refusal !== undefined) return { deleted: false, reason: refusal };
  if ((await target.headManifest(tag))?.digest !== former) return { deleted: false, reason: "the tag was moved in the meantime" };
  try {
    await target.putManifest(tag, throwAwayManifest(deletion));
  } catch (thrown) {
    // Without a response, the registry may still have moved the tag.
    await restoreAfter(options, deletion, thrown);
    return { deleted: false, reason: finalRefusal(thrown) };
  }
  return await deleteThrowAway(options, deletion, byName);
}

/** Deletes the throw-away manifest together with the tag that points at it. When that is refused or fails, the tag is restored. */
async function deleteThrowAway(options: DeletionOptions, deletion: Deletion, byName: string | undefined): Promise<TagDeletion> {
  const { digest } = throwAwayManifest(deletion);
  let reason: string | undefined;
  try {
    reason = await remove(options, digest);
    if ((await options.target.headManifest(deletion.tag))?.digest !== digest) return { deleted: true };
  } catch (thrown) {
    await restoreAfter(options, deletion, thrown);
    throw thrown;
  }
  await restore(options, deletion);
  return { deleted: false, reason: reason ?? byName ?? "the registry accepted the deletion but kept the tag" };
}

/** Restores the tag after a failed step; when that fails too, the error reports both. */
async function restoreAfter(options: DeletionOptions, deletion: Deletion, thrown: unknown): Promise<void> {
  try {
    await restore(options, deletion);
  } catch (second) {
    if (!(thrown instanceof DhiError) || !(second instanceof DhiError)) throw thrown;
    const { code, message, cause } = thrown;
    throw new DhiError(code, `${message}; ${second.message}`, { hint: second.hint, cause });
  }
}

/**
 * Points the tag at its image again, as a throw-away manifest cannot be pulled. A tag that was moved or removed in the meantime is left.
 * A failure is an error, so that state keeps the tag and the next deletion or update recognizes the throw-away manifest.
 */
async function restore({ cleanup, target }: DeletionOptions, deletion: Deletion): Promise<void> {
  const { tag, former } = deletion;
  const interrupted = `the tag ${tag} in ${formatRepository(target.repository)} was being deleted, and`;
  try {
    if (!(await isAtThrowAway(cleanup, deletion))) return;
    const image = deletion.image ?? (await cleanup.getManifest(former));
    if (image === undefined) {
      throw new DhiError("rejected", `${interrupted} the registry refuses to finish`, {
        hint: "The image is gone. Allow deletion in the registry, or remove the tag by hand",
      });
    }
    await cleanup.putManifest(tag, image);
    if (!(await isAtThrowAway(cleanup, deletion))) return;
    throw new DhiError("rejected", `the registry accepted the manifest, but the tag still points at ${throwAwayManifest(deletion).digest}`);
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.message.startsWith(interrupted)) throw thrown;
    throw new DhiError(thrown.code, `${interrupted} its image ${former} could not be restored: ${thrown.message}`, {
      hint: "State keeps the tag. Run destroy again to finish, or up to restore the image",
      cause: thrown.cause,
    });
  }
}

/** Compares the bytes of the manifest: not every registry supports HEAD or reports digests. */
async function isAtThrowAway(cleanup: ImageRepository, deletion: Deletion): Promise<boolean> {
  return (await cleanup.getManifest(deletion.tag))?.digest === throwAwayManifest(deletion).digest;
}

async function* sourceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

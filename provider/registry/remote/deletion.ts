import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository, type RegistryRepository } from "../../image/reference.js";
import { emptyBlob, emptyDescriptor, throwAwayManifest, trialManifest, type DeletedTag } from "../../image/throw-away-manifest.js";
import type { Permission } from "../auth/authorizer.js";
import { wordsOfRefusal } from "./deletion-refusal.js";
import type { RegistryClient } from "./registry-client.js";
import type { ImageRepository, StoredManifest, TagDeletion } from "../repository.js";

export interface DeletionOptions {
  readonly target: ImageRepository & { readonly repository: RegistryRepository };
  readonly client: RegistryClient;
  /** The same repository, for putting back what was there even after the operation was cancelled. */
  readonly tidy: ImageRepository;
  readonly permission: Permission;
}

/** A deletion under way. `image`: the bytes of what the tag pointed at, where they are at hand. */
interface Deletion extends DeletedTag {
  readonly image: StoredManifest | undefined;
}

/**
 * Removes a tag alone. By its name where the registry can (distribution spec, "Deleting tags"). Else the tag is pointed
 * at a manifest made for that, which is then deleted by digest; whether deleting by digest is allowed is tried first
 * with one that has no tag, so that a refusal leaves the tag untouched. `expected`: what the tag must point at, or did
 * before a deletion that was interrupted.
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

/** The registry's words when it does not delete. */
async function remove({ client, target, permission }: DeletionOptions, reference: string): Promise<string | undefined> {
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
    return wordsOfRefusal(thrown);
  }
}

async function replaceAndDelete(options: DeletionOptions, deletion: Deletion, byName: string | undefined): Promise<TagDeletion> {
  const { target } = options;
  const { tag, former } = deletion;
  const trial = trialManifest(deletion);
  try {
    await target.putBlob(emptyDescriptor, () => once(emptyBlob));
    await target.putManifest(trial.digest, trial);
  } catch (thrown) {
    return { deleted: false, reason: wordsOfRefusal(thrown) };
  }
  const refusal = await remove(options, trial.digest);
  if (refusal !== undefined) return { deleted: false, reason: refusal };
  if ((await target.headManifest(tag))?.digest !== former) return { deleted: false, reason: "the tag was moved meanwhile" };
  try {
    await target.putManifest(tag, throwAwayManifest(deletion));
  } catch (thrown) {
    // Where the answer was lost, the registry may have done it.
    await putBackAfter(options, deletion, thrown);
    return { deleted: false, reason: wordsOfRefusal(thrown) };
  }
  return await deleteThrowAway(options, deletion, byName);
}

/** Takes the tag away with the throw-away manifest that it points at. Where that is refused or fails, the tag gets its image back. */
async function deleteThrowAway(options: DeletionOptions, deletion: Deletion, byName: string | undefined): Promise<TagDeletion> {
  const { digest } = throwAwayManifest(deletion);
  let reason: string | undefined;
  try {
    reason = await remove(options, digest);
    if ((await options.target.headManifest(deletion.tag))?.digest !== digest) return { deleted: true };
  } catch (thrown) {
    await putBackAfter(options, deletion, thrown);
    throw thrown;
  }
  await putBack(options, deletion);
  return { deleted: false, reason: reason ?? byName ?? "the registry said yes and kept the tag" };
}

/** Puts the image back after a step failed; where that fails too, the error tells of both. */
async function putBackAfter(options: DeletionOptions, deletion: Deletion, thrown: unknown): Promise<void> {
  try {
    await putBack(options, deletion);
  } catch (second) {
    if (!(thrown instanceof DhiError) || !(second instanceof DhiError)) throw thrown;
    const { code, message, cause } = thrown;
    throw new DhiError(code, `${message}; ${second.message}`, { hint: second.hint, cause });
  }
}

/**
 * Nobody could pull what stands under the tag now. A tag that somebody has moved or removed meanwhile is left. What cannot be put
 * back now is known to the next deletion or update as ours, so a failure is an error, which keeps state.
 */
async function putBack({ tidy, target }: DeletionOptions, deletion: Deletion): Promise<void> {
  const { tag, former } = deletion;
  const stands = `the tag ${tag} in ${formatRepository(target.repository)} was being deleted, and`;
  try {
    if (!(await isAtThrowAway(tidy, deletion))) return;
    const image = deletion.image ?? (await tidy.getManifest(former));
    if (image === undefined) {
      throw new DhiError("rejected", `${stands} the registry does not go on with it`, {
        hint: "Its image is gone. Allow deleting there, or remove the tag by hand",
      });
    }
    await tidy.putManifest(tag, image);
    if (!(await isAtThrowAway(tidy, deletion))) return;
    throw new DhiError("rejected", `the registry said yes, and the tag still points at ${throwAwayManifest(deletion).digest}`);
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.message.startsWith(stands)) throw thrown;
    throw new DhiError(thrown.code, `${stands} may not have its image ${former} back: ${thrown.message}`, {
      hint: "State keeps the tag. Run destroy again to finish, or up to put the image back",
      cause: thrown.cause,
    });
  }
}

/** By the manifest's bytes: not every registry does HEAD, or names digests in its answers. */
async function isAtThrowAway(tidy: ImageRepository, deletion: Deletion): Promise<boolean> {
  return (await tidy.getManifest(deletion.tag))?.digest === throwAwayManifest(deletion).digest;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

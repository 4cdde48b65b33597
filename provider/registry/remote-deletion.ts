import { randomUUID } from "node:crypto";
import { DhiError } from "../errors.js";
import { refusalOf } from "../http/request.js";
import { digestOf, type Digest } from "../image/digest.js";
import { OCI_MANIFEST } from "../image/media-types.js";
import { formatRepository, type RegistryRepository } from "../image/reference.js";
import type { Permission } from "./authorizer.js";
import type { RegistryClient } from "./registry-client.js";
import type { ImageRepository, StoredManifest, TagDeletion } from "./repository.js";

const EMPTY_CONFIG = "application/vnd.oci.empty.v1+json";
const empty = Buffer.from("{}");

export interface DeletionOptions {
  readonly target: ImageRepository & { readonly repository: RegistryRepository };
  readonly client: RegistryClient;
  /** For putting back what was there even after the operation was cancelled. */
  readonly tidy: RegistryClient;
  readonly permission: Permission;
}

/**
 * Removes a tag alone. By its name where the registry can (distribution spec, "Deleting tags"). Else the tag is pointed
 * at a manifest made for that, which is then deleted by digest; whether deleting by digest is allowed is tried first
 * with one that has no tag, so that a refusal leaves the tag untouched. `expected`: what the tag must point at.
 */
export async function deleteRemoteTag(options: DeletionOptions, tag: string, expected?: Digest): Promise<TagDeletion> {
  const { target } = options;
  const former = await target.getManifest(tag);
  if (former === undefined || (expected !== undefined && former.digest !== expected)) return { deleted: true };
  const byName = await remove(options, tag);
  if ((await target.headManifest(tag)) === undefined) return { deleted: true };
  try {
    return await replaceAndDelete(options, tag, former, byName);
  } catch (thrown) {
    return { deleted: false, reason: reasonOf(thrown) };
  }
}

/** The registry's words when it refuses. */
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
    return reasonOf(thrown);
  }
}

async function replaceAndDelete(
  options: DeletionOptions,
  tag: string,
  former: StoredManifest,
  byName: string | undefined,
): Promise<TagDeletion> {
  const { target } = options;
  const config = { mediaType: EMPTY_CONFIG, digest: digestOf(empty), size: empty.byteLength };
  await target.putBlob(config, () => once(empty));
  const trial = throwAway();
  await target.putManifest(trial.digest, trial);
  const refusal = await remove(options, trial.digest);
  if (refusal !== undefined) return { deleted: false, reason: refusal };
  if ((await target.headManifest(tag))?.digest !== former.digest) return { deleted: false, reason: "the tag was moved meanwhile" };
  const last = throwAway();
  await target.putManifest(tag, last);
  try {
    const reason = await remove(options, last.digest);
    const left = await target.headManifest(tag);
    if (left === undefined) return { deleted: true };
    if (left.digest === last.digest) await target.putManifest(tag, former);
    return { deleted: false, reason: reason ?? byName ?? "the registry said yes and kept the tag" };
  } catch (thrown) {
    await putBack(options, tag, former);
    throw thrown;
  }
}

/** Nobody could pull what stands under the tag now. What went wrong is thrown by the caller; this is all that can be done. */
async function putBack({ tidy, target, permission }: DeletionOptions, tag: string, { bytes, mediaType }: StoredManifest): Promise<void> {
  const url = `${target.repository.name}/manifests/${tag}`;
  const purpose = `put ${tag} back in ${formatRepository(target.repository)}`;
  await tidy
    .send({ method: "PUT", url, headers: { "content-type": mediaType }, body: bytes, expect: [200, 201, 202], purpose, permission })
    .catch(() => undefined);
}

function throwAway(): StoredManifest {
  const descriptor = { mediaType: EMPTY_CONFIG, digest: digestOf(empty), size: empty.byteLength };
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: "application/vnd.pulumi-dhi.deleted.v1",
    config: descriptor,
    layers: [descriptor],
    annotations: { "pulumi-dhi.deleted": randomUUID() },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes };
}

/** The registry's words for a refusal; what is no refusal is thrown on. */
function reasonOf(thrown: unknown): string {
  const refusal = thrown instanceof DhiError ? refusalOf(thrown) : undefined;
  if (refusal === undefined || refusal.status === 429 || refusal.status >= 500) throw thrown;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository, type RegistryRepository, type Repository } from "../../image/reference.js";
import { refusalOf } from "../../http/request.js";
import type { Permission } from "../auth/authorizer.js";
import { ACCEPTED, checkManifest, checkReference, digestHeader, MANIFEST_LIMIT, nameManifest } from "../manifests.js";
import type { RemoteOptions } from "./options.js";
import { readRemoteBlob } from "./blob.js";
import { deleteRemoteManifest, deleteRemoteTag } from "./deletion.js";
import { listRemoteReferrers } from "./referrers.js";
import { listRemoteTags } from "./tags.js";
import type { BlobArrival, BlobSource, ImageRepository, StoredManifest, TagDeletion } from "../repository.js";
import { repositoryScope } from "../auth/scope.js";
import { canMount, uploadBlob } from "./upload.js";

/** A repository of a registry, over the OCI distribution protocol 1.1. */
export class RemoteRepository implements ImageRepository {
  readonly repository: RegistryRepository;
  readonly #options: RemoteOptions;
  readonly #where: string;

  constructor(options: RemoteOptions) {
    this.repository = options.repository;
    this.#options = options;
    this.#where = formatRepository(options.repository);
  }

  async headManifest(reference: string): Promise<Omit<Descriptor, "platform" | "annotations"> | undefined> {
    const headers = await this.#head(reference);
    if (headers === "absent") return undefined;
    const digest = headers === undefined ? undefined : digestHeader(headers);
    const size = Number(headers?.["content-length"] ?? Number.NaN);
    const mediaType = headers?.["content-type"]?.split(";", 1)[0] ?? "";
    if (digest !== undefined && Number.isSafeInteger(size) && size > 0 && mediaType.startsWith("application/vnd."))
      return { mediaType, digest, size };
    const whole = await this.getManifest(reference);
    return whole === undefined ? undefined : { mediaType: whole.mediaType, digest: whole.digest, size: whole.bytes.byteLength };
  }

  async getManifest(reference: string): Promise<StoredManifest | undefined> {
    const answer = await this.#options.client.send(
      {
        method: "GET",
        url: this.#manifestPath(reference),
        headers: { accept: ACCEPTED },
        purpose: `read ${nameManifest(reference)} of ${this.#where}`,
        permission: this.#permission("pull"),
      },
      MANIFEST_LIMIT + 1,
    );
    if (answer.status === 404) return undefined;
    return checkManifest(answer.body, answer.headers["content-type"], reference, answer.headers["docker-content-digest"], this.#where);
  }

  async putManifest(reference: string, manifest: StoredManifest): Promise<void> {
    const { bytes, mediaType, digest } = manifest;
    const checked = checkManifest(bytes, mediaType, reference, digest, "the manifest to push");
    const answer = await this.#options.client.send({
      method: "PUT",
      url: this.#manifestPath(reference),
      headers: { "content-type": mediaType, "content-length": String(bytes.byteLength) },
      body: bytes,
      expect: [200, 201, 202],
      purpose: `push ${nameManifest(reference)} to ${this.#where}`,
      permission: this.#permission("pull", "push"),
    });
    const stored = digestHeader(answer.headers);
    if (stored !== undefined && stored !== checked.digest) {
      throw new DhiError("mismatch", `${this.#where} stored ${nameManifest(reference)} as ${stored} instead of ${checked.digest}`);
    }
  }

  async hasBlob(descriptor: Descriptor): Promise<boolean> {
    const answer = await this.#options.client.send({
      method: "HEAD",
      url: `${this.repository.name}/blobs/${descriptor.digest}`,
      purpose: `look for blob ${descriptor.digest} in ${this.#where}`,
      permission: this.#permission("pull"),
    });
    return answer.status !== 404;
  }

  readBlob(descriptor: Descriptor): AsyncIterable<Uint8Array> {
    return readRemoteBlob(this.#options.client, this.repository, this.#permission("pull"), descriptor);
  }

  putBlob(descriptor: Descriptor, source: BlobSource, from?: Repository): Promise<BlobArrival> {
    const { uploads, holders } = this.#options;
    return uploads.run(`${this.#where} ${descriptor.digest}`, async () => {
      if (await this.hasBlob(descriptor)) return "present";
      const send = (place: Repository | undefined): Promise<BlobArrival> =>
        uploadBlob(this.#options, this.#permission("pull", "push"), descriptor, source, place);
      return canMount(from, this.repository) ? await send(from) : await holders.share(descriptor.digest, this.repository, send);
    });
  }

  deleteTag(tag: string, expected?: Digest): Promise<TagDeletion> {
    const { client, cleanup, deletions } = this.#options;
    const uncancelled = new RemoteRepository({ ...this.#options, client: cleanup });
    const permission = this.#permission("pull", "push", "delete");
    return deletions.run(this.#where, () => deleteRemoteTag({ target: this, client, cleanup: uncancelled, permission }, tag, expected));
  }

  deleteManifest(digest: Digest): Promise<TagDeletion> {
    const permission = this.#permission("pull", "push", "delete");
    const { client, deletions } = this.#options;
    return deletions.run(this.#where, () => deleteRemoteManifest({ target: this, client, permission }, digest));
  }

  listTags(): Promise<readonly string[]> {
    return listRemoteTags(this.#options.client, this.repository, this.#permission("pull"));
  }

  listReferrers(subject: Digest): Promise<readonly Digest[] | undefined> {
    return listRemoteReferrers(this.#options.client, this.repository, this.#permission("pull"), subject);
  }

  /** Undefined when the registry does not support HEAD: a GET then succeeds, or explains the error in its body. */
  async #head(reference: string): Promise<Readonly<Record<string, string>> | "absent" | undefined> {
    const request = {
      method: "HEAD",
      url: this.#manifestPath(reference),
      headers: { accept: ACCEPTED },
      purpose: `look for ${nameManifest(reference)} of ${this.#where}`,
      permission: this.#permission("pull"),
    } as const;
    try {
      const answer = await this.#options.client.send(request);
      return answer.status === 404 ? "absent" : answer.headers;
    } catch (thrown) {
      const status = thrown instanceof DhiError ? refusalOf(thrown)?.status : undefined;
      if (status !== undefined && status >= 400 && status < 500 && status !== 429) return undefined;
      throw thrown;
    }
  }

  #manifestPath(reference: string): string {
    return `${this.repository.name}/manifests/${checkReference(reference)}`;
  }

  #permission(...actions: Parameters<typeof repositoryScope>[1][]): Permission {
    return { repository: this.repository.name, scopes: [repositoryScope(this.repository.name, ...actions)] };
  }
}

import { verified } from "../../cache/verified.js";
import { DhiError } from "../../errors.js";
import { refusalOf } from "../../http/request.js";
import { retry, type Outcome } from "../../async/retry.js";
import { delayAfter } from "../../http/retry.js";
import type { Descriptor } from "../../image/descriptor.js";
import { formatRepository, type RegistryRepository, type Repository } from "../../image/reference.js";
import type { Permission } from "../auth/authorizer.js";
import { sameHost } from "../host.js";
import { digestHeader } from "../manifests.js";
import type { RemoteOptions } from "./options.js";
import type { BlobArrival, BlobSource } from "../repository.js";
import { mergeScopes, repositoryScope } from "../auth/scope.js";

const TRIES = 4;
const FIRST_DELAY = 500;
/** Milliseconds that a registry may take to store a blob after its last byte. */
const STORE_TIMEOUT = 300_000;

/** Mounts or uploads a blob that is missing (distribution spec, "Pushing blobs"). A broken upload is retried in a new session, as registries keep partial uploads. */
export async function uploadBlob(
  options: RemoteOptions,
  permission: Permission,
  descriptor: Descriptor,
  source: BlobSource,
  from: Repository | undefined,
): Promise<BlobArrival> {
  return await options.client.upload(async () => {
    const mounted = await mount(options, permission, descriptor, from);
    if (mounted === "mounted") return mounted;
    let session: URL | undefined = mounted;
    return await retry({ tries: TRIES, signal: options.signal }, async (attempt): Promise<Outcome<BlobArrival>> => {
      const opened = session ?? (await begin(options, permission, descriptor));
      session = undefined;
      try {
        await finish(options, permission, descriptor, source, opened);
        return { result: "uploaded" };
      } catch (failure) {
        await abandon(options, permission, opened);
        if (!(failure instanceof DhiError) || failure.code !== "unavailable") return { failure, delay: undefined };
        const asked = refusalOf(failure)?.headers["retry-after"];
        return { failure, delay: delayAfter(attempt, FIRST_DELAY, asked, Math.random(), Date.now()) };
      }
    });
  });
}

/** Whether a blob of one repository can be mounted into another. */
export function canMount(from: Repository | undefined, to: RegistryRepository): from is RegistryRepository {
  return from?.kind === "registry" && sameHost(from, to) && from.name !== to.name;
}

/** `mounted`, or the upload session that the registry opened instead, or undefined when it refused to mount. */
async function mount(
  options: RemoteOptions,
  permission: Permission,
  descriptor: Descriptor,
  from: Repository | undefined,
): Promise<URL | "mounted" | undefined> {
  const { repository, client } = options;
  if (!canMount(from, repository)) return undefined;
  const query = new URLSearchParams({ mount: descriptor.digest, from: from.name });
  try {
    const answer = await client.send({
      method: "POST",
      url: `${repository.name}/blobs/uploads/?${query.toString()}`,
      headers: { "content-length": "0" },
      expect: [201, 202],
      purpose: `mount blob ${descriptor.digest} from ${formatRepository(from)} to ${formatRepository(repository)}`,
      permission: { ...permission, scopes: mergeScopes(permission.scopes, [repositoryScope(from.name, "pull")]) },
    });
    return answer.status === 201 ? "mounted" : await sessionOf(options, answer.headers["location"], answer.url);
  } catch (thrown) {
    // Without permission to read the other repository, or on a registry without mounts, an upload still works.
    if (thrown instanceof DhiError && ["unauthorized", "rejected", "not-found"].includes(thrown.code)) return undefined;
    throw thrown;
  }
}

async function begin(options: RemoteOptions, permission: Permission, descriptor: Descriptor): Promise<URL> {
  const answer = await options.client.send({
    method: "POST",
    url: `${options.repository.name}/blobs/uploads/`,
    headers: { "content-length": "0" },
    expect: [202],
    purpose: `begin to upload blob ${descriptor.digest} to ${formatRepository(options.repository)}`,
    permission,
  });
  return await sessionOf(options, answer.headers["location"], answer.url);
}

async function sessionOf(options: RemoteOptions, location: string | undefined, answered: URL): Promise<URL> {
  if (location === undefined) throw new DhiError("rejected", `${formatRepository(options.repository)} began an upload without a Location`);
  return await options.client.locate(location, answered);
}

async function finish(
  options: RemoteOptions,
  permission: Permission,
  descriptor: Descriptor,
  source: BlobSource,
  session: URL,
): Promise<void> {
  const where = formatRepository(options.repository);
  // The session's own query is opaque: it is extended, not re-encoded.
  const url = new URL(session);
  url.search = `${url.search === "" ? "?" : `${url.search}&`}digest=${encodeURIComponent(descriptor.digest)}`;
  const answer = await options.client.sendLong({
    method: "PUT",
    url,
    headers: { "content-type": "application/octet-stream", "content-length": String(descriptor.size) },
    body: () => verified(source(), descriptor, "its source"),
    expect: [201],
    tries: 1,
    headTimeout: STORE_TIMEOUT,
    purpose: `upload blob ${descriptor.digest} to ${where}`,
    permission,
  });
  const stored = digestHeader(answer.headers);
  if (stored !== undefined && stored !== descriptor.digest) {
    throw new DhiError("mismatch", `${where} stored blob ${descriptor.digest} as ${stored}`);
  }
}

/** Cancels an upload session, which would otherwise expire. Nothing is deleted at another host that the registry named. */
async function abandon(options: RemoteOptions, permission: Permission, session: URL): Promise<void> {
  if (!(await options.client.owns(session))) return;
  const request = { method: "DELETE", url: session, tries: 1, headTimeout: 2000, purpose: "cancel an upload", permission } as const;
  await options.cleanup.sendLong(request).catch(() => undefined);
}

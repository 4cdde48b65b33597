import { verified } from "../../cache/verified.js";
import { DhiError } from "../../errors.js";
import { Breaks } from "../../http/breaks.js";
import type { HttpResponse } from "../../http/request.js";
import type { Descriptor } from "../../image/descriptor.js";
import { formatRepository, type RegistryRepository } from "../../image/reference.js";
import type { Permission } from "../auth/authorizer.js";
import type { RegistryClient } from "./registry-client.js";

/** Reads a blob and verifies it on the way; a broken download is resumed by `Range` (RFC 9110 section 14). */
export function readRemoteBlob(
  client: RegistryClient,
  repository: RegistryRepository,
  permission: Permission,
  descriptor: Descriptor,
): AsyncIterable<Uint8Array> {
  return verified(readResumed(client, repository, permission, descriptor), descriptor, formatRepository(repository));
}

async function* readResumed(
  client: RegistryClient,
  repository: RegistryRepository,
  permission: Permission,
  descriptor: Descriptor,
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  const breaks = new Breaks();
  for (;;) {
    const answer = await openAt(client, repository, permission, descriptor, offset);
    let skip = answer.status === 206 ? 0 : offset;
    try {
      for await (const chunk of answer.stream()) {
        const fresh = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.byteLength));
        skip -= chunk.byteLength - fresh.byteLength;
        if (fresh.byteLength === 0) continue;
        offset += fresh.byteLength;
        breaks.received(fresh.byteLength);
        yield fresh;
      }
      return;
    } catch (thrown) {
      if (!(thrown instanceof DhiError) || thrown.code !== "unavailable" || breaks.broke()) throw thrown;
      if (offset >= descriptor.size) return;
    }
  }
}

async function openAt(
  client: RegistryClient,
  repository: RegistryRepository,
  permission: Permission,
  descriptor: Descriptor,
  offset: number,
): Promise<HttpResponse> {
  const where = formatRepository(repository);
  const answer = await client.open({
    method: "GET",
    url: `${repository.name}/blobs/${descriptor.digest}`,
    headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
    expect: [200, 206, 404],
    purpose: `read blob ${descriptor.digest} of ${where}`,
    permission,
  });
  if (answer.status === 404) {
    await answer.discard();
    throw new DhiError("not-found", `blob ${descriptor.digest} is not in ${where}`);
  }
  const start = answer.status === 206 ? /^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1] : undefined;
  if (answer.status === 206 && Number(start) !== offset) {
    await answer.discard();
    throw new DhiError("rejected", `${where} sent another range of blob ${descriptor.digest} than was requested`);
  }
  return answer;
}

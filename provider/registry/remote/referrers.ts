import { z } from "zod";
import { DhiError } from "../../errors.js";
import { digestSchema, type Digest } from "../../image/digest.js";
import { listOf } from "../../image/lenient.js";
import { formatRepository, type RegistryRepository } from "../../image/reference.js";
import type { Permission } from "../auth/authorizer.js";
import { MANIFEST_LIMIT, readFields } from "../manifests.js";
import type { RegistryClient } from "./registry-client.js";
import { nextLink } from "./tags.js";

const pageSchema = z.object({ manifests: listOf(z.object({ digest: digestSchema })) });

/** More are an error: a subject of a real image has some tens. */
export const MAX_REFERRERS = 1000;

/** Distribution spec, "Listing Referrers": an index, in pages by `Link`. A registry without the API answers 404. */
export async function listRemoteReferrers(
  client: RegistryClient,
  repository: RegistryRepository,
  permission: Permission,
  subject: Digest,
): Promise<readonly Digest[] | undefined> {
  const where = formatRepository(repository);
  const found = new Set<Digest>();
  const seen = new Set<string>();
  let url: string | URL | undefined = `${repository.name}/referrers/${subject}`;
  while (url !== undefined) {
    const purpose = `list the referrers of ${subject} in ${where}`;
    const answer = await client.send({ method: "GET", url, expect: [200, 404, 405], purpose, permission }, MANIFEST_LIMIT + 1);
    if (answer.status !== 200 && seen.size === 0) return undefined;
    const page = answer.status === 200 ? readFields(answer.body, pageSchema) : undefined;
    if (page === undefined) throw new DhiError("rejected", `${where} answered a listing of referrers with something else`);
    for (const { digest } of page.manifests) found.add(digest);
    if (found.size > MAX_REFERRERS)
      throw new DhiError("limit", `${where} lists more than ${String(MAX_REFERRERS)} referrers of ${subject}`);
    const next = nextLink(answer.headers["link"]);
    url = next === undefined ? undefined : await client.locate(next, answer.url);
    if (url !== undefined && seen.has(url.href)) throw new DhiError("rejected", `${where} lists the referrers of ${subject} in a circle`);
    if (url !== undefined) seen.add(url.href);
  }
  return [...found];
}

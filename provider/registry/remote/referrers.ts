import { z } from "zod";
import { DhiError } from "../../errors.js";
import { digestSchema, type Digest } from "../../image/digest.js";
import { listOf } from "../../image/lenient.js";
import { formatRepository, type RegistryRepository } from "../../image/reference.js";
import type { Permission } from "../auth/authorizer.js";
import { MANIFEST_LIMIT, readFields } from "../manifests.js";
import { listPages } from "./pages.js";
import type { RegistryClient } from "./registry-client.js";

const pageSchema = z.object({ manifests: listOf(z.object({ digest: digestSchema })) });

/** More are an error: a subject of a real image has some tens. */
export const MAX_REFERRERS = 1000;

/** Distribution spec, "Listing Referrers": an index, in pages by `Link`. Undefined for a registry without the API, which answers 404. */
export async function listRemoteReferrers(
  client: RegistryClient,
  repository: RegistryRepository,
  permission: Permission,
  subject: Digest,
): Promise<readonly Digest[] | undefined> {
  const where = formatRepository(repository);
  const found = new Set<Digest>();
  const listing = {
    where,
    url: `${repository.name}/referrers/${subject}`,
    what: `the referrers of ${subject}`,
    purpose: `list the referrers of ${subject} in ${where}`,
    permission,
    expect: [200, 404, 405],
    limit: MANIFEST_LIMIT + 1,
  };
  let isFirst = true;
  for await (const answer of listPages(client, listing)) {
    if (answer.status !== 200 && isFirst) return undefined;
    isFirst = false;
    const page = answer.status === 200 ? readFields(answer.body, pageSchema) : undefined;
    if (page === undefined) throw new DhiError("rejected", `${where} answered a listing of referrers with something else`);
    for (const { digest } of page.manifests) found.add(digest);
    if (found.size > MAX_REFERRERS) throw new DhiError("limit", `${where} lists more than ${MAX_REFERRERS} referrers of ${subject}`);
  }
  return [...found];
}

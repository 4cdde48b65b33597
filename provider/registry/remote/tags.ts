import { z } from "zod";
import { DhiError } from "../../errors.js";
import { readJson } from "../../image/json.js";
import { formatRepository, type RegistryRepository } from "../../image/reference.js";
import type { Permission } from "../auth/authorizer.js";
import { listPages } from "./pages.js";
import type { RegistryClient } from "./registry-client.js";

const pageSchema = z.object({ tags: z.array(z.string()).nullish() });
const PAGE_SIZE = 1000;

/** Most tags of a repository: far more than one has, few enough to be held in memory. */
export const MAX_TAGS = 500_000;

/** All tags, sorted (distribution spec, "Listing Tags"). Throws `DhiError` "rejected" and "limit". */
export async function listRemoteTags(
  client: RegistryClient,
  repository: RegistryRepository,
  permission: Permission,
): Promise<readonly string[]> {
  const where = formatRepository(repository);
  const tags = new Set<string>();
  const url = `${repository.name}/tags/list?n=${PAGE_SIZE}`;
  for await (const answer of listPages(client, { where, url, what: "its tags", purpose: `list the tags of ${where}`, permission })) {
    if (answer.status === 404) break;
    const page = readJson(answer.body, pageSchema);
    if (page === undefined) throw new DhiError("rejected", `${where} answered with something that is not a list of tags`);
    for (const tag of page.tags ?? []) tags.add(tag);
    if (tags.size > MAX_TAGS) throw new DhiError("limit", `${where} has more than ${MAX_TAGS} tags`);
  }
  return [...tags].toSorted((one, other) => (one < other ? -1 : 1));
}

import { z } from "zod";
import { DhiError } from "../../errors.js";
import { readJson } from "../../image/json.js";
import { listPages } from "./pages.js";
import type { RegistryClient } from "./registry-client.js";

const pageSchema = z.object({ repositories: z.array(z.string()).nullish() });
const PAGE_SIZE = 1000;

/** Most repositories of a registry: far more than one has, few enough to be held in memory. */
export const MAX_REPOSITORIES = 100_000;

/**
 * The names of all repositories of a registry, sorted (distribution's API, "Listing Repositories"; not in the OCI specification, and the large
 * public registries have no such list). Throws `DhiError` "not-found" where there is none, "unauthorized", "rejected" and "limit".
 */
export async function listCatalog(client: RegistryClient): Promise<readonly string[]> {
  const where = client.host;
  const names = new Set<string>();
  const listing = {
    where,
    url: `_catalog?n=${PAGE_SIZE}`,
    what: "its repositories",
    purpose: `list the repositories of ${where}`,
    permission: { repository: "", scopes: ["registry:catalog:*"] },
    expect: [200, 404, 405, 501],
  };
  for await (const answer of listPages(client, listing)) {
    if (answer.status !== 200) throw new DhiError("not-found", `${where} has no list of its repositories`);
    const page = readJson(answer.body, pageSchema);
    if (page === undefined) throw new DhiError("rejected", `${where} answered with something that is not a list of repositories`);
    for (const name of page.repositories ?? []) names.add(name);
    if (names.size > MAX_REPOSITORIES) throw new DhiError("limit", `${where} has more than ${MAX_REPOSITORIES} repositories`);
  }
  return [...names].toSorted((one, other) => (one < other ? -1 : 1));
}

import { z } from "zod";
import { DhiError } from "../../errors.js";
import { readJson } from "../../image/json.js";
import { formatRepository, type RegistryRepository } from "../../image/reference.js";
import type { Permission } from "../auth/authorizer.js";
import type { RegistryClient } from "./registry-client.js";

const pageSchema = z.object({ tags: z.array(z.string()).nullish() });
const PAGE_SIZE = 1000;

/** Distribution spec, "Listing Tags": pages by `Link: <…>; rel="next"` (RFC 8288). */
export async function listRemoteTags(
  client: RegistryClient,
  repository: RegistryRepository,
  permission: Permission,
): Promise<readonly string[]> {
  const where = formatRepository(repository);
  const tags = new Set<string>();
  const seen = new Set<string>();
  let url: string | URL | undefined = `${repository.name}/tags/list?n=${PAGE_SIZE}`;
  while (url !== undefined) {
    const answer = await client.send({ method: "GET", url, purpose: `list the tags of ${where}`, permission });
    if (answer.status === 404) break;
    const page = readJson(answer.body, pageSchema);
    if (page === undefined) throw new DhiError("rejected", `${where} answered with something that is not a list of tags`);
    for (const tag of page.tags ?? []) tags.add(tag);
    const next = nextLink(answer.headers["link"]);
    url = next === undefined ? undefined : await client.locate(next, answer.url);
    if (url !== undefined && seen.has(url.href)) throw new DhiError("rejected", `${where} lists its tags in a loop of pages`);
    if (url !== undefined) seen.add(url.href);
  }
  return [...tags].toSorted((one, other) => (one < other ? -1 : 1));
}

export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters = ""] of (header ?? "").matchAll(/<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s;,"]+))*)/g)) {
    for (const [, name, quoted, plain] of parameters.matchAll(/;\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/g)) {
      const relations = (quoted ?? plain ?? "").toLowerCase().split(/\s+/);
      if (name?.toLowerCase() === "rel" && relations.includes("next")) return target;
    }
  }
  return undefined;
}

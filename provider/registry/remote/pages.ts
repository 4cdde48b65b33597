import { DhiError } from "../../errors.js";
import type { HttpAnswer } from "../../http/request.js";
import type { Permission } from "../auth/authorizer.js";
import type { RegistryClient } from "./registry-client.js";

/** Most pages of one listing: a registry could link to a next page for ever. */
export const MAX_PAGES = 2000;

export interface Listing {
  /** The registry or repository, for errors. */
  readonly where: string;
  /** Of the first page, below `/v2/`. */
  readonly url: string;
  /** What is listed, for errors: "its tags". */
  readonly what: string;
  readonly purpose: string;
  readonly permission: Permission;
  /** Statuses that are answers. Default: 200 to 299, and 404. */
  readonly expect?: readonly number[];
  /** Most bytes of a page. */
  readonly limit?: number;
}

/** The pages of a listing, by `Link: <…>; rel="next"` (RFC 8288; distribution spec, "Listing Tags", "Listing Referrers"). Throws `DhiError` "rejected" and "limit". */
export async function* listPages(client: RegistryClient, listing: Listing): AsyncGenerator<HttpAnswer> {
  const { where, what, purpose, permission, expect, limit } = listing;
  const seen = new Set<string>();
  let url: string | URL = listing.url;
  for (;;) {
    const page: HttpAnswer = await client.send(
      { method: "GET", url, purpose, permission, ...(expect === undefined ? {} : { expect }) },
      limit,
    );
    yield page;
    const next = nextLink(page.headers["link"]);
    if (next === undefined) return;
    url = await client.locate(next, page.url);
    if (seen.has(url.href)) throw new DhiError("rejected", `${where} lists ${what} in a loop of pages`);
    if (seen.size >= MAX_PAGES) throw new DhiError("limit", `${where} lists ${what} in more than ${MAX_PAGES} pages`);
    seen.add(url.href);
  }
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

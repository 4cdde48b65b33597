import { DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { trimEndOf } from "../../text/trim.js";

/** Where statements about a base come from, besides what is attached to it. */
export type VexSource =
  /** A document, or a folder in the layout of the product's advisories; relative to the Pulumi project. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "document"; readonly url: string; readonly digest: Digest }
  /** A folder in that layout, with a slash at its end. */
  | { readonly kind: "feed"; readonly url: string };

/** Throws `DhiError` "invalid", which never shows credentials. */
export function parseVexSource(text: string): VexSource {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    if (text === "" || text.includes("\u0000"))
      throw new DhiError("invalid", `${JSON.stringify(text)} is not a path`, { hint: "Name a file" });
    return { kind: "file", path: text };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined ? text.includes("@") : url.username !== "" || url.password !== "")
    throw new DhiError("invalid", "the URL contains credentials, which would be stored in state", { hint: "Put them into netrc" });
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw new DhiError("invalid", `"${text}" is not an http or https URL`, { hint: "Give a URL, or the path of a file" });
  // It may be a secret, and state would keep it.
  if (url.search !== "") throw new DhiError("invalid", "the URL has a query", { hint: "Name the file itself, and put a login into netrc" });
  const { hash } = url;
  url.hash = "";
  const digest = `sha256:${/^#sha256=(.*)$/.exec(hash)?.[1] ?? ""}`;
  if (isDigest(digest)) return { kind: "document", url: url.href, digest };
  if (hash !== "")
    throw new DhiError("invalid", `"${hash}" is not a hash`, { hint: "End the URL in #sha256= and 64 hexadecimal digits in lower case" });
  const folder = feedFolder(url);
  if (folder === undefined)
    throw new DhiError("invalid", `"${text}" has no hash, so that whoever serves it could hide any vulnerability`, {
      hint: "End it in #sha256= and the 64 hexadecimal digits of its sha256sum; a feed ends in / or /index.json",
    });
  if (url.protocol === "https:" || isLoopback(url)) return { kind: "feed", url: folder };
  throw new DhiError("invalid", `"${text}" is a feed without TLS, so that anyone on the way could hide any vulnerability`, {
    hint: "Use https",
  });
}

function feedFolder({ href, pathname }: URL): string | undefined {
  if (pathname.endsWith("/index.json")) return href.slice(0, -"index.json".length);
  return pathname.endsWith("/") ? `${trimEndOf(href, "/")}/` : undefined;
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

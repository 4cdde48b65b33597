import { looksLikeToken, redact } from "../text/redaction.js";

/** Parameters whose values say what was asked and grant nothing. Upload states and signed URLs hold secrets under other names. */
const shown: ReadonlySet<string> = new Set([
  "scope",
  "service",
  "digest",
  "mount",
  "from",
  "n",
  "last",
  "artifactType",
  "grant_type",
  "client_id",
]);

/** Path segments before what is a name or a digest, however much it looks like a token (distribution spec; apt's by-hash). */
const named: ReadonlySet<string> = new Set(["manifests", "blobs", "referrers", "sha256", "SHA256"]);

/** Shortest path segment that may be taken for a token: entitlement tokens of package hosts have 16 characters. */
const SHORTEST_TOKEN = 16;

/**
 * A URL as logs and errors may show it: no user, no password, no fragment, and `***` for values that could be secret and
 * for path segments that look like tokens.
 */
export function redactUrl(url: string | URL): string {
  if (typeof url === "string" && !URL.canParse(url)) return "***";
  const parsed = new URL(url);
  const query = [...parsed.searchParams].map(([key, value]) => redactParameter(key, value));
  const path = redactPath(parsed.pathname);
  return redact(`${parsed.protocol}//${parsed.host}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`);
}

function redactParameter(key: string, value: string): string {
  if (shown.has(key)) return `${encodeURIComponent(key)}=${readable(value)}`;
  // A key without a value may be a token itself.
  return value === "" || looksLikeToken(key, SHORTEST_TOKEN) ? "***" : `${encodeURIComponent(key)}=***`;
}

function redactPath(path: string): string {
  const segments = path.split("/");
  return segments.map((segment, at) => (named.has(segments[at - 1] ?? "") ? segment : redactSegment(segment))).join("/");
}

/** File names have an ending, tokens have none; digests and the numbers of upload sessions are shown. */
function redactSegment(segment: string): string {
  const plain = decoded(segment);
  if (redact(plain) !== plain) return "***";
  if (plain.includes(".") || /^[0-9a-f]{64}$/.test(plain) || !looksLikeToken(plain, SHORTEST_TOKEN)) return segment;
  return "***";
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function readable(value: string): string {
  return encodeURIComponent(value).replace(/%(?:3A|2F|2C)/g, decodeURIComponent);
}

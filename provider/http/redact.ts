import { looksLikeToken, redact } from "../text/redaction.js";

/** Parameters whose values are not secret. Upload states and signed URLs hold secrets under other names. */
const publicParameters: ReadonlySet<string> = new Set([
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

/** Path segments that precede a name or a digest, which is shown even if it looks like a token (distribution spec; apt's by-hash). */
const beforeNames: ReadonlySet<string> = new Set(["manifests", "blobs", "referrers", "sha256", "SHA256"]);

/** Shortest path segment that is taken for a token: entitlement tokens of package hosts have 16 characters. */
const SHORTEST_TOKEN = 16;

/**
 * A URL fit for logs and errors: without user, password and fragment, and with `***` for values that may be secret and for path
 * segments that look like tokens.
 */
export function redactUrl(url: string | URL): string {
  if (typeof url === "string" && !URL.canParse(url)) return "***";
  const parsed = new URL(url);
  const query = [...parsed.searchParams].map(([key, value]) => redactParameter(key, value));
  const path = redactPath(parsed.pathname);
  return redact(`${parsed.protocol}//${parsed.host}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`);
}

function redactParameter(key: string, value: string): string {
  if (publicParameters.has(key)) return `${encodeURIComponent(key)}=${readable(value)}`;
  // A key without a value may itself be a token.
  return value === "" || looksLikeToken(key, SHORTEST_TOKEN) ? "***" : `${encodeURIComponent(key)}=***`;
}

function redactPath(path: string): string {
  const segments = path.split("/");
  return segments.map((segment, at) => (beforeNames.has(segments[at - 1] ?? "") ? segment : redactSegment(segment))).join("/");
}

/** File names have an extension and tokens do not; digests and the ids of upload sessions are shown. */
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

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

/** A URL as logs and errors may show it: no user, no password, no fragment, and `***` for values that could be secret. */
export function redactUrl(url: string | URL): string {
  if (typeof url === "string" && !URL.canParse(url)) return "***";
  const parsed = new URL(url);
  const query = [...parsed.searchParams].map(([key, value]) =>
    shown.has(key) ? `${encodeURIComponent(key)}=${readable(value)}` : `${encodeURIComponent(key)}=***`,
  );
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

function readable(value: string): string {
  return encodeURIComponent(value).replace(/%(?:3A|2F|2C)/g, decodeURIComponent);
}

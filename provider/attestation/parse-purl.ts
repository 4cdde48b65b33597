/** The parts of a package URL, decoded (purl-spec). */
export interface PackageUrl {
  /** In lower case. */
  readonly type: string;
  /** "" where there is none. */
  readonly namespace: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly qualifiers: Readonly<Record<string, string>>;
}

/** Types whose namespace and name do not differ by case (purl-spec, "Known purl types"). */
const caseless: ReadonlySet<string> = new Set(["deb", "apk", "oci", "docker"]);

/** Reads from the right, as the purl-spec has it. Undefined for a text that is not a package URL. */
export function parsePurl(text: string): PackageUrl | undefined {
  const [, body = ""] = /^pkg:\/{0,2}([^#]*)/i.exec(text) ?? [];
  const question = body.indexOf("?");
  const path = question < 0 ? body : body.slice(0, question);
  const slash = path.indexOf("/");
  const at = path.lastIndexOf("@");
  if (slash <= 0) return undefined;
  const type = path.slice(0, slash).toLowerCase();
  const parts = path
    .slice(slash + 1, at > slash ? at : undefined)
    .split("/")
    .filter((part) => part !== "")
    .map(decode);
  const name = parts.pop();
  const version = at > slash ? decode(path.slice(at + 1)) : undefined;
  const qualifiers = question < 0 ? {} : readQualifiers(body.slice(question + 1));
  if (name === undefined || parts.includes(undefined) || !/^[a-z][a-z0-9.+-]*$/.test(type) || qualifiers === undefined) return undefined;
  if (at > slash && version === undefined) return undefined;
  const cased = (part: string): string => (caseless.has(type) ? part.toLowerCase() : part);
  return { type, namespace: cased(parts.join("/")), name: cased(name), version: version === "" ? undefined : version, qualifiers };
}

function readQualifiers(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text.split("&").flatMap((pair) => {
    const equals = pair.indexOf("=");
    return equals <= 0 ? [] : [[pair.slice(0, equals).toLowerCase(), decode(pair.slice(equals + 1))] as const];
  });
  if (pairs.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(pairs.map(([key, value]) => [key, value ?? ""]));
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

import { DhiError } from "../errors.js";
import { trimEndOf } from "../text/trim.js";

/** A package as declared: `name`, `name=version`, `!name`; for Alpine also `name~version` and `name@tag`. */
export interface DeclaredPackage {
  readonly name: string;
  /** With `~` before it where any version with this prefix fits. */
  readonly version: string | undefined;
  readonly tag?: string;
  readonly forbidden: boolean;
}

/** Names of both families: Debian policy 5.6.7, and apk's, which may also hold upper case, underscores and colons (`so:libz.so.1`). */
const pattern =
  /^(!?)([A-Za-z0-9][A-Za-z0-9+.:_-]*)(?:@([A-Za-z0-9][A-Za-z0-9+._-]*))?(?:=([A-Za-z0-9][A-Za-z0-9.+:~_-]*)|(~[A-Za-z0-9][A-Za-z0-9._-]*))?$/;

/** Throws `DhiError` "invalid". */
export function parsePackage(text: string): DeclaredPackage {
  const [, not, name, tag, exact, fuzzy] = pattern.exec(text) ?? [];
  const version = exact ?? fuzzy;
  if (name === undefined || (not === "!" && (version !== undefined || tag !== undefined))) {
    throw new DhiError("invalid", `"${text}" is not a valid package`, {
      hint: "Write name, name=version, or !name for one that must not be installed",
    });
  }
  return { name, version, forbidden: not === "!", ...(tag === undefined ? {} : { tag }) };
}

/** Throws `DhiError` "invalid", which never shows credentials. */
export function parseSourceUrl(text: string, property?: string): string {
  const at = property === undefined ? {} : ({ origin: "inputs", property } as const);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined ? text.includes("@") : url.username !== "" || url.password !== "") {
    throw new DhiError("invalid", "the URL contains credentials, which would be stored in state", {
      ...at,
      hint: "Put them into netrc or apt's auth.conf.d",
    });
  }
  if (url === undefined || !["http:", "https:", "file:"].includes(url.protocol)) {
    throw new DhiError("invalid", `"${text}" is not an http, https or file URL`, { ...at, hint: "Name the folder that holds dists/" });
  }
  // Neither is sent for the files below, and a query may be a secret.
  if (/[?#]/.test(text)) {
    throw new DhiError("invalid", "the URL has a query or a fragment", {
      ...at,
      hint: "Name the folder that holds dists/, and put a login into netrc",
    });
  }
  return trimEndOf(text, "/");
}

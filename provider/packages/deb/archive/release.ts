import { DhiError } from "../../../errors.js";
import type { Digest } from "../../../image/digest.js";
import type { Paragraph } from "../formats/control.js";
import { fieldOf, parseParagraph } from "../formats/control.js";

/** A file of a suite, as its Release file lists it. */
export interface ReleaseFile {
  readonly digest: Digest;
  readonly size: number;
}

/** What a Release file says about its suite (Debian wiki, DebianRepository/Format, "Release files"). */
export interface Release {
  readonly origin: string | undefined;
  readonly label: string | undefined;
  readonly suite: string | undefined;
  readonly codename: string | undefined;
  readonly version: string | undefined;
  readonly date: Date | undefined;
  readonly validUntil: Date | undefined;
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  readonly acquireByHash: boolean;
  /** Packages are used only on request, as in experimental and (with "upgrades") backports. */
  readonly notAutomatic: boolean;
  readonly automaticUpgrades: boolean;
  /** By path below the suite's folder: `main/binary-amd64/Packages.xz`. */
  readonly files: ReadonlyMap<string, ReleaseFile>;
}

/** Bytes of a Release file. */
export const MAX_RELEASE = 16 * 1024 * 1024;

const entry = /^ +([0-9a-f]{64})[ \t]+([0-9]{1,15})[ \t]+(\S+)[ \t]*$/;

/** Parses a Release file, or the signed text of an InRelease. `what` names it in errors. Throws `DhiError` "invalid", "limit". */
export function parseRelease(text: Buffer, what: string): Release {
  if (text.length > MAX_RELEASE) throw new DhiError("limit", `${what} has ${text.length} bytes: the limit is ${MAX_RELEASE}`);
  const fields = parseParagraph(text.toString("latin1"), what);
  const yes = (name: string): boolean => fieldOf(fields, name)?.toLowerCase() === "yes";
  return {
    origin: fieldOf(fields, "Origin"),
    label: fieldOf(fields, "Label"),
    suite: fieldOf(fields, "Suite"),
    codename: fieldOf(fields, "Codename"),
    version: fieldOf(fields, "Version"),
    date: dateOf(fields, "Date", what),
    validUntil: dateOf(fields, "Valid-Until", what),
    architectures: wordsOf(fields, "Architectures"),
    components: wordsOf(fields, "Components"),
    acquireByHash: yes("Acquire-By-Hash"),
    notAutomatic: yes("NotAutomatic"),
    automaticUpgrades: yes("ButAutomaticUpgrades"),
    files: filesOf(fields, what),
  };
}

function wordsOf(fields: Paragraph, name: string): readonly string[] {
  return (fieldOf(fields, name) ?? "").split(/\s+/).filter((word) => word !== "");
}

function dateOf(fields: Paragraph, name: string, what: string): Date | undefined {
  const text = fieldOf(fields, name);
  if (text === undefined) return undefined;
  // RFC 5322 with the zone as UTC, GMT, Z or +0000; Date.parse accepts those (a date without a zone is rejected).
  const time = /(UTC|GMT|Z|[+-][0-9]{4})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new DhiError("invalid", `${what}: ${name} is ${JSON.stringify(text)}, which is not a valid date`);
  return new Date(time);
}

function filesOf(fields: Paragraph, what: string): ReadonlyMap<string, ReleaseFile> {
  const table = fieldOf(fields, "SHA256");
  if (table === undefined) throw new DhiError("invalid", `${what} has no SHA256 table`);
  const files = new Map<string, ReleaseFile>();
  for (const line of table.split("\n")) {
    if (line.trim() === "") continue;
    const [, hex, size, path] = entry.exec(line) ?? [];
    if (hex === undefined || size === undefined || path === undefined)
      throw new DhiError("invalid", `${what}: ${JSON.stringify(line.trim())} is not a valid line of the SHA256 table`);
    if (!isPlainPath(path)) throw new DhiError("invalid", `${what}: ${JSON.stringify(path)} is not a path below the suite`);
    const known = files.get(path);
    const file: ReleaseFile = { digest: `sha256:${hex}`, size: Number(size) };
    if (known !== undefined && (known.digest !== file.digest || known.size !== file.size))
      throw new DhiError("invalid", `${what} has two digests for ${path}`);
    files.set(path, file);
  }
  return files;
}

/** Relative, printable, without empty parts, `.` and `..`, and without characters that have a meaning in a URL. */
export function isPlainPath(path: string): boolean {
  return /^[!-~]+$/.test(path) && !/[?#\\]/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

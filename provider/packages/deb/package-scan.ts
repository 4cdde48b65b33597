import { DhiError } from "../../errors.js";
import { parseProvides } from "./dependency.js";

/** Where the stanzas of a Packages file stand, in the order of the file. */
export interface ScannedPackages {
  readonly names: readonly string[];
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  /** Virtual names, each with the numbers of the stanzas that provide it. */
  readonly provided: ReadonlyMap<string, readonly number[]>;
}

/** Bytes of a Packages file. */
export const MAX_PACKAGES = 2 ** 31 - 1;
/** Bytes of one stanza; the longest in Debian has 75 KiB. */
export const MAX_STANZA = 1024 * 1024;

/** What dpkg takes as a name. */
const nameSyntax = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/;
const KEY = "Package: ";
const PROVIDES = "\nProvides:";

/** Finds every stanza of a Packages file without reading what is in it. `what` names it in errors. Throws `invalid`, `limit`. */
export function scanPackages(bytes: Buffer, what: string): ScannedPackages {
  if (bytes.length > MAX_PACKAGES) throw new DhiError("limit", `${what} has ${bytes.length} bytes: the limit is ${MAX_PACKAGES}`);
  const names: string[] = [];
  const offsets: number[] = [];
  const lengths: number[] = [];
  const provided = new Map<string, number[]>();
  let provides = bytes.indexOf(PROVIDES, 0, "latin1");
  for (let at = skipNewlines(bytes, 0); at < bytes.length;) {
    const found = bytes.indexOf("\n\n", at, "latin1");
    const end = found < 0 ? bytes.length : found + 1;
    if (end - at > MAX_STANZA)
      throw new DhiError("limit", `${what}: the stanza at byte ${at} has ${end - at} bytes: the limit is ${MAX_STANZA}`);
    const name = nameAt(bytes, at, end);
    if (name === undefined) throw new DhiError("invalid", `${what}: the stanza at byte ${at} has no name of a package`);
    if (provides >= 0 && provides < end) {
      const line = logicalLine(bytes, provides + PROVIDES.length, end);
      for (const item of parseProvides(line, `${what}: Provides of ${name}`)) {
        const known = provided.get(item.name);
        if (known === undefined) provided.set(item.name, [names.length]);
        else known.push(names.length);
      }
      provides = bytes.indexOf(PROVIDES, end - 1, "latin1");
    }
    names.push(name);
    offsets.push(at);
    lengths.push(end - at);
    at = skipNewlines(bytes, end);
  }
  return { names, offsets: Uint32Array.from(offsets), lengths: Uint32Array.from(lengths), provided };
}

function skipNewlines(bytes: Buffer, at: number): number {
  let next = at;
  while (bytes[next] === 10) next += 1;
  return next;
}

/** The package's name: its first field nearly always. */
function nameAt(bytes: Buffer, start: number, end: number): string | undefined {
  const first = bytes.toString("latin1", start, Math.min(end, start + 128));
  const line = first.indexOf("\n");
  const name =
    first.startsWith(KEY) && line >= 0
      ? first.slice(KEY.length, line)
      : /^Package:[ \t]*(\S*)[ \t]*$/im.exec(bytes.toString("latin1", start, end))?.[1];
  return name !== undefined && nameSyntax.test(name) ? name : undefined;
}

/** A field's value with its continuation lines. */
function logicalLine(bytes: Buffer, start: number, end: number): string {
  let at = start;
  for (;;) {
    const newline = bytes.indexOf(10, at);
    if (newline < 0 || newline >= end) return bytes.toString("latin1", start, end);
    const next = bytes[newline + 1];
    if (newline + 1 >= end || (next !== 32 && next !== 9)) return bytes.toString("latin1", start, newline).replaceAll("\n", " ");
    at = newline + 1;
  }
}

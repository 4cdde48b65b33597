import type { StanzaSource } from "./stanza-file.js";
import type { PackageTable } from "./package-table.js";

/** The fields in which apt finds names, in the order in which it reads them (apt 2.6, debListParser::NewVersion). */
const fields = ["Package", "Pre-Depends", "Depends", "Conflicts", "Breaks", "Recommends", "Suggests", "Replaces", "Enhances", "Provides"];
/** Bytes to read at a time. */
const PIECE = 1024 * 1024;

/**
 * Where a package index first mentions a package, in its own stanza or in the dependencies of another, as a number that grows along the
 * file; undefined where it does not.
 */
export function findMention(source: StanzaSource, table: PackageTable, name: string): number | undefined {
  const own = table.names.numbers(name)[0] ?? table.count - 1;
  if (own < 0) return undefined;
  const { offset, length } = table.stanza(own);
  const end = offset + length;
  for (let at = 0; at < end; at += PIECE) {
    const piece = source.read(at, Math.min(PIECE + name.length + 1, end - at));
    for (let found = piece.indexOf(name, 0, "latin1"); found >= 0 && found < PIECE; found = piece.indexOf(name, found + 1, "latin1")) {
      if (!/[\s,:|]/.test(String.fromCharCode(piece[found - 1] ?? 32))) continue;
      if (!/[\s,|(]/.test(String.fromCharCode(piece[found + name.length] ?? 32))) continue;
      const number = stanzaAt(table, at + found);
      const stanza = table.stanza(number);
      const place = placeIn(source.read(stanza.offset, stanza.length).toString("latin1"), name);
      if (place !== undefined) return number * 2 ** 24 + place;
    }
  }
  return undefined;
}

/** The number of the stanza that contains the byte at `offset`. */
function stanzaAt(table: PackageTable, offset: number): number {
  let low = 0;
  let high = table.count;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (table.stanza(middle).offset <= offset) low = middle;
    else high = middle;
  }
  return low;
}

/** Below 2^24: a stanza has at most 2^20 bytes, and there are fewer than 16 fields. */
function placeIn(stanza: string, name: string): number | undefined {
  for (const [rank, field] of fields.entries()) {
    const [, text = ""] = new RegExp(`^${field}:(.*(?:\\n[ \\t].*)*)`, "im").exec(stanza) ?? [];
    const at = text.split(/[,|]/).findIndex((item) => item.trim().split(/[\s(]/, 1)[0] === name);
    if (at >= 0) return rank * 2 ** 20 + at;
  }
  return undefined;
}

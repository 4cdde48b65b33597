import { DhiError } from "../../errors.js";
import { trimEndOf } from "../../text/trim.js";

/** One record of a pax extended header; key and value are bytes (latin1). */
export type PaxRecord = readonly [key: string, value: string];

/**
 * Parses the records of an extended header in order, including repeated keys (GNU's sparse 0.0 needs them): `length key=value\n`
 * (POSIX.1-2017, pax, "pax Extended Header"). Throws `DhiError` "invalid".
 */
export function parsePax(bytes: Buffer): PaxRecord[] {
  const text = bytes.toString("latin1");
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < text.length) {
    const space = text.indexOf(" ", at);
    const digits = text.slice(at, space < 0 ? at : space);
    const end = at + Number(digits);
    const equals = text.indexOf("=", space);
    if (!/^[0-9]{1,8}$/.test(digits) || end > text.length || equals <= space + 1 || equals >= end || text[end - 1] !== "\n") {
      // Some writers leave NULs after the last record.
      if (/^\0+$/.test(text.slice(at))) return records;
      throw new DhiError("invalid", `a pax extended header is damaged at byte ${String(at)}`);
    }
    records.push([text.slice(space + 1, equals), text.slice(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

/** The bytes of an extended header, records sorted by key. Throws `DhiError` "invalid" for a key that no reader could parse. */
export function encodePax(records: Iterable<PaxRecord>): Buffer {
  const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Buffer.from(sorted.map(([key, value]) => encodeRecord(key, value)).join(""), "latin1");
}

function encodeRecord(key: string, value: string): string {
  if (key === "" || /[=\0\n]/.test(key))
    throw new DhiError("invalid", `the pax record ${JSON.stringify(key)} has a key that cannot be written`);
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  // The length includes its own digits.
  if (rest + String(length).length > length) length = rest + String(length).length;
  return `${String(length)} ${key}=${value}\n`;
}

/**
 * Seconds and nanoseconds of a pax time, `-1.5` being -2 s and 500,000,000 ns; undefined when it is invalid. Finer fractions are truncated.
 */
export function parsePaxTime(text: string): { readonly seconds: number; readonly nanoseconds: number } | undefined {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(text);
  if (match === null) return undefined;
  const whole = Number(match[2]);
  const fraction = Number((match[3] ?? "").slice(0, 9).padEnd(9, "0"));
  if (match[1] === "") return { seconds: whole, nanoseconds: fraction };
  return fraction === 0 ? { seconds: 0 - whole, nanoseconds: 0 } : { seconds: -1 - whole, nanoseconds: 1e9 - fraction };
}

export function formatPaxTime(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return String(seconds);
  const [whole, fraction] = seconds < 0 ? [-1 - seconds, 1e9 - nanoseconds] : [seconds, nanoseconds];
  const digits = trimEndOf(String(fraction).padStart(9, "0"), "0");
  return `${seconds < 0 ? "-" : ""}${String(whole)}.${digits}`;
}

/** A decimal number of a pax record; undefined when it is invalid or beyond 2^53. */
export function parsePaxNumber(text: string): number | undefined {
  if (!/^[0-9]{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

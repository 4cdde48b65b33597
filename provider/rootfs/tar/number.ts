import { DhiError } from "../../errors.js";

/**
 * Parses a number field of a header: octal digits surrounded by spaces or NULs, or GNU's base-256 (first bit set, then big-endian
 * two's complement). An empty field is 0. Throws `DhiError` "invalid" for anything else and for numbers beyond 2^53.
 */
export function parseNumber(buffer: Buffer, start: number, length: number, field: string): number {
  const first = buffer[start] ?? 0;
  const value = first >= 0x80 ? parseBase256(buffer, start, length) : parseOctal(buffer, start, length);
  if (Number.isSafeInteger(value)) return value;
  const shown = JSON.stringify(buffer.toString("latin1", start, start + length));
  throw new DhiError("invalid", `its ${field} is not a valid number: ${shown}`);
}

/** Returns the value. Throws `DhiError` "invalid", naming the field, for one that is out of range. */
export function numberBetween(least: number, most: number, value: number, field: string): number {
  if (value < 0 && least >= 0) throw new DhiError("invalid", `its ${field} is a negative number, ${String(value)}`);
  if (value < least || value > most)
    throw new DhiError("invalid", `its ${field} is ${String(value)}, which is not between ${String(least)} and ${String(most)}`);
  return value;
}

function parseOctal(buffer: Buffer, start: number, length: number): number {
  const end = start + length;
  let at = start;
  while (at < end && isBlank(buffer[at])) at += 1;
  let value = 0;
  for (; at < end && !isBlank(buffer[at]); at += 1) {
    const digit = (buffer[at] ?? 0) - 48;
    if (digit < 0 || digit > 7) return Number.NaN;
    value = value * 8 + digit;
  }
  for (; at < end; at += 1) if (!isBlank(buffer[at])) return Number.NaN;
  return value;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0 || byte === 32;
}

function parseBase256(buffer: Buffer, start: number, length: number): number {
  const first = buffer[start] ?? 0;
  const negative = (first & 0x40) !== 0;
  let value = negative ? ~first & 0x3f : first & 0x3f;
  for (let at = start + 1; at < start + length; at += 1) {
    const byte = buffer[at] ?? 0;
    value = value * 256 + (negative ? byte ^ 0xff : byte);
  }
  return negative ? -1 - value : value;
}

/** Octal digits and a NUL, filling the field; undefined when the number does not fit. */
export function formatOctal(value: number, length: number): string | undefined {
  if (value < 0 || !Number.isSafeInteger(value)) return undefined;
  const digits = value.toString(8);
  return digits.length < length ? `${digits.padStart(length - 1, "0")}\0` : undefined;
}

import { DhiError } from "../errors.js";

/** A JSON object from outside, its values not looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses bytes that must be one JSON object. `what` names them in the error. Throws `DhiError` "invalid". */
export function parseObject(bytes: Uint8Array, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DhiError("invalid", `${what} is not JSON`, { cause });
  }
  if (!isObject(value)) throw new DhiError("invalid", `${what} is not a JSON object`);
  return value;
}

/** A map of strings; entries of other types are left out. */
export function stringMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The same map with its keys in byte order, so that equal maps are equal bytes. */
export function sortKeys<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compareBytes(a, b)));
}

/** Order of UTF-8 bytes, the same on every machine and in every locale. */
export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

import { DhiError } from "../errors.js";

/** A JSON object from outside, its values not looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Arrays and objects within each other: far more than any manifest or config has, far fewer than what walks them can bear. */
export const MAX_JSON_DEPTH = 128;

/** JSON from outside, parsed. Throws `SyntaxError` for what is not JSON, `DhiError` "limit" for what is nested too deep. */
export function parseJson(text: string): unknown {
  if (!isDeeper(text, MAX_JSON_DEPTH)) return JSON.parse(text) as unknown;
  throw new DhiError("limit", `JSON that is nested deeper than ${String(MAX_JSON_DEPTH)} arrays and objects`);
}

/** Counts brackets outside of strings (RFC 8259). */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at + 1);
        break;
      case "[":
      case "{":
        if (++depth > limit) return true;
        break;
      case "]":
      case "}":
        depth -= 1;
        break;
      default:
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** Parses bytes that must be one JSON object. `what` names them in the error. Throws `DhiError` "invalid", "limit". */
export function parseObject(bytes: Uint8Array, what: string): JsonObject {
  let value: unknown;
  try {
    value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    if (cause instanceof DhiError) throw new DhiError(cause.code, `${what} is ${cause.message}`, { cause });
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

import { z } from "zod";
import { DhiError } from "../errors.js";
import { formatPath } from "../values.js";
import { describeMisfit, hideLogin } from "./misfit.js";

/** A JSON object whose values are not validated. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Any JSON object. */
export const jsonObject = z.custom<JsonObject>(isObject, "is not a JSON object");

/** Deepest nesting of arrays and objects: far more than any manifest or config has, far less than overflows the stack. */
export const MAX_JSON_DEPTH = 128;

// JSON is UTF-8 without a byte order mark (RFC 8259, section 8.1).
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses JSON and validates its shape. `what` names the file or URL in the error, followed by the path of the first invalid field:
 * `config.json: auths["ghcr.io"].auth is not a string`. Values are never quoted, as they may be secret.
 * Throws `DhiError` "invalid", and "limit" for JSON that is nested too deep, with `hint`.
 */
export function parseJson<T>(json: Uint8Array | string, schema: z.ZodType<T>, what: string, hint?: string): T {
  const result = schema.safeParse(decode(json, what, hint), { error: describeMisfit });
  if (result.success) return result.data;
  const { path = [], message = "" } = result.error.issues[0] ?? {};
  const field = formatPath(path.map(hideLogin));
  throw new DhiError("invalid", field === "" ? `${what} ${message}` : `${what}: ${field} ${message}`, { hint });
}

/** Like `parseJson`, but undefined for invalid JSON and for another shape. */
export function readJson<T>(json: Uint8Array | string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(decode(json, "it")).data;
  } catch (thrown) {
    if (thrown instanceof DhiError) return undefined;
    throw thrown;
  }
}

/** The error has no cause, since the message of the parser quotes the text. */
function decode(json: Uint8Array | string, what: string, hint?: string): unknown {
  try {
    const text = typeof json === "string" ? json : utf8.decode(json);
    if (!isDeeper(text, MAX_JSON_DEPTH)) return JSON.parse(text) as unknown;
  } catch {
    throw new DhiError("invalid", `${what} is not JSON`, { hint });
  }
  throw new DhiError("limit", `${what} is JSON that is nested deeper than ${String(MAX_JSON_DEPTH)} arrays and objects`, { hint });
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
  return parseJson(bytes, jsonObject, what);
}

/** A map of strings; entries of other types are dropped. */
export function stringMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The same map with its keys in byte order, so that equal maps are encoded to equal bytes. */
export function sortKeys<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compareBytes(a, b)));
}

/** Order of UTF-8 bytes, the same on every machine and in every locale. */
export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

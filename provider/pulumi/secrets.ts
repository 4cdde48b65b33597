import { isDigest } from "../image/digest.js";
import { redact } from "../redaction.js";
import type { Secrecy, SecretPath } from "../resources/lifecycle.js";
import { isList, isMap, type Value, type ValueMap } from "../resources/values.js";
import { secretTexts } from "./secret-texts.js";
import { isSecretEnvelope, secretEnvelope, toWire } from "./wire.js";

/** Shorter than this, a value stands everywhere; hiding it would hide all and keep nothing. */
const shortest = 4;

/** Shorter than this, a value stands in too many digests by chance for that to mean anything. */
const telling = 16;

const hidden = Symbol("hidden");

/**
 * The engine strips secretness before a provider sees a value, so what is derived from one would show in clear. These
 * are the values that may not be repeated.
 */
export class SecretValues {
  readonly #values: readonly string[];

  constructor(inputs: ValueMap, paths: readonly SecretPath[], secrecy?: Secrecy) {
    // An error has credentials hidden from the start, so a secret that looks like one stands there as that leaves it.
    const found = new Set(paths.flatMap((path) => secretTexts(inputs, path, secrecy)).flatMap((text) => [text, redact(text)]));
    // Longer ones first, so that what contains another is hidden whole.
    this.#values = [...found].filter((value) => value.length >= shortest).sort((a, b) => b.length - a.length);
  }

  /** The text with every secret replaced, and every credential that is in use. */
  redact(text: string): string {
    // What is hidden already is looked at no more: a secret may stand in the sign for another. No expression, as secrets may be large.
    const parts = this.#values.reduce<readonly (string | typeof hidden)[]>(
      (found, value) => found.flatMap((part) => (part === hidden ? [part] : hide(part, value))),
      [redact(text)],
    );
    return parts.map((part) => (part === hidden ? "[secret]" : part)).join("");
  }

  /** The value for the engine, whatever holds a secret in an envelope. Keys cannot be hidden, so they hide their map. */
  protect(value: Value): unknown {
    if (typeof value === "string") return this.#holds(value) ? secretEnvelope(value) : value;
    if (isList(value)) return value.map((item) => this.protect(item));
    if (!isMap(value)) return toWire(value);
    if (Object.keys(value).some((key) => this.#holds(key))) return secretEnvelope(toWire(value));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.protect(item)]));
  }

  #holds(text: string): boolean {
    const digestFree = text.replace(/sha256:[0-9a-f]{64}/g, (digest) => (isDigest(digest) ? "" : digest));
    return this.#values.some((value) => (value.length < telling ? digestFree : text).includes(value));
  }
}

/** What is derived, for the engine: an envelope around whatever holds a secret, and around what lies at one of `places`. */
export function protect(
  derived: ValueMap,
  secrets: SecretValues,
  { names }: Secrecy,
  places: readonly SecretPath[],
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(derived).map(([key, value]) => [key, names.has(key) ? toWire(value) : secrets.protect(value)] as const);
  return places.reduce((wire, place) => envelop(wire, place) as Readonly<Record<string, unknown>>, Object.fromEntries(entries));
}

function envelop(value: unknown, [part, ...rest]: SecretPath): unknown {
  if (isSecretEnvelope(value)) return value;
  if (part === undefined) return secretEnvelope(value);
  if (Array.isArray(value)) return value.map((item: unknown, at) => (at === part ? envelop(item, rest) : item));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return value;
  const map = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, key === part ? envelop(item, rest) : item]));
}

function hide(text: string, value: string): readonly (string | typeof hidden)[] {
  return text.split(value).flatMap((part, at) => (at === 0 ? [part] : [hidden, part]));
}

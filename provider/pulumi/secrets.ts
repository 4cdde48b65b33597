import { isDigest } from "../image/digest.js";
import { holdSecretTexts, redact, redactCredentials, SECRET } from "../text/redaction.js";
import type { Secrecy, SecretPath } from "../resources/lifecycle.js";
import { hideForms, longestFirst, SHORTEST_SECRET, type Signs } from "../text/secret-forms.js";
import { isList, isMap, type Value, type ValueMap } from "../values.js";
import { secretTexts } from "./secret-texts.js";
import { isSecretEnvelope, secretEnvelope, toWire } from "./wire.js";

/** Shorter than this, a value stands in too many digests by chance for that to mean anything. */
const telling = 16;

/**
 * The engine strips secretness before a provider sees a value, so what is derived from one would show in clear. These
 * are the values that may not be repeated.
 */
export class SecretValues {
  readonly #values: readonly string[];
  readonly #signs: Signs;

  constructor(inputs: ValueMap, paths: readonly SecretPath[], secrecy?: Secrecy) {
    // An error has credentials hidden from the start, so a secret that looks like one stands there as that leaves it.
    const found = new Set(paths.flatMap((path) => secretTexts(inputs, path, secrecy)).flatMap((text) => [text, redactCredentials(text)]));
    this.#values = [...found].filter((value) => value.length >= SHORTEST_SECRET);
    this.#signs = longestFirst(new Map([SECRET, ...this.#values].map((value) => [value, SECRET])));
  }

  /** Hides them in all texts of this process. Errors quote servers and cut what they quote, after which a secret would not be found. */
  hold(): void {
    holdSecretTexts(this.#values);
  }

  /** The text with every secret replaced, and every credential that is in use. */
  redact(text: string): string {
    return hideForms(redact(text), this.#signs);
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

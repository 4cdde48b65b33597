import { isDigest } from "../image/digest.js";
import { holdSecretTexts, redact, redactCredentials, SECRET } from "../text/redaction.js";
import type { Secrecy, SecretPath } from "../resources/lifecycle.js";
import { hideForms, longestFirst, SHORTEST_SECRET, type Signs } from "../text/secret-forms.js";
import { isList, isMap, type Value, type ValueMap } from "../values.js";
import { secretTexts } from "./secret-texts.js";
import { isSecretEnvelope, secretEnvelope, toWire } from "./wire.js";

/** A shorter value occurs in too many digests by chance for a match to mean anything. */
const shortestInDigest = 16;

/**
 * The engine strips secretness before a provider sees a value, so anything derived from one would be shown in the clear. These
 * are the values that may not be repeated.
 */
export class SecretValues {
  readonly #values: readonly string[];
  readonly #signs: Signs;

  constructor(inputs: ValueMap, paths: readonly SecretPath[], secrecy?: Secrecy) {
    // Credentials in errors are redacted from the start, so a secret that looks like one appears there in its redacted form.
    const found = new Set(paths.flatMap((path) => secretTexts(inputs, path, secrecy)).flatMap((text) => [text, redactCredentials(text)]));
    this.#values = [...found].filter((value) => value.length >= SHORTEST_SECRET);
    this.#signs = longestFirst(new Map([SECRET, ...this.#values].map((value) => [value, SECRET])));
  }

  /**
   * Redacts them in all texts of this process. Errors quote servers and truncate the quotation, after which a secret would not be found.
   */
  hold(): void {
    holdSecretTexts(this.#values);
  }

  /** The text with every secret and every credential in use redacted. */
  redact(text: string): string {
    return hideForms(redact(text), this.#signs);
  }

  /**
   * The value for the engine, with an envelope around whatever contains a secret. Keys cannot be hidden, so a secret key hides its whole
   * map.
   */
  protect(value: Value): unknown {
    if (typeof value === "string") return this.#holds(value) ? secretEnvelope(value) : value;
    if (isList(value)) return value.map((item) => this.protect(item));
    if (!isMap(value)) return toWire(value);
    if (Object.keys(value).some((key) => this.#holds(key))) return secretEnvelope(toWire(value));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.protect(item)]));
  }

  #holds(text: string): boolean {
    const digestFree = text.replace(/sha256:[0-9a-f]{64}/g, (digest) => (isDigest(digest) ? "" : digest));
    return this.#values.some((value) => (value.length < shortestInDigest ? digestFree : text).includes(value));
  }
}

/** Derived outputs for the engine: an envelope around whatever contains a secret, and around what is at one of `places`. */
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

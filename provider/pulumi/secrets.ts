import { isDigest } from "../image/digest.js";
import { redact } from "../redaction.js";
import type { SecretPath } from "../resources/lifecycle.js";
import { isList, isMap, unknown, type Value, type ValueMap } from "../resources/values.js";
import { secretEnvelope, toWire } from "./wire.js";

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

  constructor(inputs: ValueMap, paths: readonly SecretPath[]) {
    const found = new Set(paths.flatMap((path) => leaves(valueAt(inputs, path))));
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

function hide(text: string, value: string): readonly (string | typeof hidden)[] {
  return text.split(value).flatMap((part, at) => (at === 0 ? [part] : [hidden, part]));
}

function valueAt(value: Value, path: SecretPath): Value {
  return path.reduce<Value>((here, part) => {
    if (isList(here)) return here[Number(part)] ?? null;
    return isMap(here) ? (here[String(part)] ?? null) : null;
  }, value);
}

/** Every scalar as the text that it would show as; each line of a text as well, as messages may quote one. */
function leaves(value: Value): readonly string[] {
  if (isList(value)) return value.flatMap(leaves);
  if (isMap(value)) return Object.values(value).flatMap(leaves);
  if (value === null || value === unknown || typeof value === "boolean" || value === "") return [];
  const text = String(value);
  const lines = text.includes("\n") ? text.split("\n").filter((line) => line.trim().length >= telling) : [];
  return [text, ...escaped(text), ...lines];
}

/** As it stands in a quoted message. */
function escaped(text: string): readonly string[] {
  const quoted = JSON.stringify(text).slice(1, -1);
  return quoted === text ? [] : [quoted];
}

import { trimEndOf } from "./trim.js";

/** Shorter values are not redacted: they match unrelated text. */
export const SHORTEST_SECRET = 4;

/** The forms in which a server or program could repeat a secret: as it is, trimmed, on one line, in JSON, HTML, a URL, a form, base64. */
export function formsOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST_SECRET) return [];
  // A lone surrogate is sent as U+FFFD, and encodeURIComponent throws on one.
  const sent = Buffer.from(secret, "utf8").toString("utf8");
  const form = new URLSearchParams({ x: sent }).toString().slice(2);
  return [
    secret,
    sent,
    secret.trim(),
    oneLine(secret),
    JSON.stringify(secret).slice(1, -1),
    secret.replace(/[&<>"']/g, (letter) => htmlForms[letter] ?? letter),
    ...[encodeURIComponent(sent), form, encodeURI(sent)].flatMap((text) => [text, lowerCodes(text)]),
    ...base64Forms(secret),
  ];
}

/** With and without padding, in both alphabets (RFC 4648). */
export function base64Forms(text: string): readonly string[] {
  const base64 = Buffer.from(text, "utf8").toString("base64");
  return [base64, trimEndOf(base64, "="), Buffer.from(text, "utf8").toString("base64url")];
}

/** Without control characters, as errors quote it. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
}

const htmlForms: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function lowerCodes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

/** Maps hidden texts to the sign that is shown in their place. */
export type Signs = ReadonlyMap<string, string>;

/** Longer ones first, so that a form that contains another one is hidden whole. */
export function longestFirst(signs: Signs): Signs {
  return new Map([...signs].sort(([one], [other]) => other.length - one.length));
}

/** Replaces each form by its sign, in the order of `signs`. Not a regular expression, as secrets may be large. */
export function hideForms(text: string, signs: Signs): string {
  let parts: readonly (string | Hidden)[] = [text];
  for (const [form, sign] of signs) {
    if (form.length > text.length || !text.includes(form)) continue;
    // What is hidden already is not searched again: a secret may occur in the sign of another one.
    parts = parts.flatMap((part) => (typeof part === "string" ? split(part, form, { sign }) : [part]));
  }
  return parts.map((part) => (typeof part === "string" ? part : part.sign)).join("");
}

interface Hidden {
  readonly sign: string;
}

function split(text: string, form: string, hidden: Hidden): readonly (string | Hidden)[] {
  return text.split(form).flatMap((part, at) => (at === 0 ? [part] : [hidden, part]));
}

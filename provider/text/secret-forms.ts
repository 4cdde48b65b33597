import { trimEndOf } from "./trim.js";

/** Shorter than this, a value stands everywhere by chance: hiding it would garble texts and keep nothing. */
export const SHORTEST_SECRET = 4;

/** How a secret could be repeated by somebody who was sent it: as it is, trimmed, on one line, in JSON, HTML, a URL, a form, base64. */
export function formsOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST_SECRET) return [];
  // What is sent has U+FFFD for half of a character, and encodeURIComponent throws at one.
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

/** By what is hidden, the sign that is shown for it. */
export type Signs = ReadonlyMap<string, string>;

/** Longer ones first, so that what contains another one is hidden whole. */
export function longestFirst(signs: Signs): Signs {
  return new Map([...signs].sort(([one], [other]) => other.length - one.length));
}

/** The text with the sign for each form, in the order of `signs`. No expression, as secrets may be large. */
export function hideForms(text: string, signs: Signs): string {
  let parts: readonly (string | Hidden)[] = [text];
  for (const [form, sign] of signs) {
    if (form.length > text.length || !text.includes(form)) continue;
    // What is hidden already is looked at no more: a secret may stand in the sign for another.
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

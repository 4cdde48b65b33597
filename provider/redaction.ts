import { trimEndOf } from "./trim.js";

/** Shorter than this, a value stands everywhere by chance: hiding it would garble texts and keep nothing. */
const SHORTEST = 4;

/** Most characters of somebody else's text that an error quotes. */
const QUOTED = 500;

/** A JSON Web Token (RFC 7519), also one that is cut off. */
const webToken = /\beyJ[A-Za-z0-9_-]{17,}(?:\.[A-Za-z0-9_-]*){0,2}/g;
/** Credentials of a header (RFC 7617, RFC 6750); a sentence about "Basic authentication" is none. */
const headerValue = /\b(Basic|Bearer)( +)([A-Za-z0-9+/=._~-]{8,})/gi;
/** The user part of a URL (RFC 3986 section 3.2.1). */
const userPart = /(:\/\/)[^\s/?#]*@(?!sha256:)/g;
/** Fields of forms and JSON by which tokens and passwords travel. */
const formField = /\b((?:refresh_|access_|id_)token|client_secret|password|passwd)=[^\s&"'<>]+/gi;
const jsonField =
  /("(?:Secret|(?:refresh_|access_|id_|identity|registry)?token|auth|password|client_secret)"\s*:\s*")[^"\\]*(?:\\.[^"\\]*)*/gi;

/** The credentials in use, in every form in which they could be repeated, and what shows by its shape that it is one. */
export class Redaction {
  /** Longer ones first, so that what contains another one is hidden whole. */
  #forms: readonly string[] = [];

  /** A password or token. */
  hold(secret: string): void {
    this.#add(formsOf(secret));
  }

  /** A name and its password, as they are sent together (RFC 7617); the name alone is not hidden. */
  holdLogin(username: string, password: string): void {
    this.#add([...formsOf(password), ...base64Forms(`${username}:${password}`)]);
  }

  /** The text with `***` for every credential. `cut`: the text was longer, so that its end may be the beginning of one. */
  redact(text: string, cut = false): string {
    const known = this.#forms.reduce((found, form) => found.replaceAll(form, "***"), text);
    const whole = cut ? this.#withoutHalf(known) : known;
    return whole
      .replace(webToken, "***")
      .replace(headerValue, (all: string, scheme: string, space: string, value: string) =>
        looksLikeToken(value, 8) ? `${scheme}${space}***` : all,
      )
      .replace(userPart, "$1***@")
      .replace(formField, "$1=***")
      .replace(jsonField, "$1***");
  }

  #withoutHalf(text: string): string {
    for (const form of this.#forms) {
      for (let length = Math.min(form.length - 1, text.length); length >= SHORTEST; length -= 1)
        if (text.endsWith(form.slice(0, length))) return `${text.slice(0, -length)}***`;
    }
    return text;
  }

  #add(forms: readonly string[]): void {
    const fresh = forms.filter((form) => form.length >= SHORTEST && !this.#forms.includes(form));
    if (fresh.length === 0) return;
    this.#forms = [...new Set([...this.#forms, ...fresh])].sort((one, other) => other.length - one.length);
  }
}

function formsOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST) return [];
  const encoded = encodeURIComponent(secret);
  const form = new URLSearchParams({ x: secret }).toString().slice(2);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    secret.replace(/[&<>"']/g, (letter) => htmlForms[letter] ?? letter),
    ...[encoded, form, encodeURI(secret)].flatMap((text) => [text, text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]),
    ...base64Forms(secret),
  ];
}

const htmlForms: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** With and without padding, in both alphabets (RFC 4648). */
function base64Forms(text: string): readonly string[] {
  const base64 = Buffer.from(text, "utf8").toString("base64");
  return [base64, trimEndOf(base64, "="), Buffer.from(text, "utf8").toString("base64url")];
}

/**
 * Whether a word looks drawn by chance, as tokens do: at least `shortest` characters of base64 (RFC 4648) or a token's
 * alphabet, with a digit, and in both cases unless it is hexadecimal throughout.
 */
export function looksLikeToken(word: string, shortest: number): boolean {
  if (word.length < shortest || !/^[A-Za-z0-9+/=._~-]+$/.test(word) || !/[0-9=]/.test(word)) return false;
  return /^[0-9a-f]+$/i.test(word) || (/[a-z]/.test(word) && /[A-Z]/.test(word));
}

/** Of this process, which is one operation of the engine. */
const redaction = new Redaction();

/** From now on no error, log line or row of this process repeats this password or token. */
export function holdSecret(secret: string): void {
  redaction.hold(secret);
}

/** From now on no error, log line or row of this process repeats the password, nor how both are sent. */
export function holdLogin(username: string, password: string): void {
  redaction.holdLogin(username, password);
}

/** A text as it may leave: what errors, `DHI_LOG` and the rows of the engine say. */
export function redact(text: string): string {
  return redaction.redact(text);
}

/** What somebody else said, to be quoted in an error: no credentials, no control characters, one line, at most 500 characters. */
export function quote(text: string, cut = false): string {
  const clean = redaction
    .redact(text, cut)
    .replace(/[\u0000-\u001f\u007f]+/g, " ")
    .trim();
  return clean.length > QUOTED ? `${clean.slice(0, QUOTED)}…` : clean;
}

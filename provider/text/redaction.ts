import { base64Forms, formsOf, hideForms, longestFirst, oneLine, SHORTEST_SECRET, type Signs } from "./secret-forms.js";

const CREDENTIAL = "***";
/** Shown in place of a secret of the program. */
export const SECRET = "[secret]";

/** Maximum number of characters of foreign text that an error quotes. */
const QUOTED = 500;

/** A JSON Web Token (RFC 7519), also a truncated one. */
const webToken = /\beyJ[A-Za-z0-9_-]{17,}(?:\.[A-Za-z0-9_-]*){0,2}/g;
/** Credentials of a header (RFC 7617, RFC 6750), but not a sentence about "Basic authentication". */
const headerValue = /\b(Basic|Bearer)( +)([A-Za-z0-9+/=._~-]{8,})/gi;
/** The user part of a URL (RFC 3986 section 3.2.1). */
const userPart = /(:\/\/)[^\s/?#]*@(?!sha256:)/g;
/** Fields of forms and JSON that carry tokens and passwords. */
const formField = /\b((?:refresh_|access_|id_)token|client_secret|password|passwd)=[^\s&"'<>]+/gi;
const jsonField =
  /("(?:Secret|(?:refresh_|access_|id_|identity|registry)?token|auth|password|client_secret)"\s*:\s*")[^"\\]*(?:\\.[^"\\]*)*/gi;

/**
 * Redacts the credentials in use and the secrets of the program, in every form in which they could be repeated, and anything that looks
 * like a credential.
 */
export class Redaction {
  readonly #credentials = new Map<string, string>();
  /** A text that was redacted before does not change. */
  readonly #secrets = new Map<string, string>([[SECRET, SECRET]]);
  #sorted: Signs | undefined;
  #sortedCredentials: Signs | undefined;

  /** A password or token. */
  hold(secret: string): void {
    this.#add(this.#credentials, formsOf(secret), CREDENTIAL);
  }

  /** A name and its password, as they are sent together (RFC 7617); the name alone is not redacted. */
  holdLogin(username: string, password: string): void {
    this.#add(this.#credentials, [...formsOf(password), ...base64Forms(`${username}:${password}`)], CREDENTIAL);
  }

  /** What is secret in the inputs of a resource, in all its forms. */
  holdSecretTexts(forms: readonly string[]): void {
    this.#add(this.#secrets, forms, SECRET);
  }

  /**
   * The text with `***` for every credential and `[secret]` for every secret of the program. `cut`: the text was truncated, so that it may
   * end with the beginning of one.
   */
  redact(text: string, cut = false): string {
    this.#sorted ??= longestFirst(new Map([...this.#secrets, ...this.#credentials]));
    const known = hideForms(text, this.#sorted);
    return redactShapes(cut ? withoutPartialForm(known, this.#sorted) : known);
  }

  /** The text with `***` for every credential. */
  redactCredentials(text: string): string {
    this.#sortedCredentials ??= longestFirst(this.#credentials);
    return redactShapes(hideForms(text, this.#sortedCredentials));
  }

  #add(signs: Map<string, string>, forms: readonly string[], sign: string): void {
    for (const form of forms) {
      if (form.length < SHORTEST_SECRET || signs.has(form)) continue;
      signs.set(form, sign);
      this.#sorted = undefined;
      if (sign === CREDENTIAL) this.#sortedCredentials = undefined;
    }
  }
}

function redactShapes(text: string): string {
  return text
    .replace(webToken, CREDENTIAL)
    .replace(headerValue, (all: string, scheme: string, space: string, value: string) =>
      looksLikeToken(value, 8) ? `${scheme}${space}${CREDENTIAL}` : all,
    )
    .replace(userPart, `$1${CREDENTIAL}@`)
    .replace(formField, `$1=${CREDENTIAL}`)
    .replace(jsonField, `$1${CREDENTIAL}`);
}

/** Removes the beginning of a form at the end of the text. */
function withoutPartialForm(text: string, signs: Signs): string {
  for (const [form, sign] of signs) {
    const start = form.slice(0, SHORTEST_SECRET);
    for (let at = text.indexOf(start, Math.max(0, text.length - form.length + 1)); at >= 0; at = text.indexOf(start, at + 1))
      if (form.startsWith(text.slice(at))) return `${text.slice(0, at)}${sign}`;
  }
  return text;
}

/**
 * Whether a word looks random, as tokens do: at least `shortest` characters of base64 (RFC 4648) or a token's
 * alphabet, with a digit, and with both upper and lower case unless it is all hexadecimal.
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

/** From now on no error, log line or row of this process repeats these texts, whichever resource they belong to. */
export function holdSecretTexts(forms: readonly string[]): void {
  redaction.holdSecretTexts(forms);
}

/** Redacts a text before it leaves: errors, `DHI_LOG` and the engine's rows. `cut`: the text was truncated. */
export function redact(text: string, cut = false): string {
  return redaction.redact(text, cut);
}

/** Redacts only credentials, whatever secrets the program has. */
export function redactCredentials(text: string): string {
  return redaction.redactCredentials(text);
}

/** Foreign text to be quoted in an error: no credentials or secrets, no control characters, one line, at most 500 characters. */
export function quote(text: string, cut = false): string {
  // Redacted before anything is truncated or replaced, after which a secret would not be found.
  const clean = oneLine(redaction.redact(text, cut));
  return clean.length > QUOTED ? `${clean.slice(0, QUOTED)}…` : clean;
}

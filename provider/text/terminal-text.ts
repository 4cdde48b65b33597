/**
 * Control characters but line feed and tab, line separators, marks that turn the direction of text, and halves of characters: what a terminal
 * would obey instead of showing it, or no message can hold.
 */
const control = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/gu;

/** The begin of a directive of the Pulumi CLI (sdk/go/common/diag/colors): it ends with an assertion at one that it does not know. */
const directive = "<{%";

/** A text with words from outside as a terminal may get it: `\x1b` for what it would obey, `<{ %` for the begin of a directive. */
export function terminalText(text: string): string {
  return withoutDirectives(text.replace(control, escapeCharacter));
}

/** A text that is shown in quotes, where the CLI escapes control characters itself. */
export function withoutDirectives(text: string): string {
  return text.replaceAll(directive, "<{ %");
}

export function hasDirective(text: string): boolean {
  return text.includes(directive);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

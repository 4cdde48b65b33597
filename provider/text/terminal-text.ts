/**
 * Control characters other than line feed and tab, line separators, bidirectional marks, and lone surrogates: a terminal
 * would interpret them instead of showing them, or a message cannot contain them.
 */
const control = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/gu;

/** The start of a directive of the Pulumi CLI (sdk/go/common/diag/colors), which fails an assertion on one that it does not know. */
const directive = "<{%";

/** Escapes foreign text for a terminal: `\x1b` for characters that it would interpret, `<{ %` for the start of a directive. */
export function terminalText(text: string): string {
  return withoutDirectives(text.replace(control, escapeCharacter));
}

/** For a text that is shown in quotes, where the CLI escapes control characters itself. */
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

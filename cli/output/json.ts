/** Characters that a terminal would interpret, of those that JSON may contain as they are. */
const control = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** JSON for programs and terminals: what a terminal would interpret is escaped, which is the same value for a program. */
export function formatJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(control, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}

/** Without what the text begins with of one character. Counted by hand: `/x+$/` looks at every run of it again from each place. */
export function trimStartOf(text: string, character: string): string {
  let start = 0;
  while (start < text.length && text[start] === character) start += 1;
  return text.slice(start);
}

/** Without what the text ends with of one character. */
export function trimEndOf(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}

/** Without it at both ends. */
export function trimOf(text: string, character: string): string {
  return trimEndOf(trimStartOf(text, character), character);
}

/** Removes every leading occurrence of a character. A loop, since `/x+$/` takes quadratic time on long runs. */
export function trimStartOf(text: string, character: string): string {
  let start = 0;
  while (start < text.length && text[start] === character) start += 1;
  return text.slice(start);
}

/** Removes every trailing occurrence of a character. */
export function trimEndOf(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}

/** Removes a character at both ends. */
export function trimOf(text: string, character: string): string {
  return trimEndOf(trimStartOf(text, character), character);
}

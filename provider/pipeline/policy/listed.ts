/** Most names in a message. */
export const MOST_NAMES = 10;

/** `a, b, c`, at most ten, and how many more there are. */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  const first = names.slice(0, MOST_NAMES).join(", ");
  return more <= 0 ? first : `${first} and ${more.toLocaleString("en-US")} more`;
}

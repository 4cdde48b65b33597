/** The tags without those that keep earlier images reachable. */
export function withoutKept(tags: readonly string[]): readonly string[] {
  return tags.filter((tag) => !/-[0-9a-f]{12}$/.test(tag));
}

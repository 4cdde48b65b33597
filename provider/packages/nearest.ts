/** Known names that are similar to an unknown one: by edit distance, or with it as a prefix. Nearest first, at most `count`. */
export function findNearest(name: string, names: Iterable<string>, count = 3): readonly string[] {
  const limit = Math.max(1, Math.min(3, Math.floor(name.length / 3)));
  const found = new Map<string, number>();
  for (const other of names) {
    if (other === name) continue;
    const extra = other.length - name.length;
    if (name.length >= 3 && extra > 0 && extra <= 8 && other.startsWith(name)) found.set(other, extra <= 2 ? 0.5 : 2);
    if (Math.abs(extra) > limit) continue;
    const distance = measureDistance(name, other, limit);
    if (distance <= limit) found.set(other, Math.min(distance, found.get(other) ?? limit));
  }
  return [...found]
    .toSorted(([one, near], [other, far]) => near - far || (one < other ? -1 : 1))
    .slice(0, count)
    .map(([one]) => one);
}

/** Optimal string alignment distance (insert, delete, replace, swap neighbours); above `limit` any number above it. */
export function measureDistance(one: string, other: string, limit: number): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (isSame ? 0 : 1));
      const isSwapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    before = last;
    last = current;
  }
  return last[other.length] ?? 0;
}

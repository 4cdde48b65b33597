/** mulberry32: numbers from 0 to 1, the same for the same seed everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` of the items, each once, in a drawn order. */
export function draw<T>(items: readonly T[], count: number, seed: number): readonly T[] {
  const random = seeded(seed);
  const left = [...items];
  for (let at = 0; at < Math.min(count, left.length); at++) {
    const other = at + Math.floor(random() * (left.length - at));
    const [one, two] = [left[at], left[other]];
    if (one === undefined || two === undefined) break;
    left[at] = two;
    left[other] = one;
  }
  return left.slice(0, count);
}

import { seeded } from "../apt/draw.js";

/** Random choices determined by a seed. */
export interface Draw {
  /** A whole number from 0, below `bound`. */
  below(bound: number): number;
  of<T>(choices: readonly T[]): T;
  /** Letters and digits that do not compress well. */
  text(length: number): string;
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

export function drawFrom(seed: number): Draw {
  const next = seeded(seed);
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    of: (choices) => choices[below(choices.length)] as (typeof choices)[number],
    text: (length) => Array.from({ length }, () => letters[below(letters.length)] ?? "").join(""),
  };
}

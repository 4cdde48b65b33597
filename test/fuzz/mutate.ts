/** Random integers from 0 to `below`, exclusive. */
export type Random = (below: number) => number;

/** mulberry32: the same numbers for the same seed, on any machine. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Strings that parsers may mishandle: ends of text, lines, fields and numbers. */
const pieces = [
  "\n",
  "\n\n",
  " ",
  "\0",
  "\t",
  "\r",
  ":",
  "=",
  ",",
  "/",
  "..",
  "\\",
  '"',
  "'",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "*",
  "-",
  "\u00ff",
];
const numbers = ["0", "-1", "00", "1e9", "0x10", "65536", "2147483648", "4294967296", "9007199254740993", "99999999999999999999"];
const bytes = [0, 1, 9, 10, 32, 127, 128, 255];

interface Material {
  readonly random: Random;
  /** Words of the format. */
  readonly words: readonly string[];
  /** Another input to splice from. */
  readonly other: Buffer;
}

type Mutator = (input: Buffer, material: Material) => Buffer;

const mutators: readonly Mutator[] = [
  function flipBit(input, { random }) {
    const out = Buffer.from(input);
    const at = random(out.length);
    if (out.length > 0) out[at] = (out[at] ?? 0) ^ (1 << random(8));
    return out;
  },
  function setByte(input, { random }) {
    const out = Buffer.from(input);
    if (out.length > 0) out[random(out.length)] = bytes[random(bytes.length)] ?? 0;
    return out;
  },
  function cut(input, { random }) {
    const start = random(input.length + 1);
    return Buffer.concat([input.subarray(0, start), input.subarray(start + 1 + random(16))]);
  },
  function end(input, { random }) {
    return input.subarray(0, random(input.length + 1));
  },
  function insertWord(input, { random, words }) {
    const all = random(3) === 0 ? pieces : words.length > 0 ? words : pieces;
    return insert(input, random(input.length + 1), Buffer.from(all[random(all.length)] ?? "", "latin1"));
  },
  function repeat(input, { random }) {
    const start = random(input.length + 1);
    const piece = input.subarray(start, start + 1 + random(24));
    return insert(input, start, Buffer.concat(Array.from({ length: 1 + random(random(8) === 0 ? 2000 : 20) }, () => piece)));
  },
  function changeNumber(input, { random }) {
    const text = input.toString("latin1");
    const found = [...text.matchAll(/[0-9]+/g)];
    const chosen = found[random(found.length)];
    if (chosen === undefined) return input;
    const [digits] = chosen;
    const number = numbers[random(numbers.length)] ?? "";
    // Half of the time, fields of a fixed width keep their position.
    const put = random(2) === 0 ? number.padStart(digits.length, "0").slice(-digits.length) : number;
    return Buffer.from(text.slice(0, chosen.index) + put + text.slice(chosen.index + digits.length), "latin1");
  },
  function splice(input, { random, other }) {
    return Buffer.concat([input.subarray(0, random(input.length + 1)), other.subarray(random(other.length + 1))]);
  },
  function take(input, { random, other }) {
    const start = random(other.length + 1);
    return insert(input, random(input.length + 1), other.subarray(start, start + 1 + random(64)));
  },
];

function insert(input: Buffer, at: number, piece: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), piece, input.subarray(at)]);
}

/** Applies one to a few mutations; at most `limit` bytes. */
export function mutate(input: Buffer, material: Material, limit: number): Buffer {
  let out = input;
  for (let changes = 1 + material.random(4); changes > 0; changes--) {
    out = mutators[material.random(mutators.length)]?.(out, material).subarray(0, limit) ?? out;
  }
  return out;
}

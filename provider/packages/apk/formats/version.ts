/** Kinds of version tokens, in the order that decides where one version ends or has a token of another kind (apk-tools 2.14, src/version.c). */
const kinds = ["part", "number", "letter", "suffix", "suffix-number", "revision", "end"] as const;

/** `part`: digits after a period, whose leading zeros count. */
type Kind = (typeof kinds)[number];

interface Cursor {
  readonly text: string;
  at: number;
  kind: Kind | "invalid";
}

/** By rank: those before a release are negative. `pre` stands before `p`, so that the longer one is found first. */
const suffixes: readonly (readonly [string, number])[] = [
  ["alpha", -4],
  ["beta", -3],
  ["pre", -2],
  ["rc", -1],
  ["cvs", 0],
  ["svn", 1],
  ["git", 2],
  ["hg", 3],
  ["p", 4],
];

/** apk holds a number in 64 bits and rejects what might not fit. */
const MAX_DIGITS = 17;

/** Whether apk accepts it as a version (`apk version --check`): `1.2.3a_rc1-r4`. */
export function isApkVersion(text: string): boolean {
  const cursor = start(text);
  while (cursor.kind !== "end" && cursor.kind !== "invalid") take(cursor);
  return cursor.kind === "end";
}

/**
 * As apk compares (`apk version -t`): negative, 0 or positive. `fuzzy`, as for `name~1.2`: equal too where one is
 * a prefix of the other: `1.2` and `1.2.3`, and, surprisingly, `1.2` and `1`. Invalid versions are compared as far as they are valid.
 */
export function compareApkVersions(a: string, b: string, fuzzy = false): number {
  if (a === b) return 0;
  const left = start(a);
  const right = start(b);
  let first: bigint | number = 0;
  let second: bigint | number = 0;
  while (left.kind === right.kind && left.kind !== "end" && left.kind !== "invalid" && first === second) {
    first = take(left);
    second = take(right);
  }
  if (first !== second) return first < second ? -1 : 1;
  if (left.kind === right.kind || fuzzy) return 0;
  // The longer one is newer, unless it continues with a pre-release suffix.
  if (left.kind === "suffix" && take({ ...left }) < 0) return -1;
  if (right.kind === "suffix" && take({ ...right }) < 0) return 1;
  return rank(right.kind) - rank(left.kind);
}

function start(text: string): Cursor {
  return { text, at: 0, kind: "number" };
}

/** The rank of a kind as in apk: -1 for none. */
function rank(kind: Cursor["kind"]): number {
  return kinds.indexOf(kind as Kind);
}

/** The value at the cursor, which advances. A number that fits is a `number`, a longer one a `bigint`: the two compare with each other. */
function take(cursor: Cursor): number | bigint {
  if (cursor.at >= cursor.text.length) {
    cursor.kind = "end";
    return 0;
  }
  const { text, at, kind } = cursor;
  if (kind === "letter") return advance(cursor, 1, text.charCodeAt(at));
  if (kind === "suffix") {
    const found = suffixes.find(([name]) => text.startsWith(name, at));
    return found === undefined ? fail(cursor) : advance(cursor, found[0].length, found[1]);
  }
  if (kind === "part" && text[at] === "0") {
    // Each leading zero makes it smaller; the remaining digits are a separate number.
    const zeros = run(text, at, "0", "0") - 1;
    cursor.at += zeros;
    cursor.kind = "number";
    return -zeros;
  }
  const digits = run(text, at, "0", "9");
  if (digits > MAX_DIGITS) return fail(cursor);
  const number = Number(text.slice(at, at + digits));
  return advance(cursor, digits, Number.isSafeInteger(number) ? number : BigInt(text.slice(at, at + digits)));
}

function fail(cursor: Cursor): number {
  cursor.kind = "invalid";
  return -1;
}

function advance<T>(cursor: Cursor, length: number, value: T): T {
  cursor.at += length;
  const before = cursor.kind;
  const next = nextKind(cursor);
  const back =
    (next === "part" && before === "number") ||
    (next === "suffix" && before === "suffix-number") ||
    (next === "number" && before === "letter");
  cursor.kind = rank(next) < rank(before) && !back ? "invalid" : next;
  return value;
}

function nextKind(cursor: Cursor): Cursor["kind"] {
  const { text, at, kind } = cursor;
  const character = text[at];
  if (character === undefined) return "end";
  const digit = character >= "0" && character <= "9";
  if ((kind === "number" || kind === "part") && character >= "a" && character <= "z") return "letter";
  if (kind === "letter" && digit) return "number";
  if (kind === "suffix" && digit) return "suffix-number";
  cursor.at += 1;
  if (character === ".") return "part";
  if (character === "_") return "suffix";
  if (character !== "-" || text[at + 1] !== "r") return "invalid";
  cursor.at += 1;
  return "revision";
}

function run(text: string, from: number, low: string, high: string): number {
  let end = from;
  for (let character = text[end]; character !== undefined && character >= low && character <= high; character = text[end]) end += 1;
  return end - from;
}

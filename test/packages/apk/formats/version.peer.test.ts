import fc from "fast-check";
import { it } from "mocha";
import { compareApkVersions, isApkVersion } from "../../../../provider/packages/apk/formats/version.js";
import { expect } from "../../../support/expectations.js";
import { testUnless } from "../../../support/skips.js";
import { inRoot, withoutChroot, withRoot } from "../install/alpine-root.js";

const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const numRuns = process.env["DHI_LONG"] === undefined ? 1500 : 10_000;

const digits = fc.oneof(
  fc.nat(30).map(String),
  fc.constantFrom(
    "0",
    "00",
    "01",
    "001",
    "010",
    "100",
    "20240101",
    "9007199254740993",
    "9007199254740992",
    "99999999999999999",
    "123456789012345678",
  ),
);
const suffix = fc
  .tuple(fc.constantFrom("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p", "foo", "preview", "x"), fc.option(digits))
  .map(([name, number]) => `_${name}${number ?? ""}`);
const version = fc
  .tuple(
    fc.array(digits, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(".")),
    fc.option(fc.constantFrom("a", "b", "z", "ab", "A"), { freq: 4 }),
    fc.array(suffix, { maxLength: 2 }),
    fc.option(fc.nat(12)),
  )
  .map(
    ([numbers, letter, suffixes, revision]) => `${numbers}${letter ?? ""}${suffixes.join("")}${revision === null ? "" : `-r${revision}`}`,
  );
const odd = fc
  .string({ unit: fc.constantFrom(...Array.from("0019.._-rabp~")), minLength: 1, maxLength: 8 })
  .filter((text) => !text.startsWith("-"));
/** Two that are unrelated, or one and what changes a little of it. */
const pair = fc.oneof(
  fc.tuple(version, version),
  fc.tuple(version, version, fc.nat(12)).map(([a, b, at]) => [a, a.slice(0, at) + b.slice(at)] as [string, string]),
  fc.tuple(version, suffix).map(([a, b]) => [a, `${a}${b}`] as [string, string]),
  fc.tuple(version, digits).map(([a, b]) => [a, a.replace(/[0-9]+(?=[^0-9]*$)/, b)] as [string, string]),
  fc.tuple(version, odd),
  fc.tuple(odd, odd),
);
const usable = (text: string): boolean => text !== "" && !text.startsWith("-");

it(
  `${numRuns} pairs of versions have the order that apk 2.14 gives them, and both take the same texts as versions`,
  testUnless(withoutChroot, () => {
    const pairs = fc.sample(
      pair.filter(([a, b]) => usable(a) && usable(b)),
      { numRuns, seed },
    );
    const texts = [...new Set(pairs.flat())];
    const [orders, refused] = withRoot((root): [string[], string[]] => [
      inRoot(root, 'while read -r a b; do apk version -t "$a" "$b"; done', pairs.map(([a, b]) => `${a} ${b}\n`).join(""))
        .trimEnd()
        .split("\n"),
      inRoot(root, "xargs apk version --check || true", texts.join("\n")).trimEnd().split("\n"),
    ]);
    expect(orders.length).to.equal(pairs.length);
    const sign = (order: number): string => (order < 0 ? "<" : order > 0 ? ">" : "=");
    const wrong = pairs.flatMap(([a, b], at) => (sign(compareApkVersions(a, b)) === orders[at] ? [] : [`${a} ${orders[at] ?? "?"} ${b}`]));
    expect(wrong, `seed ${seed}`).to.deep.equal([]);
    for (const order of "<=>") expect(orders.filter((found) => found === order).length, `the pairs show ${order}`).to.be.above(5);
    expect(texts.filter((text) => !isApkVersion(text)).sort(), `seed ${seed}`).to.deep.equal(refused.sort());
    expect(refused.length).to.be.above(5);
    expect(refused.length).to.be.below(texts.length);
  }),
);

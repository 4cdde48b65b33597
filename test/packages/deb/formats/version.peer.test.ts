import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { it } from "mocha";
import { compareDebianVersions } from "../../../../provider/packages/deb/formats/version.js";
import { expect } from "../../../support/expectations.js";
import { testUnless } from "../../../support/skips.js";

const has = (command: string, args: readonly string[]): boolean => spawnSync(command, args).status === 0;
const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);

const part = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from("0123456789")), minLength: 1, maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...Array.from("0019azAZ.+~")), maxLength: 6 }),
  fc.constantFrom("+b1", "+b2", "~rc1", "~~", "+deb12u1", "~bpo12+1", ".0", "~"),
);
const revision = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("").replace(/^$/, "0"));
const upstream = fc.tuple(fc.nat(20), fc.array(part, { maxLength: 4 })).map(([first, parts]) => `${first}${parts.join("")}`);
const version = fc
  .tuple(fc.option(fc.nat(3)), upstream, fc.option(revision))
  .map(([epoch, middle, last]) => `${epoch === null ? "" : `${epoch}:`}${middle}${last === null ? "" : `-${last}`}`);
/** Two that are unrelated, or one and what changes a little of it. */
const pair = fc.oneof(
  fc.tuple(version, version),
  version.map((a) => [a, a.replace(/^0:|-0$/, "").replace(/([0-9]+)/, "0$1")] as [string, string]),
  fc.tuple(version, part).map(([a, b]) => [a, `${a}${b}`] as [string, string]),
  fc
    .tuple(version, fc.nat(20), part)
    .map(([a, at, b]) => [a, a.slice(0, 1) + a.slice(1).replace(a.slice(at, at + 2), b)] as [string, string]),
);

/** deb-version(7): `[epoch:]upstream[-revision]`, with an epoch that dpkg can hold in an int. */
const syntax = /^(?:[0-9]{1,9}:[0-9][A-Za-z0-9.+:~-]*|[0-9][A-Za-z0-9.+~-]*)$/;
const valid = (versions: readonly [string, string]): boolean =>
  versions.every((text) => syntax.test(text) && !text.endsWith("-") && !(text.split("-").at(-1) ?? "").includes(":"));

/** What a program prints that reads pairs with the order that we give them. */
function answersOf(command: string, args: readonly string[], lines: readonly string[]): readonly string[] {
  const run = spawnSync(command, args, { input: lines.map((line) => `${line}\n`).join(""), encoding: "utf8", maxBuffer: 2 ** 26 });
  expect(run.status, run.stderr).to.equal(0);
  return run.stdout.trimEnd().split("\n");
}

/** Both say `yes` where the order is theirs too. */
const perl = `use Dpkg::Version; my %signs = (lt => -1, eq => 0, gt => 1);
while (<>) { chomp; my ($a, $op, $b) = split / /; print version_compare($a, $b) == $signs{$op} ? "yes\n" : "no\n" }`;
const shell = `while read -r a op b; do if dpkg --compare-versions "$a" "$op" "$b"; then echo yes; else echo no; fi; done`;
const hasPerl = has("perl", ["-MDpkg::Version", "-e", ""]);
/** A process a pair: all of them only where perl, which starts once, is not there, or time is no matter. */
const bySelf = hasPerl && process.env["DHI_LONG"] === undefined ? 500 : 10_000;
const peers = [
  ["dpkg itself", "sh", ["-c", shell], bySelf, has("dpkg", ["--version"]), valid],
  // Perl's numbers are exact to fifteen digits.
  ["dpkg's perl module", "perl", ["-e", perl], 10_000, hasPerl, (two: [string, string]) => valid(two) && !/[0-9]{16}/.test(two.join(" "))],
] as const;

for (const [peer, command, args, runs, there, fits] of peers)
  it(
    `${runs} pairs have the order that ${peer} gives them`,
    testUnless(there ? false : `no ${peer}`, () => {
      const pairs = fc.sample(pair.filter(fits), { numRuns: runs, seed });
      const lines = pairs.map(([a, b]) => `${a} ${["lt", "eq", "gt"][Math.sign(compareDebianVersions(a, b)) + 1] ?? ""} ${b}`);
      const answers = answersOf(command, args, lines);
      expect(answers.length).to.equal(runs);
      expect(
        lines.filter((_, at) => answers[at] !== "yes"),
        `seed ${seed}`,
      ).to.deep.equal([]);
      for (const order of [" lt ", " eq ", " gt "])
        expect(lines.filter((line) => line.includes(order)).length, `the pairs show${order}`).to.be.above(5);
    }),
  );

import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { compareDebianVersions, parseVersion } from "../../../provider/packages/deb/version.js";

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

const valid = ([a, b]: readonly [string, string]): boolean => {
  try {
    return [a, b].map(parseVersion).length === 2;
  } catch {
    return false;
  }
};

/** The sign of each pair as a program sees it that reads pairs and writes signs. */
function ordersBy(command: string, args: readonly string[], pairs: readonly (readonly [string, string])[]): readonly number[] {
  const run = spawnSync(command, args, { input: pairs.map(([a, b]) => `${a} ${b}\n`).join(""), encoding: "utf8", maxBuffer: 2 ** 26 });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout.trimEnd().split("\n").map(Number);
}

const perl = "use Dpkg::Version; while (<>) { chomp; my ($a, $b) = split / /; print version_compare($a, $b), qq(\\n) }";
const shell = `while read -r a b; do
  if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi
done`;
const peers = [
  ["dpkg itself", "sh", ["-c", shell], 400, has("dpkg", ["--version"])],
  ["dpkg's perl module", "perl", ["-e", perl], 10_000, has("perl", ["-MDpkg::Version", "-e", ""])],
] as const;

for (const [peer, command, args, runs, there] of peers)
  test(`${runs} pairs have the order that ${peer} gives them`, { skip: there ? false : `no ${peer}` }, () => {
    const pairs = fc.sample(pair.filter(valid), { numRuns: runs, seed });
    const orders = ordersBy(command, args, pairs);
    assert.equal(orders.length, pairs.length);
    const wrong = pairs.filter(([a, b], at) => Math.sign(compareDebianVersions(a, b)) !== orders[at]);
    assert.deepEqual(wrong, [], `seed ${seed}`);
    for (const order of [-1, 0, 1]) assert.ok(orders.filter((found) => found === order).length > 5, `the pairs show ${order}`);
  });

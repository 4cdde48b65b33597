import { randomInt } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { after, describe, it } from "mocha";
import { publishOwn, type OwnEntry, type OwnPackage } from "../../../support/apk-root/own-packages.js";
import { apkOptions, readRoot, runInRoot } from "../../../support/apk-root/root.js";
import { expect } from "../../../support/expectations.js";
import type { Tars } from "../../../support/packages/debian-root.js";
import { suiteUnless } from "../../../support/skips.js";
import { run } from "../../../support/tar/tools.js";
import { alpine, withoutChroot } from "./alpine-root.js";
import { installBoth } from "./install-compare.js";

/** Folders of one case, in places that are protected and that are not. */
const folders = ["etc/at", "etc/at/sub", "opt/at", "opt/at/sub", "opt/at/sub/deep"] as const;
const names = ["one", "two", "three"] as const;
const content = fc.constantFrom("1", "2", "mine");

interface Choice {
  readonly folder: (typeof folders)[number];
  readonly name: (typeof names)[number];
}

const place = fc.record<Choice>({ folder: fc.constantFrom(...folders), name: fc.constantFrom(...names) });
const entry: fc.Arbitrary<OwnEntry> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ content, mode: fc.constantFrom(0o644, 0o755, 0o4755, 0o600) }) },
  { weight: 1, arbitrary: fc.record({ target: fc.constantFrom("one", "/etc/at") }) },
);
const owner = fc.constantFrom<readonly [string, string]>(
  ["root", "root"],
  ["root", "root"],
  ["ntp", "ntp"],
  ["root", "games"],
  ["absent", "wheel"],
);
const drawnPackage = fc.record({
  files: fc.array(fc.tuple(place, entry), { maxLength: 6 }),
  modes: fc.tuple(...folders.map(() => fc.constantFrom(0o755, 0o755, 0o700, 0o750, 0o1777))),
  owner,
  priority: fc.integer({ min: 0, max: 2 }),
});
const edit = fc.record({
  place,
  what: fc.oneof(content, fc.constantFrom("gone" as const, "link" as const)),
  mode: fc.option(fc.constantFrom(0o777, 0o755, 0o700), { nil: undefined }),
});
/** `a` is upgraded, `b` stays, `c` comes in. */
const drawnCase = fc.record({
  a: drawnPackage,
  b: drawnPackage,
  newer: drawnPackage,
  c: drawnPackage,
  edits: fc.array(edit, { maxLength: 3 }),
});

type Drawn = typeof drawnPackage extends fc.Arbitrary<infer T> ? T : never;
type Case = typeof drawnCase extends fc.Arbitrary<infer T> ? T : never;

/** `c` comes in because it is asked for and needs the newer `a`, or because the newer `a` needs it. */
type Way = "add" | "upgrade";

function packageOf(
  name: string,
  at: number,
  version: string,
  { files, modes, owner: names, priority }: Drawn,
  way: Way = "add",
): OwnPackage {
  const inCase = (path: string): string => path.replace("/at", `/at${String(at)}`);
  const entries: Record<string, OwnEntry> = { "etc/": {}, "opt/": {} };
  folders.forEach((folder, index) => {
    if (!files.some(([{ folder: other }]) => `${other}/`.startsWith(`${folder}/`))) return;
    entries[`${inCase(folder)}/`] = { mode: modes[index] ?? 0o755, owner: names };
    for (const [choice, one] of files) if (choice.folder === folder) entries[`${inCase(folder)}/${choice.name}`] = { ...one, owner: names };
  });
  const others = ["a", "b", "c"].filter((other) => other !== name).map((other) => `replaces = ${other}${String(at)}\n`);
  return {
    name: `${name}${String(at)}`,
    version,
    entries,
    info: `${others.join("")}${priority === 0 ? "" : `replaces_priority = ${String(priority)}\n`}`,
    fields: way === "add" ? (name === "c" ? { D: `a${String(at)}>1-r0` } : {}) : name === "a" ? { D: `c${String(at)}` } : {},
  };
}

/** What somebody did to the base. */
function change(root: string, at: number, { edits }: Case): void {
  for (const {
    place: { folder, name },
    what,
    mode,
  } of edits) {
    const path = join(root, folder.replace("/at", `/at${String(at)}`), name);
    mkdirSync(dirname(path), { recursive: true });
    if (what !== "gone" || lstatSync(path, { throwIfNoEntry: false }) !== undefined) rmSync(path, { force: true });
    if (what === "link") symlinkSync("elsewhere", path);
    else if (what !== "gone") writeFileSync(path, what);
    if (mode !== undefined) chmodSync(dirname(path), mode);
  }
}

describe(
  "drawn packages over drawn bases",
  suiteUnless(withoutChroot, () => {
    const all = mkdtempSync(join(tmpdir(), "dhi-apk-drawn-"));
    after(() => {
      rmSync(all, { recursive: true, force: true });
    });

    for (const way of ["add", "upgrade"] as const) it(`are installed and upgraded as apk ${way} does it`, () => compareDrawn(way));

    async function compareDrawn(way: Way): Promise<void> {
      const folder = mkdtempSync(join(all, way));
      const seed = Number(process.env["DHI_SEED"] ?? randomInt(2 ** 31));
      const cases = fc.sample(drawnCase, { numRuns: process.env["DHI_LONG"] === undefined ? 60 : 1000, seed });
      const base = join(folder, "base");
      mkdirSync(base);
      run("tar", ["-C", base, "-xpzf", join(alpine ?? "", "alpine-minirootfs-3.19.4-x86_64.tar.gz")]);
      const old = publishOwn(
        join(folder, "old"),
        cases.flatMap(({ a, b }, at) => [packageOf("a", at, "1-r0", a), packageOf("b", at, "1-r0", b)]),
      );
      run("cp", [old.key, join(base, "etc/apk/keys/own.rsa.pub")]);
      runInRoot(base, { old }, `apk add ${apkOptions({ old })} ${cases.map((_, at) => `a${String(at)} b${String(at)}`).join(" ")}`);
      cases.forEach((one, at) => {
        change(base, at, one);
      });
      const fresh = publishOwn(
        join(folder, "fresh"),
        cases.flatMap(({ newer, c }, at) => [packageOf("a", at, "2-r0", newer, way), packageOf("c", at, "1-r0", c, way)]),
      );
      run("cp", [fresh.key, join(base, "etc/apk/keys/own.rsa.pub")]);
      const tars: Tars = new Map();
      const tree = await readRoot(base, folder, tars);
      const stage = { folder, base, tree, tars, repositories: { fresh }, used: new Set<never>() };
      const requested = way === "add" ? cases.map((_, at) => `c${String(at)}`) : [];
      try {
        const { theirs } = await installBoth(stage, "drawn", requested, way);
        const upgraded = runInRoot(theirs, { fresh }, "apk info -v | grep -c '^[ac][0-9]*-[12]-r0$'").trim();
        expect(upgraded).to.equal(String(2 * cases.length));
      } catch (thrown) {
        throw new Error(`DHI_SEED=${String(seed)}: ${(thrown as Error).message}`, { cause: thrown });
      }
    }
  }),
);

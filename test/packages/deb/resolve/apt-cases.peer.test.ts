import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { defaultPriority } from "../../../../provider/packages/deb/resolve/candidates.js";
import { madeArchive, madePackages, madeStatus, resolveMade } from "../../../support/apt/made-archive.js";
import { writeAptLists } from "../../../support/apt/made-lists.js";
import { AptRoot } from "../../../support/apt/root.js";
import { expect } from "../../../support/expectations.js";
import { suiteUnless } from "../../../support/skips.js";
import { hasTool } from "../../../support/tar/tools.js";

interface Case {
  readonly what: string;
  /** Packages by suite: `stable`, `stable-backports` or `experimental`; other suites are as a third party's. */
  readonly archive: Readonly<Record<string, readonly string[]>>;
  readonly base?: readonly string[];
  readonly ask: readonly string[];
  /** What both answer, for those who read: `name version`, sorted. */
  readonly answer: readonly string[] | "refused";
}

const backports = { notAutomatic: true, butAutomaticUpgrades: true };
const releases: Readonly<Record<string, { readonly notAutomatic?: boolean; readonly butAutomaticUpgrades?: boolean }>> = {
  "stable-backports": backports,
  experimental: { notAutomatic: true },
};

const several = {
  stable: ["a 1", "b 1; Depends: a (>= 2)", "c 1; Depends: only-there"],
  "stable-updates": ["a 1.1"],
  "stable-backports": ["a 2~bpo; Depends: needed", "needed 1", "only-there 1", "x 2"],
  experimental: ["a 3", "rare 1"],
  vendor: ["tool 1", "stray 1; Provides: a (= 9)"],
};

const cases: readonly Case[] = [
  { what: "updates before the release, both before backports", archive: several, ask: ["a"], answer: ["a 1.1"] },
  { what: "an asked version of backports, with what it needs", archive: several, ask: ["a=2~bpo"], answer: ["a 2~bpo", "needed 1"] },
  { what: "an asked version of experimental", archive: several, ask: ["a=3"], answer: ["a 3"] },
  { what: "what only backports has", archive: several, ask: ["c"], answer: ["c 1", "only-there 1"] },
  { what: "what only experimental has", archive: several, ask: ["rare"], answer: ["rare 1"] },
  { what: "a third party is as good as the release", archive: several, ask: ["tool"], answer: ["tool 1"] },
  { what: "a version that only a provider has", archive: several, ask: ["b"], answer: ["b 1", "stray 1"] },
  {
    what: "what came from backports is upgraded from there, as a dependency needs it",
    archive: { ...several, stable: ["x 1", "y 1; Depends: x (>= 2)"] },
    base: ["x 1.5"],
    ask: ["y"],
    answer: ["x 2", "y 1"],
  },
  {
    what: "backports do not upgrade what the release has",
    archive: { stable: ["x 1", "y 1; Depends: x (>= 2)"], "stable-backports": ["x 2"] },
    ask: ["y"],
    answer: "refused",
  },
  {
    what: "several versions in one archive",
    archive: { stable: ["x 1", "x 3", "x 2", "y 1; Depends: x (<< 3)"] },
    ask: ["y"],
    answer: "refused",
  },
  {
    what: "an upgrade that a dependency needs",
    archive: { stable: ["x 2", "y 1; Depends: x (>= 2)"] },
    base: ["x 1"],
    ask: ["y"],
    answer: ["x 2", "y 1"],
  },
  { what: "no upgrade that none needs", archive: { stable: ["x 2", "y 1; Depends: x"] }, base: ["x 1"], ask: ["y"], answer: ["y 1"] },
  {
    what: "an upgrade for Breaks",
    archive: { stable: ["x 2", "y 1; Breaks: x (<< 2)"] },
    base: ["x 1"],
    ask: ["y"],
    answer: ["x 2", "y 1"],
  },
  {
    what: "what the base has from one source is upgraded together",
    archive: { stable: ["libc 2; Source: glibc", "bin 2; Source: glibc", "dev 2; Source: glibc; Depends: libc (= 2)", "other 2"] },
    base: ["libc 1; Source: glibc", "bin 1; Source: glibc", "other 1"],
    ask: ["dev"],
    answer: ["bin 2", "dev 2", "libc 2"],
  },
  {
    what: "what the base has and an upgrade breaks is upgraded too",
    archive: { stable: ["x 2", "z 2; Depends: x (>= 2)", "y 1; Depends: x (>= 2)"] },
    base: ["x 1", "z 1; Depends: x (<< 2)"],
    ask: ["y"],
    answer: ["x 2", "y 1", "z 2"],
  },
  {
    what: "an upgrade goes before a new package, among alternatives",
    archive: { stable: ["x 2", "n 1", "y 1; Depends: n | x (>= 2)"] },
    base: ["x 1"],
    ask: ["y"],
    answer: ["x 2", "y 1"],
  },
  { what: "nothing is removed", archive: { stable: ["y 1; Conflicts: x"] }, base: ["x 1"], ask: ["y"], answer: "refused" },
  { what: "nothing is downgraded", archive: { stable: ["x 1", "y 1; Depends: x (<< 2)"] }, base: ["x 2"], ask: ["y"], answer: "refused" },
  {
    what: "equal providers: the one that is mentioned last",
    archive: { stable: ["y 1; Depends: v", "s 1; Suggests: q", "p 1; Provides: v", "q 1; Provides: v"] },
    ask: ["y"],
    answer: ["p 1", "y 1"],
  },
  {
    what: "providers of several archives: mentioned last",
    archive: { stable: ["y 1; Depends: v", "q 1; Provides: v"], vendor: ["p 1; Provides: v"] },
    ask: ["y"],
    answer: ["p 1", "y 1"],
  },
  {
    what: "providers by priority, Essential first",
    archive: {
      stable: [
        "y 1; Depends: v, w",
        "q 1; Provides: v; Priority: important",
        "p 1; Provides: v; Priority: optional",
        "e 1; Provides: w; Essential: yes; Priority: extra",
        "i 1; Provides: w; Priority: required",
      ],
    },
    ask: ["y"],
    answer: ["e 1", "q 1", "y 1"],
  },
  {
    what: "Provides with versions",
    archive: { stable: ["y 1; Depends: v (>= 2)", "p 9; Provides: v", "q 1; Provides: v (= 1)", "r 1; Provides: v (= 1:1)"] },
    ask: ["y"],
    answer: ["r 1", "y 1"],
  },
  {
    what: "name:any is met by Multi-Arch: allowed",
    archive: { stable: ["y 1; Depends: p:any, q:any | r", "p 1; Multi-Arch: allowed", "q 1; Multi-Arch: foreign", "r 1"] },
    ask: ["y"],
    answer: ["p 1", "r 1", "y 1"],
  },
  {
    what: "a virtual name that one package provides",
    archive: { stable: ["p 1; Provides: v"] },
    ask: ["v"],
    answer: ["p 1"],
  },
  {
    what: "a virtual name that several provide",
    archive: { stable: ["p 1; Provides: v", "q 1; Provides: v"] },
    ask: ["v"],
    answer: "refused",
  },
  {
    what: "a loop",
    archive: { stable: ["a 1; Depends: b", "b 1; Depends: c", "c 1; Depends: a"] },
    ask: ["a"],
    answer: ["a 1", "b 1", "c 1"],
  },
  {
    what: "~ before the end, epochs before all",
    archive: { stable: ["x 1:0", "x 9", "y 1; Depends: x (>= 10)", "z 1~rc", "z 1~~"] },
    ask: ["y", "z"],
    answer: ["x 1:0", "y 1", "z 1~rc"],
  },
  {
    what: "an installed package on hold",
    archive: { stable: ["x 2", "y 1; Depends: x (>= 2)"] },
    base: ["x 1; Status: hold ok installed"],
    ask: ["y"],
    answer: "refused",
  },
  {
    what: "what was removed, but for its configuration, is not there",
    archive: { stable: ["x 1", "y 1; Depends: x"] },
    base: ["x 1; Status: deinstall ok config-files"],
    ask: ["y"],
    answer: ["x 1", "y 1"],
  },
];

describe(
  "made archives: what apt-get would add",
  suiteUnless(hasTool("apt-get") ? false : "no apt-get", () => {
    const folder = mkdtempSync(join(tmpdir(), "dhi-made-lists-"));
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    for (const { what, archive, base = [], ask, answer } of cases)
      it(what, async () => {
        const suites = Object.entries(archive).map(([suite, lines]) => {
          const { notAutomatic, butAutomaticUpgrades } = releases[suite] ?? {};
          const fields = { ...(notAutomatic && { NotAutomatic: "yes" }), ...(butAutomaticUpgrades && { ButAutomaticUpgrades: "yes" }) };
          return { suite, packages: madePackages(lines), fields };
        });
        const root = await AptRoot.open(madeStatus(base), writeAptLists(suites, mkdtempSync(join(folder, "lists-"))), "amd64");
        try {
          const apt = await root.simulate(...ask);
          const theirs = apt.kind === "refuses" || apt.removed.length > 0 ? "refused" : listed([...apt.added, ...apt.upgraded]);
          expect(theirs, apt.kind === "refuses" ? apt.message : "apt").to.deep.equal(answer);
          const archives = Object.entries(archive).map(([suite, lines]) =>
            madeArchive(lines, { priority: defaultPriority(releases[suite] ?? {}) }),
          );
          expect(ours({ archive: archives, base, ask }), "ours").to.deep.equal(answer);
        } finally {
          await root.close();
        }
      });
  }),
);

function listed(all: readonly (readonly [string, string])[]): readonly string[] {
  return all.map(([name, version]) => `${name} ${version}`).sort();
}

function ours(made: Parameters<typeof resolveMade>[0]): readonly string[] | "refused" {
  try {
    return listed(resolveMade(made).added.map(({ name, version }) => [name, version]));
  } catch (thrown) {
    if (thrown instanceof DhiError) return "refused";
    throw thrown;
  }
}

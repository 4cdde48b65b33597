import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import type { Archive } from "../../../../provider/packages/deb/resolve/candidates.js";
import { parseParagraphs } from "../../../../provider/packages/deb/formats/control.js";
import { readInstalled } from "../../../../provider/packages/deb/resolve/installed.js";
import { resolveDebian } from "../../../../provider/packages/deb/resolve/resolver.js";
import { draw } from "../../../support/apt/draw.js";
import { foreignStatus } from "../../../support/apt/foreign-status.js";
import { findAptLists, openArchives } from "../../../support/apt/lists.js";
import { AptRoot, type Simulation } from "../../../support/apt/root.js";
import { expect } from "../../../support/expectations.js";
import { note } from "../../../support/running-test.js";
import { suiteUnless } from "../../../support/skips.js";
import { hasTool } from "../../../support/tar/tools.js";
import { aptDifferences } from "./apt-differences.js";

const base = process.env["DHI_TEST_BASE"];
const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const count = Number(process.env["DHI_APT_COUNT"] ?? (process.env["DHI_LONG"] === undefined ? 12 : 500));
const codename = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
const skip = base === undefined ? "DHI_TEST_BASE is not set" : hasTool("apt-get") && codename !== "" ? false : "no apt-get";

interface Oracle {
  readonly root: AptRoot;
  readonly architecture: string;
  readonly archives: readonly Archive[];
  /** All that there are. */
  readonly names: readonly string[];
}

/** apt with package indexes of an architecture, the machine's own where it is that one's. */
async function openOracle(architecture: string): Promise<Oracle> {
  const native = execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
  const own = await findAptLists(codename);
  const root = await AptRoot.open("", own, architecture, native === architecture ? "as they are" : "fetch");
  const archives = await openArchives(await root.lists());
  const names = [...new Set(archives.flatMap(({ index }) => [...index.names()]))].toSorted();
  expect(names.length, `only ${names.length} names in apt's lists`).to.be.above(10_000);
  return { root, architecture, archives, names };
}

/** What differs, as one line; empty for nothing. We never remove: where apt would, that is no answer. */
function compare(name: string, apt: Simulation, ours: ReadonlyMap<string, string> | DhiError): string {
  const refuses = apt.kind === "refuses" ? apt.message : apt.removed.length > 0 ? `it removes ${apt.removed.join(", ")}` : undefined;
  if (ours instanceof DhiError || apt.kind === "refuses" || refuses !== undefined) {
    if (ours instanceof DhiError) return refuses !== undefined || apt.kind === "refuses" ? "" : `${name}: we refuse: ${ours.message}`;
    return `${name}: apt refuses, we install ${ours.size}: ${(refuses ?? "").slice(0, 600)}`;
  }
  const theirs = new Map([...apt.added, ...apt.upgraded]);
  const less = [...theirs].filter(([one, version]) => ours.get(one) !== version).map(([one, version]) => `-${one} ${version}`);
  const more = [...ours].filter(([one, version]) => theirs.get(one) !== version).map(([one, version]) => `+${one} ${version}`);
  return less.length + more.length === 0 ? "" : `${name}: ${[...less, ...more].join(", ")}`;
}

/** Draws requests of `size` names each, and asks both. Throws for a difference that is not in the table. */
async function compareDrawn(oracle: Oracle, status: string, times: number, size: number): Promise<void> {
  const { root, architecture, archives, names } = oracle;
  await root.setStatus(status);
  const installed = readInstalled(parseParagraphs(status, "the status"), architecture);
  const resolve = (asked: readonly string[]): ReadonlyMap<string, string> | DhiError => {
    const requests = asked.map((name, at) => ({ name, property: `packages[${at}]` }));
    try {
      const { added } = resolveDebian({ installed, archives, architecture, requests });
      return new Map(added.map(({ name, version }) => [name, version]));
    } catch (thrown) {
      if (thrown instanceof DhiError) return thrown;
      throw thrown;
    }
  };
  const drawn = draw(names, times * size, seed);
  const differences: string[] = [];
  let refused = 0;
  for (let at = 0; at < times; at++) {
    const asked = drawn.slice(at * size, (at + 1) * size);
    const apt = await root.simulate(...asked);
    if (apt.kind === "refuses" || apt.removed.length > 0) refused += 1;
    const difference = compare(asked.join(" "), apt, resolve(asked));
    if (difference !== "") differences.push(difference);
  }
  note(`seed ${seed}: ${times} requests for ${architecture}, apt refuses ${refused}, ${differences.length} differ`);
  const unlisted = differences.filter((line) => !aptDifferences.some(({ asked }) => asked.test(line.split(":")[0] ?? "")));
  expect(unlisted, `seed ${seed}, ${architecture}`).to.deep.equal([]);
  expect(size > 1 || refused * 2 < times, `apt refuses ${refused} of ${times}: its lists are not what they should be`).to.equal(true);
}

describe(
  `what apt-get would add, seed ${seed}`,
  suiteUnless(skip, () => {
    const status =
      skip === false ? execFileSync("tar", ["-xOf", base ?? "", "./var/lib/dpkg/status"], { maxBuffer: 2 ** 28 }) : Buffer.alloc(0);
    expect(aptDifferences.length, "the table has ten rows at most").to.be.at.most(10);

    for (const architecture of ["amd64", "arm64"])
      describe(architecture, () => {
        let oracle: Oracle;
        let own = "";
        before(async () => {
          oracle = await openOracle(architecture);
          const text = status.toString("latin1");
          own = text.includes(`\nArchitecture: ${architecture}\n`) ? text : foreignStatus(text, oracle.archives);
        });
        after(() => oracle.root.close());

        // First, as apt reads its lists anew for each base.
        it("to nothing at all", () => compareDrawn(oracle, "", Math.ceil(count / 6), 1));

        it(`to the base, for ${count} names drawn from all`, () => compareDrawn(oracle, own, count, 1));

        it("to the base, for several names at once", () => compareDrawn(oracle, own, Math.ceil(count / 6), 3));
      });
  }),
);

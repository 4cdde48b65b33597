import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { DhiError } from "../../../provider/errors.js";
import type { Archive } from "../../../provider/packages/deb/candidates.js";
import { parseParagraphs } from "../../../provider/packages/deb/control.js";
import { readInstalled } from "../../../provider/packages/deb/installed.js";
import type { DebianPackage } from "../../../provider/packages/deb/resolve-package.js";
import { resolveDebian } from "../../../provider/packages/deb/resolver.js";
import { draw } from "../../support/apt/draw.js";
import { findAptLists, openArchives, type AptList } from "../../support/apt/lists.js";
import { AptRoot, type Simulation } from "../../support/apt/root.js";

const base = process.env["DHI_TEST_BASE"];
const seed = Number(process.env["DHI_SEED"] ?? 1);
const count = Number(process.env["DHI_APT_COUNT"] ?? (process.env["DHI_LONG"] === undefined ? 12 : 100));
const codename = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";

/** What the differences come down to, as one line; empty for none. */
function compare(name: string, apt: Simulation, ours: ReadonlyMap<string, string> | DhiError): string {
  if (ours instanceof DhiError) {
    if (apt.kind === "refuses") return "";
    return apt.removed.length > 0 ? "" : `${name}: apt installs ${apt.added.size}, we refuse: ${ours.message}`;
  }
  if (apt.kind === "refuses") return `${name}: apt refuses, we install ${ours.size}: ${apt.message.slice(0, 600)}`;
  const theirs = new Map([...apt.added, ...apt.upgraded]);
  const less = [...theirs].filter(([one, version]) => ours.get(one) !== version).map(([one, version]) => `-${one} ${version}`);
  const more = [...ours].filter(([one, version]) => theirs.get(one) !== version).map(([one, version]) => `+${one} ${version}`);
  const removed = apt.removed.map((one) => `removes ${one}`);
  return less.length + more.length + removed.length === 0 ? "" : `${name}: ${[...less, ...more, ...removed].join(", ")}`;
}

interface Machine {
  readonly architecture: string;
  readonly lists: readonly AptList[];
  readonly archives: readonly Archive[];
  readonly names: readonly string[];
}

async function readMachine(): Promise<Machine> {
  const architecture = execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
  const lists = await findAptLists(codename);
  const archives = await openArchives(lists);
  const names = [...new Set(archives.flatMap(({ index }) => [...index.names()]))].toSorted();
  assert.ok(names.length > 10_000, `only ${names.length} names in apt's lists`);
  return { architecture, lists, archives, names };
}

function resolve(machine: Machine, installed: readonly DebianPackage[], names: readonly string[]): ReadonlyMap<string, string> | DhiError {
  const { archives, architecture } = machine;
  const requests = names.map((name, at) => ({ name, property: `packages[${at}]` }));
  try {
    const { added } = resolveDebian({ installed, archives, architecture, requests, allowUpgrades: true });
    return new Map(added.map(({ name, version }) => [name, version]));
  } catch (error) {
    if (error instanceof DhiError) return error;
    throw error;
  }
}

/** What differs for drawn requests of `size` names each, one line a request. */
async function findDifferences(machine: Machine, status: Buffer, times: number, size: number, say: (line: string) => void) {
  const root = await AptRoot.open(status, machine.lists, machine.architecture);
  const installed = readInstalled(parseParagraphs(status.toString("latin1"), "the base's status"), machine.architecture);
  const drawn = draw(machine.names, times * size, seed);
  const differences: string[] = [];
  let refused = 0;
  try {
    for (let at = 0; at < times; at++) {
      const asked = drawn.slice(at * size, (at + 1) * size);
      const apt = await root.simulate(...asked);
      if (apt.kind === "refuses") refused += 1;
      const difference = compare(asked.join(" "), apt, resolve(machine, installed, asked));
      if (difference !== "") differences.push(difference);
    }
  } finally {
    await root.close();
  }
  for (const difference of differences) say(difference);
  say(`${times} requests: apt refuses ${refused}, ${differences.length} differ`);
  return { differences, refused };
}

describe(`what apt-get would add, seed ${seed}`, { skip: base === undefined && "DHI_TEST_BASE is not set" }, () => {
  let machine: Machine;
  let status: Buffer;
  before(async () => {
    machine = await readMachine();
    status = execFileSync("tar", ["-xOf", base ?? "", "./var/lib/dpkg/status"], { maxBuffer: 2 ** 28 });
  });

  it(`to the base, for ${count} names drawn from all`, async (context) => {
    const { differences, refused } = await findDifferences(machine, status, count, 1, (line) => context.diagnostic(line));
    assert.ok(refused * 2 < count, `apt refuses ${refused} of ${count}: its lists are not what they should be`);
    assert.ok(differences.length <= Math.max(1, count / 20), differences.join("\n"));
  });

  it("to the base, for several names at once", async (context) => {
    const times = Math.ceil(count / 6);
    const { differences } = await findDifferences(machine, status, times, 3, (line) => context.diagnostic(line));
    assert.ok(differences.length <= Math.max(1, times / 20), differences.join("\n"));
  });

  it("to nothing at all", async (context) => {
    const times = Math.ceil(count / 6);
    const { differences } = await findDifferences(machine, Buffer.from(""), times, 1, (line) => context.diagnostic(line));
    assert.ok(differences.length <= Math.max(1, times / 20), differences.join("\n"));
  });
});

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { DhiError } from "../../../provider/errors.js";
import type { Archive } from "../../../provider/packages/deb/candidates.js";
import { parseParagraphs } from "../../../provider/packages/deb/control.js";
import { readInstalled } from "../../../provider/packages/deb/installed.js";
import type { DebianPackage } from "../../../provider/packages/deb/resolve-package.js";
import { resolveDebian } from "../../../provider/packages/deb/resolver.js";
import { draw } from "../../support/apt/draw.js";
import { findAptLists, openArchives } from "../../support/apt/lists.js";
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

describe(`${count} packages as apt-get would add them, seed ${seed}`, { skip: base === undefined && "DHI_TEST_BASE is not set" }, () => {
  let root: AptRoot;
  let installed: readonly DebianPackage[];
  let archives: readonly Archive[];
  let architecture: string;
  before(async () => {
    const status = execFileSync("tar", ["-xOf", base ?? "", "./var/lib/dpkg/status"], { maxBuffer: 2 ** 28 });
    architecture = execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
    installed = readInstalled(parseParagraphs(status.toString("latin1"), "the base's status"), architecture);
    const lists = await findAptLists(codename);
    archives = await openArchives(lists);
    root = await AptRoot.open(status, lists, architecture);
  });
  after(() => root.close());

  const resolve = (...names: readonly string[]): ReadonlyMap<string, string> | DhiError => {
    const requests = names.map((name, at) => ({ name, property: `packages[${at}]` }));
    try {
      const { added } = resolveDebian({ installed, archives, architecture, requests, allowUpgrades: true });
      return new Map(added.map(({ name, version }) => [name, version]));
    } catch (error) {
      if (error instanceof DhiError) return error;
      throw error;
    }
  };

  it("agrees on sets and versions", async (context) => {
    const names = [...new Set(archives.flatMap(({ index }) => [...index.names()]))].toSorted();
    assert.ok(names.length > 10_000, `only ${names.length} names in apt's lists`);
    const differences: string[] = [];
    let refused = 0;
    for (const name of draw(names, count, seed)) {
      const apt = await root.simulate(name);
      if (apt.kind === "refuses") refused += 1;
      const difference = compare(name, apt, resolve(name));
      if (difference === "") continue;
      differences.push(difference);
      context.diagnostic(difference);
    }
    context.diagnostic(`${count} drawn: apt refuses ${refused}, ${differences.length} differ`);
    assert.ok(refused * 2 < count, `apt refuses ${refused} of ${count}: its lists are not what they should be`);
    assert.ok(differences.length * 100 <= count * 5, `${differences.length} of ${count} differ:\n${differences.join("\n")}`);
  });
});

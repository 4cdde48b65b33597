import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { parseStatement } from "../../../provider/attestation/formats/statement.js";
import type { DeclaredVex } from "../../../provider/attestation/vex/declared.js";
import type { VexPackage } from "../../../provider/attestation/vex/names-package.js";
import { vexStatements } from "../../../provider/attestation/vex/vex-statements.js";
import { digestOf } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { findScanner } from "../../packages/proof/scanner.js";
import { expect } from "../../support/expectations.js";
import { runProgram } from "../../support/images/programs.js";
import { skipTest } from "../../support/running-test.js";
import { writeVulnerabilities } from "../../support/scanner/vulnerabilities.js";
import { statement, vexOf } from "./documents.js";
import { debian } from "./packages.js";

/** What the customized image has: the base's, of which one is upgraded, and one more. */
const packages: readonly VexPackage[] = [
  debian("curl", "8.14.1-2"),
  debian("git", "1:2.47.3-0"),
  debian("libsqlite3-0", "3.46.1-7", { source: { name: "sqlite3", version: "3.46.1-7" } }),
  debian("zlib1g", "1:1.3.1-2", { origin: "upgraded", source: { name: "zlib", version: "1:1.3.1-2" } }),
  debian("jq", "1.7.1-6", { origin: "added" }),
];

/** Every package has two vulnerabilities. The base's VEX answers the first of each. */
const advisories = Object.fromEntries(
  ["curl", "git", "sqlite3", "zlib", "jq"].map((source) => [source, [`CVE-1-${source}`, `CVE-2-${source}`]]),
);
const ofBase = vexOf(
  statement("CVE-1-curl", ["pkg:deb/debian/curl@8.14.1-2"]),
  statement("CVE-1-git", ["pkg:deb/debian/git"]),
  statement("CVE-1-sqlite3", ["pkg:deb/debian/sqlite3@3.46.1-7?os_distro=trixie&os_name=debian&os_version=13"]),
  statement("CVE-1-zlib", ["pkg:deb/debian/zlib1g", "pkg:deb/debian/zlib1g@1%3A1.3.1-1", "pkg:deb/debian/zlib1g@1%3A1.3.1-2"]),
  statement("CVE-1-jq", ["pkg:deb/debian/jq"]),
  // No longer so: a newer statement counts, and hides nothing.
  statement("CVE-2-curl", ["pkg:deb/debian/curl@8.14.1-2"]),
  statement("CVE-2-curl", ["pkg:deb/debian/curl@8.14.1-2"], { status: "affected", timestamp: "2026-06-01T00:00:00Z" }),
  // About a version that the image does not have.
  statement("CVE-2-git", ["pkg:deb/debian/git@1%3A2.47.2-0"]),
);
const all = Object.values(advisories).flat().sort();

async function writeRoot(folder: string): Promise<void> {
  await mkdir(join(folder, "etc"), { recursive: true });
  await mkdir(join(folder, "var/lib/dpkg"), { recursive: true });
  await writeFile(join(folder, "etc/os-release"), 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n');
  await writeFile(join(folder, "etc/debian_version"), "13.6\n");
  const stanzas = packages.map(({ name, version, source }) =>
    [
      `Package: ${name}`,
      "Status: install ok installed",
      "Maintainer: A <a@example.com>",
      "Architecture: amd64",
      ...(source === undefined ? [] : [`Source: ${source.name}`]),
      `Version: ${version}`,
      "",
    ].join("\n"),
  );
  await writeFile(join(folder, "var/lib/dpkg/status"), `${stanzas.join("\n")}\n`);
}

interface Report {
  readonly Results?: readonly { readonly Vulnerabilities?: readonly { readonly VulnerabilityID: string }[] }[];
}

describe("a scanner that is given the VEX of a customized image", () => {
  let missing: string | undefined;
  beforeEach(() => {
    if (missing !== undefined) skipTest(missing);
  });

  let scan: (vex?: object) => Promise<readonly string[]>;
  const vexFor = (declared: readonly DeclaredVex[] = []): object => {
    const platform = { platform: "linux/amd64", manifest: digestOf("m"), packages, documents: [ofBase] };
    const repository = parseRepository("registry.example.com/acme/python");
    const { statements } = vexStatements({
      repository,
      index: digestOf("i"),
      created: undefined,
      base: [],
      declared,
      platforms: [platform],
    });
    return parseStatement(statements.at(-1)?.bytes ?? Buffer.alloc(0), "it").predicate;
  };

  let folder = "";
  after(() => rm(folder, { recursive: true, force: true }));
  before(async () => {
    const scanner = await findScanner();
    folder = await mkdtemp(join(tmpdir(), "dhi-vex-"));
    if ("missing" in scanner) {
      missing = scanner.missing;
      return;
    }
    await writeRoot(join(folder, "root"));
    await writeVulnerabilities(join(folder, "cache"), { "debian 13": advisories });
    const trivy = (...args: readonly string[]): Promise<string> =>
      runProgram(scanner.program, ["--quiet", "--cache-dir", join(folder, "cache"), ...args]);
    const offline = ["--offline-scan", "--skip-db-update", "--skip-java-db-update"];
    // Its own list, so that the package URLs are as it writes them.
    await trivy("rootfs", ...offline, "--format", "cyclonedx", "--output", join(folder, "bom.json"), join(folder, "root"));
    scan = async (vex) => {
      const file = join(folder, "vex.json");
      if (vex !== undefined) await writeFile(file, JSON.stringify(vex));
      const report = await trivy(
        "sbom",
        ...offline,
        "--format",
        "json",
        ...(vex === undefined ? [] : ["--vex", file]),
        join(folder, "bom.json"),
      );
      const { Results = [] } = JSON.parse(report) as Report;
      return Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities.map(({ VulnerabilityID: id }) => id)).sort();
    };
  });

  it("hides what the base's VEX answers of unchanged packages, and shows what upgraded and added ones have", async () => {
    expect(await scan()).to.deep.equal(all);
    const hidden = ["CVE-1-curl", "CVE-1-git", "CVE-1-sqlite3"];
    expect(await scan(vexFor())).to.deep.equal(all.filter((name) => !hidden.includes(name)));
  });

  it("hides what the user answers, also of added packages, and shows what the user says is affected", async () => {
    const own: readonly DeclaredVex[] = [
      { vulnerability: "CVE-1-jq", package: { name: "jq" }, status: "not_affected", justification: "component_not_present" },
      { vulnerability: "CVE-1-zlib", package: { name: "zlib" }, status: "fixed" },
      { vulnerability: "CVE-1-curl", package: { name: "curl" }, status: "affected", statement: "Wait" },
    ];
    const hidden = ["CVE-1-git", "CVE-1-jq", "CVE-1-sqlite3", "CVE-1-zlib"];
    expect(await scan(vexFor(own))).to.deep.equal(all.filter((name) => !hidden.includes(name)));
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import type { InventoryPackage } from "../../../provider/attestation/inventory.js";
import { spdxDocument } from "../../../provider/attestation/sbom/spdx.js";
import { digestOf } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { findScanner } from "../../packages/proof/scanner.js";
import { expect } from "../../support/expectations.js";
import { runProgram } from "../../support/images/programs.js";
import { cleanup, skipTest } from "../../support/running-test.js";
import { writeVulnerabilities } from "../../support/scanner/vulnerabilities.js";

const of = { type: "deb", namespace: "debian", architecture: "amd64", distro: "debian-13.6" } as const;
const packages: readonly InventoryPackage[] = [
  { ...of, name: "curl", version: "8.14.1-2", origin: "base" },
  { ...of, name: "zlib1g", version: "1:1.3.1-2", source: { name: "zlib", version: "1:1.3.1-2" }, origin: "added" },
];

interface Report {
  readonly Results?: readonly {
    readonly Vulnerabilities?: readonly { readonly VulnerabilityID: string; readonly InstalledVersion: string }[];
  }[];
}

describe("a scanner that reads an SPDX document", () => {
  it("finds what Debian's advisories say of source packages, and versions with their epoch", async () => {
    const scanner = await findScanner();
    if ("missing" in scanner) return skipTest(scanner.missing);
    const folder = await mkdtemp(join(tmpdir(), "dhi-sbom-"));
    cleanup(() => rm(folder, { recursive: true, force: true }));
    await writeVulnerabilities(folder, { "debian 13": { curl: ["CVE-1-curl"], zlib: ["CVE-1-zlib"], zlib1g: ["CVE-1-never"] } });
    const path = join(folder, "sbom.spdx.json");
    const inventory = { platform: "linux/amd64", system: { id: "debian", version: "13.6" }, packages, artifacts: [], files: [] };
    const document = spdxDocument({
      repository: parseRepository("registry.example.com/acme/tool"),
      manifest: digestOf("manifest"),
      created: "2024-05-06T07:08:09Z",
      base: { repository: parseRepository("dhi.io/debian-base"), digest: digestOf("base"), tag: "13" },
      inventory: { ...inventory, unlisted: 0, leftOut: [] },
    });
    await writeFile(path, JSON.stringify(document));
    const args = ["--cache-dir", folder, "--quiet", "sbom", "--skip-db-update", "--offline-scan", "--format", "json", path];
    const { Results = [] } = JSON.parse(await runProgram(scanner.program, args)) as Report;
    const found = Results.flatMap(({ Vulnerabilities = [] }) =>
      Vulnerabilities.map((one) => `${one.VulnerabilityID} ${one.InstalledVersion}`),
    );
    expect(found.sort()).to.deep.equal(["CVE-1-curl 8.14.1-2", "CVE-1-zlib 1:1.3.1-2"]);
  });
});

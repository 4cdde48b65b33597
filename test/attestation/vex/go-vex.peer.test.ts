import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { parseStatement } from "../../../provider/attestation/formats/statement.js";
import { vexStatements } from "../../../provider/attestation/vex/vex-statements.js";
import { digestOf } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { packageFolder } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { missingPrograms, runProgram } from "../../support/images/programs.js";
import { suiteUnless } from "../../support/skips.js";
import { statement, vexOf } from "./documents.js";
import { debian } from "./packages.js";

const packages = [
  debian("curl", "8.14.1-2"),
  debian("git", "1:2.47.3-0"),
  debian("libsqlite3-0", "3.46.1-7", { source: { name: "sqlite3", version: "3.46.1-7" } }),
  debian("zlib1g", "1:1.3.1-2", { origin: "upgraded" }),
  debian("jq", "1.7.1-6", { origin: "added" }),
];
const sqlite = "pkg:deb/debian/sqlite3@3.46.1-7?os_distro=trixie&os_name=debian&os_version=13";
const ofBase = vexOf(
  statement("CVE-1", ["pkg:deb/debian/curl@8.14.1-2", "pkg:deb/debian/git", sqlite, "pkg:deb/debian/zlib1g", "pkg:deb/debian/jq"]),
  statement("CVE-2", ["pkg:deb/debian/curl"]),
  statement("CVE-2", ["pkg:deb/debian/curl"], { status: "affected", timestamp: "2026-06-01T00:00:00Z" }),
);

/** A package as trivy writes it. */
const trivys = (name: string, version: string, epoch = ""): string =>
  `pkg:deb/debian/${name}@${version}?arch=amd64&distro=debian-13.6${epoch}`;
const image = (digest: string): string =>
  `pkg:oci/python@${encodeURIComponent(digest)}?arch=amd64&repository_url=registry.example.com%2Facme%2Fpython`;

/** What go-vex is asked, and answers. */
const table: readonly (readonly [string, vulnerability: string, product: string, part: string, status: string])[] = [
  ["a package of the base", "CVE-1", trivys("curl", "8.14.1-2"), "-", "not_affected"],
  ["one with an epoch, as trivy writes it", "CVE-1", trivys("git", "2.47.3-0", "&epoch=1"), "-", "not_affected"],
  ["one with an epoch, as grype writes it", "CVE-1", trivys("git", "1%3A2.47.3-0"), "-", "not_affected"],
  ["one that the base's VEX names by its source", "CVE-1", trivys("libsqlite3-0", "3.46.1-7"), "-", "not_affected"],
  ["an upgraded one", "CVE-1", trivys("zlib1g", "1.3.1-2", "&epoch=1"), "-", "-"],
  ["an added one", "CVE-1", trivys("jq", "1.7.1-6"), "-", "-"],
  ["another version", "CVE-1", trivys("curl", "8.14.1-3"), "-", "-"],
  ["one that turned out to be affected", "CVE-2", trivys("curl", "8.14.1-2"), "-", "affected"],
  ["an added one that the user answers", "CVE-4", trivys("jq", "1.7.1-6"), "-", "fixed"],
  ["a package in the index", "CVE-1", image(digestOf("i")), trivys("curl", "8.14.1-2"), "not_affected"],
  ["a package in the manifest", "CVE-1", image(digestOf("m")), trivys("curl", "8.14.1-2"), "not_affected"],
  ["a package in another image", "CVE-1", image(digestOf("x")), trivys("curl", "8.14.1-2"), "-"],
  ["an added one in the index", "CVE-1", image(digestOf("i")), trivys("jq", "1.7.1-6"), "-"],
  ["any package, where the user answers for the image", "CVE-3", image(digestOf("i")), trivys("jq", "1.7.1-6"), "not_affected"],
];

describe(
  "go-vex, by which trivy and grype read OpenVEX, given the VEX of a customized image",
  suiteUnless(missingPrograms(["go"]), () => {
    let folder = "";
    let answers: readonly string[] = [];
    after(() => rm(folder, { recursive: true, force: true }));
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "dhi-go-vex-"));
      const program = join(folder, "ask");
      await runProgram("go", ["-C", join(packageFolder, "test/attestation/vex/go-vex"), "build", "-buildvcs=false", "-o", program, "."]);
      const { statements } = vexStatements({
        repository: parseRepository("registry.example.com/acme/python"),
        index: digestOf("i"),
        created: undefined,
        base: [],
        declared: [
          { vulnerability: "CVE-3", status: "not_affected", statement: "It never runs." },
          { vulnerability: "CVE-4", status: "fixed", package: { name: "jq" } },
        ],
        platforms: [{ platform: "linux/amd64", manifest: digestOf("m"), packages, documents: [ofBase] }],
      });
      const { predicate } = parseStatement(statements.at(-1)?.bytes ?? Buffer.alloc(0), "it");
      await writeFile(join(folder, "vex.json"), JSON.stringify(predicate));
      answers = await new Promise((resolve, reject) => {
        const asked = execFile(program, [join(folder, "vex.json")], (error, stdout, stderr) => {
          if (error === null) resolve(stdout.trim().split("\n"));
          else reject(new Error(stderr));
        });
        asked.stdin?.end(table.map(([, ...fields]) => `${fields.slice(0, 3).join(" ")}\n`).join(""));
      });
    });

    for (const [at, [what, , , , status]] of table.entries())
      it(`says ${status === "-" ? "nothing" : status} of ${what}`, () => expect(answers[at]).to.equal(status));
  }),
);

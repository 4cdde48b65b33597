import { describe, it } from "mocha";
import type { DeclaredVex } from "../../../provider/attestation/vex/declared.js";
import { holdingVex } from "../../../provider/pipeline/statements/holding-vex.js";
import { expect } from "../../support/expectations.js";
import { debian } from "../../attestation/vex/packages.js";

const end = Date.UTC(2027, 0, 1);
const packages = [debian("curl", "8.14.1-2"), debian("libc6", "2.41-12+b1", { source: { name: "glibc", version: "2.41-12" } })];
const declare = (fields: Partial<DeclaredVex>): DeclaredVex => ({ vulnerability: "CVE-1", status: "fixed", ...fields });
const messages = (declared: DeclaredVex, now = 0): readonly string[] =>
  holdingVex([declared], packages, now).notices.map(({ kind, message }) => `${kind}: ${message}`);

describe("a statement of the user", () => {
  it("holds until its day is over, and a notice says when it no longer does", () => {
    const declared = declare({ until: end });
    expect(holdingVex([declared], packages, end - 1)).to.deep.equal({ holding: [declared], notices: [] });
    expect(holdingVex([declared], packages, end).holding).to.deep.equal([]);
    expect(messages(declared, end)).to.deep.equal([
      "vex-expired: vex.statements[0] about CVE-1 held until 2026-12-31 and is left out: look at it again, then change or remove it",
    ]);
  });

  const table: readonly (readonly [DeclaredVex["package"], readonly string[]])[] = [
    [undefined, []],
    [{ name: "curl" }, []],
    [{ name: "curl", version: "8.14.1-2" }, []],
    [{ name: "glibc", version: "2.41-12" }, []],
    [{ purl: "pkg:golang/a@1" }, []],
    [{ name: "git" }, ["vex-unmatched: vex.statements[0] about CVE-1 is left out: the image has no package git"]],
    [
      { name: "curl", version: "8.14.1-1" },
      ["vex-unmatched: vex.statements[0] about CVE-1 is left out: the image has curl in version 8.14.1-2"],
    ],
  ];
  for (const [named, expected] of table)
    it(`about ${JSON.stringify(named)} gives ${String(expected.length)} notices`, () => {
      expect(messages(declare({ package: named }))).to.deep.equal(expected);
    });
});

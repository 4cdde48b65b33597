import { describe, it } from "mocha";
import { measureDistance, findNearest } from "../../../../provider/packages/nearest.js";
import { madeArchive, resolveMade, type MadeCase } from "../../../support/apt/made-archive.js";
import { expect } from "../../../support/expectations.js";

function messageOf(made: MadeCase): string {
  try {
    resolveMade(made);
  } catch (error) {
    return (error as Error).message;
  }
  return expect.fail("nothing was refused");
}

describe("the error for a request without a solution", () => {
  it("has the chain of dependencies, and what is missing", () => {
    const archive = ["a 1; Depends: b", "b 1; Depends: c (>= 2)", "c 1"];
    expect(messageOf({ archive, ask: ["a"] })).to.equal("a cannot be added: a -> b 1 needs c (>= 2), but the candidate is c 1");
    expect(messageOf({ archive: archive.slice(0, 2), ask: ["a"] })).to.equal(
      "a cannot be added: a -> b 1 needs c (>= 2), but no archive has c",
    );
  });

  it("has each alternative, and why it does not fit", () => {
    const archive = ["a 1; Depends: x | y | z (>= 2)", "x 1; Depends: deep", "deep 1; Depends: nowhere", "y 1; Conflicts: in-base", "z 1"];
    expect(messageOf({ archive, base: ["in-base 3"], ask: ["a"] })).to.equal(
      "a cannot be added: a 1 needs x | y | z (>= 2), but x -> deep 1 needs nowhere, but no archive has nowhere; " +
        "y 1 cannot be installed with in-base 3, which is in the base, as y conflicts with in-base; the candidate is z 1",
    );
  });

  it("has a forbidden package, with the chain that needs it", () => {
    const archive = ["a 1; Depends: b", "b 1; Depends: c", "c 1"];
    expect(messageOf({ archive, ask: ["a", "!c"] })).to.equal("a cannot be added: a -> b 1 needs c, but c 1 is forbidden by packages[1]");
    expect(messageOf({ archive, ask: ["a", "!a"] })).to.equal("a is requested, but packages[1] forbids it");
  });

  it("has a virtual package that is not provided in the version", () => {
    const archive = ["a 1; Depends: v (>= 3)", "p 1; Provides: v (= 2)"];
    expect(messageOf({ archive, ask: ["a"] })).to.equal(
      "a cannot be added: a 1 needs v (>= 3), but v is not provided in such a version (only by p 1)",
    );
  });

  it("has similar names for an unknown one", () => {
    expect(() => resolveMade({ archive: ["python3 1", "cython3 1", "perl 1"], ask: ["pyton3"] })).to.throwError({
      code: "not-found",
      message: "no archive has a package pyton3",
      hint: "Did you mean python3, cython3?",
      property: "packages[0]",
    });
  });
});

/** Requests, archives and the expected messages. */
const table: readonly (readonly [what: string, made: MadeCase, message: string])[] = [
  [
    "another version was asked for",
    { archive: ["a 1; Depends: b (>= 2)", "b 2", "b 1"], ask: ["a", "b=1"] },
    "a cannot be added: a 1 needs b (>= 2), but b 1 is requested, not 2",
  ],
  [
    "an archive that is not taken by itself has it",
    { archive: [madeArchive(["a 1; Depends: x (>= 2)", "x 1"]), madeArchive(["x 2"], { priority: 100 })], ask: ["a"] },
    "a cannot be added: a 1 needs x (>= 2), but the candidate is x 1, not 2, which is only used where it is requested (x=2)",
  ],
  [
    "what two requests bring cannot be together",
    { archive: ["a 1; Depends: x", "b 1; Depends: y", "x 1; Conflicts: y", "y 1"], ask: ["a", "b"] },
    "b cannot be added: b 1 needs y, but y 1 cannot be installed with x 1, which is to be added, as x conflicts with y",
  ],
  [
    "an upgrade needs what the base has too old",
    { archive: ["a 1; Depends: x (>= 2)", "x 2; Depends: lib (>= 2)", "lib 1"], base: ["x 1", "lib 1"], ask: ["a"] },
    "a cannot be added: a -> x 2 needs lib (>= 2), but the base has lib 1",
  ],
  [
    "an upgrade leaves another package of the base behind",
    { archive: ["a 1; Depends: x (>= 2)", "x 2"], base: ["x 1", "y 1; Depends: x (= 1)"], ask: ["a"] },
    "a cannot be added: a -> x 2 leaves y 1 of the base without x (= 1), but the candidate is x 2",
  ],
  [
    "every alternative is forbidden",
    { archive: ["a 1; Depends: x | y", "x 1", "y 1"], ask: ["a", "!x", "!y"] },
    "a cannot be added: a 1 needs x | y, but x 1 is forbidden by packages[1]; y 1 is forbidden by packages[2]",
  ],
  [
    "a long chain",
    { archive: ["a 1; Pre-Depends: b", "b 1; Depends: c", "c 1; Depends: d", "d 1; Depends: nowhere"], ask: ["a"] },
    "a cannot be added: a -> b -> c -> d 1 needs nowhere, but no archive has nowhere",
  ],
  [
    "it breaks who needs it",
    { archive: ["a 1; Depends: b", "b 1; Breaks: a"], ask: ["a"] },
    "a cannot be added: a 1 needs b, but b 1 cannot be installed with a 1, which is to be added, as b breaks a",
  ],
  [
    "for any architecture",
    { archive: ["a 1; Depends: b:any", "b 1"], ask: ["a"] },
    "a cannot be added: a 1 needs b:any, but b 1 is not Multi-Arch: allowed",
  ],
  [
    "of another architecture",
    { archive: ["a 1; Depends: b:arm64", "b 1"], ask: ["a"] },
    "a cannot be added: a 1 needs b:arm64, but b 1 is for amd64",
  ],
  [
    "many alternatives, of which the first are told",
    { archive: [`a 1; Depends: ${Array.from({ length: 9 }, (_, at) => `x${at}`).join(" | ")}`], ask: ["a"] },
    "a cannot be added: a 1 needs x0 | x1 | x2 | x3 | x4 | x5 | x6 | x7 | x8, but no archive has x0; no archive has x1; no archive has x2; " +
      "no archive has x3; no archive has x4; no archive has x5; 3 more do not fit",
  ],
  [
    "a version that nobody has",
    { archive: ["a 1"], base: ["a 0"], ask: ["a=2"] },
    "a is not available in version 2, only in 0 (the base's), 1",
  ],
  ["a name that nobody has, with a version", { archive: ["a 1"], ask: ["b=2"] }, "no archive has a package b"],
];

describe("the reason in one line", () => {
  for (const [what, made, message] of table)
    it(what, () => {
      expect(messageOf(made)).to.equal(message);
    });
});

describe("nearest names", () => {
  it("by edits, then longer names with the same beginning", () => {
    const names = ["libssl3", "libssl-dev", "libssh2-1", "openssl", "libss2"];
    expect(findNearest("libssl", names)).to.deep.equal(["libssl3", "libss2", "libssl-dev"]);
    expect(findNearest("zzzzzz", names)).to.deep.equal([]);
  });

  it("counts insertions, deletions, replacements and swaps", () => {
    expect(measureDistance("abc", "abc", 3)).to.equal(0);
    expect(measureDistance("abc", "acb", 3)).to.equal(1);
    expect(measureDistance("abc", "ab", 3)).to.equal(1);
    expect(measureDistance("abc", "xbcd", 3)).to.equal(2);
    expect(measureDistance("abcdef", "uvwxyz", 2)).to.be.above(2);
  });
});

import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { measureDistance, findNearest } from "../../../provider/packages/nearest.js";
import { resolveMade, type MadeCase } from "../../support/apt/made-archive.js";

function messageOf(made: MadeCase): string {
  try {
    resolveMade(made);
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail("nothing was refused");
}

describe("what is said of a request that cannot be met", () => {
  it("the chain of who needs what, and what there is not", () => {
    const archive = ["a 1; Depends: b", "b 1; Depends: c (>= 2)", "c 1"];
    assert.equal(messageOf({ archive, ask: ["a"] }), "a cannot be added: a -> b 1 needs c (>= 2), but the candidate is c 1");
    assert.equal(
      messageOf({ archive: archive.slice(0, 2), ask: ["a"] }),
      "a cannot be added: a -> b 1 needs c (>= 2), but no archive has c",
    );
  });

  it("each alternative, and why not", () => {
    const archive = ["a 1; Depends: x | y | z (>= 2)", "x 1; Depends: deep", "deep 1; Depends: nowhere", "y 1; Conflicts: in-base", "z 1"];
    assert.equal(
      messageOf({ archive, base: ["in-base 3"], ask: ["a"] }),
      "a cannot be added: a 1 needs x | y | z (>= 2), but x -> deep 1 needs nowhere, but no archive has nowhere; " +
        "y 1 cannot be with in-base 3, which is in the base, as y conflicts with in-base; the candidate is z 1",
    );
  });

  it("a forbidden package, by the chain that needs it", () => {
    const archive = ["a 1; Depends: b", "b 1; Depends: c", "c 1"];
    assert.equal(messageOf({ archive, ask: ["a", "!c"] }), "a cannot be added: a -> b 1 needs c, but c 1 is forbidden by packages[1]");
    assert.equal(messageOf({ archive, ask: ["a", "!a"] }), "a is asked for, and packages[1] forbids it");
  });

  it("a virtual package in no such version", () => {
    const archive = ["a 1; Depends: v (>= 3)", "p 1; Provides: v (= 2)"];
    assert.equal(
      messageOf({ archive, ask: ["a"] }),
      "a cannot be added: a 1 needs v (>= 3), but v is provided in no such version (by p 1)",
    );
  });

  it("the nearest names of one that is unknown", () => {
    assert.throws(() => resolveMade({ archive: ["python3 1", "cython3 1", "perl 1"], ask: ["pyton3"] }), {
      code: "not-found",
      message: "no archive has a package pyton3",
      hint: "Did you mean python3, cython3?",
      property: "packages[0]",
    });
  });
});

describe("nearest names", () => {
  it("by edits, then longer names with the same beginning", () => {
    const names = ["libssl3", "libssl-dev", "libssh2-1", "openssl", "libss2"];
    assert.deepEqual(findNearest("libssl", names), ["libssl3", "libss2", "libssl-dev"]);
    assert.deepEqual(findNearest("zzzzzz", names), []);
  });

  it("counts insertions, deletions, replacements and swaps", () => {
    assert.equal(measureDistance("abc", "abc", 3), 0);
    assert.equal(measureDistance("abc", "acb", 3), 1);
    assert.equal(measureDistance("abc", "ab", 3), 1);
    assert.equal(measureDistance("abc", "xbcd", 3), 2);
    assert.ok(measureDistance("abcdef", "uvwxyz", 2) > 2);
  });
});

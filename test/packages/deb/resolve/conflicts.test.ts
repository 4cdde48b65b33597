import { describe, it } from "mocha";
import { added, resolveMade } from "../../../support/apt/made-archive.js";
import { expect } from "../../../support/expectations.js";

describe("Conflicts and Breaks", () => {
  const refused = (archive: readonly string[], base: readonly string[], message: string, ask = ["a"]): void => {
    expect(() => resolveMade({ archive, base, ask })).to.throwError({ code: "conflict", message, property: "packages[0]" });
  };

  it("of an added package with one of the base are an error that names both", () => {
    refused(["a 1; Conflicts: x"], ["x 7"], "a 1 cannot be installed with x 7, which is in the base, as a conflicts with x");
    refused(
      ["a 1; Depends: b", "b 2; Breaks: x (<< 8)"],
      ["x 7"],
      "a cannot be added: a 1 needs b, but b 2 cannot be installed with x 7, which is in the base, as b breaks x (<< 8)",
    );
  });

  it("of a package of the base with an added one are an error too", () => {
    refused(["a 1"], ["x 7; Breaks: a (<< 2)"], "a 1 cannot be installed with x 7, which is in the base, as x breaks a (<< 2)");
    expect(added({ archive: ["a 2"], base: ["x 7; Breaks: a (<< 2)"], ask: ["a"] })).to.deep.equal(["a 2"]);
  });

  it("of two requested packages are an error", () => {
    expect(() => resolveMade({ archive: ["a 1", "b 1; Conflicts: a"], ask: ["a", "b"] })).to.throwError({
      message: "b 1 cannot be installed with a 1, which is to be added, as b conflicts with a",
      property: "packages[1]",
    });
  });

  it("apply to what a package provides, but never to itself", () => {
    const mta = ["exim 1; Provides: mta; Conflicts: mta; Replaces: mta", "postfix 1; Provides: mta; Conflicts: mta; Replaces: mta"];
    expect(added({ archive: mta, ask: ["exim"] })).to.deep.equal(["exim 1"]);
    refused(
      mta,
      ["postfix 1; Provides: mta; Conflicts: mta"],
      "exim 1 cannot be installed with postfix 1, which is in the base, as exim conflicts with mta",
      ["exim"],
    );
  });

  it("with a version do not apply to a name that is provided without one", () => {
    expect(added({ archive: ["a 1; Conflicts: v (<< 9)"], base: ["p 1; Provides: v"], ask: ["a"] })).to.deep.equal(["a 1"]);
    refused(
      ["a 1; Conflicts: v (<< 9)"],
      ["p 1; Provides: v (= 2)"],
      "a 1 cannot be installed with p 1, which is in the base, as a conflicts with v (<< 9)",
    );
  });

  it("Replaces alone excludes nothing", () => {
    expect(added({ archive: ["a 1; Replaces: x"], base: ["x 1"], ask: ["a"] })).to.deep.equal(["a 1"]);
  });

  it("send the search to another alternative, back across packages", () => {
    const archive = ["a 1; Depends: m, n", "m 1; Depends: x | y", "n 1; Depends: o", "o 1; Conflicts: x", "x 1", "y 1"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["o 1", "n 1", "y 1", "m 1", "a 1"]);
  });
});

describe("bounded search", () => {
  it("a package without a solution is tried once, however many need it", () => {
    // 2^40 ways without it.
    const links = Array.from({ length: 40 }, (_, at) => `l${at} 1; Depends: l${at + 1} | m${at + 1}`);
    const others = Array.from({ length: 40 }, (_, at) => `m${at + 1} 1; Depends: l${at + 1}`);
    const archive = [...links, ...others, "l40 1; Depends: nowhere"];
    expect(() => resolveMade({ archive, ask: ["l0"], maxTries: 1000 })).to.throwError({
      code: "conflict",
      message: /^l0 cannot be added: /,
    });
  });

  it("choices that have no part in a dead end are skipped", () => {
    const choices = Array.from({ length: 40 }, (_, at) => [`x${at} 1`, `y${at} 1`]).flat();
    const needs = Array.from({ length: 40 }, (_, at) => `x${at} | y${at}`).join(", ");
    const archive = [`a 1; Depends: p | q, ${needs}, last`, "p 1", "q 1", "last 1; Conflicts: p, q", ...choices];
    expect(() => resolveMade({ archive, ask: ["a"], maxTries: 1000 })).to.throwError({ code: "conflict" });
  });

  it("gives up with an error of its own", () => {
    // Pigeons: nine of them in eight holes.
    const holes = Array.from({ length: 8 }, (_, hole) => hole);
    const pigeons = Array.from({ length: 9 }, (_, pigeon) => pigeon);
    const archive = [
      `a 1; Depends: ${pigeons.map((pigeon) => holes.map((hole) => `p${pigeon}h${hole}`).join(" | ")).join(", ")}`,
      ...pigeons.flatMap((pigeon) => holes.map((hole) => `p${pigeon}h${hole} 1; Provides: hole${hole}; Conflicts: hole${hole}`)),
    ];
    expect(() => resolveMade({ archive, ask: ["a"], maxTries: 5000 })).to.throwError({
      code: "limit",
      message: "a: no solution after trying 5000 packages",
    });
  });

  it("the last by name is taken of a great many equal providers", () => {
    const archive = ["a 1; Depends: v", ...Array.from({ length: 5000 }, (_, at) => `p${10_000 - at} 1; Provides: v; Depends: a`)];
    expect(resolveMade({ archive, ask: ["a"] }).added.map(({ name }) => name)).to.deep.equal(["a", "p9999"]);
  });

  it("many cycles and alternatives come to an answer", () => {
    const all = Array.from({ length: 60 }, (_, at) => `n${at}`);
    const archive = all.map(
      (name, at) => `${name} 1; Depends: ${all.map((_, step) => all[(at + step) % 60] ?? "").join(" | ")}, n${(at + 1) % 60}`,
    );
    expect(resolveMade({ archive, ask: ["n0"] }).added.length).to.equal(60);
    const versions = Array.from({ length: 300 }, (_, at) => `x ${at}; Depends: x (= ${at + 1}) | y`);
    expect(() => resolveMade({ archive: [...versions, "y 1; Breaks: x"], ask: ["x"], maxTries: 1000 })).to.throwError({ code: "conflict" });
  });

  it("a deep chain of packages does not need a deep stack", () => {
    const archive = Array.from({ length: 3000 }, (_, at) => `n${at} 1; Depends: n${at + 1}`).concat("n3000 1");
    expect(resolveMade({ archive, ask: ["n0"] }).added.length).to.equal(3001);
  });
});

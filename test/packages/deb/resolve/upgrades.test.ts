import { describe, it } from "mocha";
import { MAX_KEPT_BACK } from "../../../../provider/packages/deb/resolve/upgrade.js";
import { added, madeArchive, resolveMade } from "../../../support/apt/made-archive.js";
import { expect } from "../../../support/expectations.js";

describe("an upgrade of a Debian base", () => {
  const archive = ["x 2", "y 2; Depends: n", "n 1", "z 1"];
  const base = ["x 1", "y 1", "z 1"];
  const upgrade = "all";

  it("takes everything that is newer, and what that needs, and marks none of it as requested", () => {
    const { added: found, notices } = resolveMade({ archive, base, ask: [], upgrade });
    expect(found.map(({ name, version, requested }) => `${name} ${version} ${String(requested)}`)).to.deep.equal([
      "n 1 false",
      "x 2 false",
      "y 2 false",
    ]);
    expect(notices.map(({ message }) => message)).to.deep.equal([
      "x of the base is upgraded from 1 to 2, by upgradeInstalled",
      "y of the base is upgraded from 1 to 2, by upgradeInstalled",
    ]);
  });

  it("leaves what is on hold, forbidden, or newer in the base", () => {
    const some = ["x 1; Status: hold ok installed", "y 1", "z 2"];
    expect(added({ archive: [...archive, "w 1"], base: some, ask: ["!y", "w"], upgrade })).to.deep.equal(["w 1"]);
  });

  it("keeps back a bounded number of packages", () => {
    const some = (count: number, line: (at: number) => string): readonly string[] => Array.from({ length: count }, (_, at) => line(at));
    const upgradeOf = (count: number) =>
      resolveMade({
        archive: some(count, (at) => `p${String(at)} 2; Depends: nowhere`),
        base: some(count, (at) => `p${String(at)} 1`),
        ask: [],
        upgrade,
      });
    expect(upgradeOf(MAX_KEPT_BACK).notices.length).to.equal(MAX_KEPT_BACK);
    expect(() => upgradeOf(MAX_KEPT_BACK + 1)).to.throwError({ code: "limit", message: /^more than 100 packages of the base cannot be/ });
  });

  it("takes the version that a request names", () => {
    expect(added({ archive: ["x 2", "x 3"], base: ["x 1"], ask: ["x=2"], upgrade })).to.deep.equal(["x 2"]);
  });

  it("with held versions takes these alone, and one that is gone is an error", () => {
    const held = { x: "2" };
    expect(added({ archive: ["x 2", "x 3", "y 2"], base, ask: [], held, upgrade: "held" })).to.deep.equal(["x 2"]);
    expect(() => added({ archive: ["x 3", "y 2"], base, ask: [], held, upgrade: "held" })).to.throwError({
      code: "not-found",
      property: "resolution",
      message: "no archive has x 2, the held version, only 3",
    });
  });
});

describe("packages of the base", () => {
  const archive = ["a 1; Depends: x (>= 2)", "x 2"];

  it("are kept, even if the archive has newer ones", () => {
    expect(added({ archive: ["a 1; Depends: x", "x 2"], base: ["x 1"], ask: ["a"] })).to.deep.equal(["a 1"]);
    expect(added({ archive, base: ["x 1"], ask: ["x"] })).to.deep.equal([]);
  });

  it("are an error if a newer one is needed and no archive has it", () => {
    expect(() => resolveMade({ archive: ["a 1; Depends: x (>= 2)"], base: ["x 1"], ask: ["a"] })).to.throwError({
      message: "a cannot be added: a 1 needs x (>= 2), but the base has x 1",
    });
  });

  it("are upgraded where a dependency needs it, with a notice", () => {
    const { added: found, notices } = resolveMade({ archive, base: ["x 1"], ask: ["a"] });
    expect(found.map(({ name, version }) => `${name} ${version}`)).to.deep.equal(["x 2", "a 1"]);
    expect(notices).to.deep.equal([{ kind: "upgraded", message: "x of the base is upgraded from 1 to 2, for a -> x", package: "x" }]);
  });

  it("are upgraded where an added package breaks the old version", () => {
    const breaks = ["a 1; Breaks: x (<< 2)", "x 2"];
    expect(added({ archive: breaks, base: ["x 1"], ask: ["a"] })).to.deep.equal(["a 1", "x 2"]);
    expect(() => resolveMade({ archive: ["a 1; Breaks: x (<< 3)", "x 2"], base: ["x 1"], ask: ["a"] })).to.throwError({
      message:
        "a cannot be added: a 1 cannot be installed with x 1 of the base, as a breaks x (<< 3), but x 2 cannot be installed with a 1, which is to be added, as a breaks x (<< 3)",
    });
  });

  it("are upgraded along with a package that they need in the same version", () => {
    const pair = ["a 1; Depends: x (>= 2)", "x 2", "y 2; Depends: x (= 2)"];
    expect(added({ archive: pair, base: ["x 1", "y 1; Depends: x (= 1)"], ask: ["a"] })).to.deep.equal(["x 2", "a 1", "y 2"]);
    const alone = ["a 1; Depends: x (>= 2)", "x 2"];
    expect(() => resolveMade({ archive: alone, base: ["x 1", "y 1; Depends: x (= 1)"], ask: ["a"] })).to.throwError({
      message: "a cannot be added: a -> x 2 leaves y 1 of the base without x (= 1), but the candidate is x 2",
    });
  });

  it("from one source stay together", () => {
    const libc = ["dev 2; Source: glibc; Depends: libc (= 2)", "libc 2; Source: glibc", "bin 2; Source: glibc", "other 2"];
    const base = ["libc 1; Source: glibc", "bin 1; Source: glibc", "other 1"];
    expect(added({ archive: libc, base, ask: ["dev"] })).to.deep.equal(["bin 2", "libc 2", "dev 2"]);
  });

  it("are replaced by a requested version", () => {
    const versions = ["x 2", "x 3; Depends: y", "y 1"];
    expect(added({ archive: versions, base: ["x 1"], ask: ["x=3"] })).to.deep.equal(["y 1", "x 3"]);
    expect(added({ archive: versions, base: ["x 1"], ask: ["x=1"] })).to.deep.equal([]);
    expect(resolveMade({ archive: versions, base: ["x 1"], ask: ["x=2"] }).notices).to.deep.equal([
      { kind: "upgraded", message: "x of the base is upgraded from 1 to 2, as requested", package: "x" },
    ]);
  });

  it("are never downgraded, even on request", () => {
    expect(() => resolveMade({ archive: ["a 1; Depends: x (<< 2)", "x 1"], base: ["x 2"], ask: ["a"] })).to.throwError({
      code: "conflict",
      message: "a cannot be added: a 1 needs x (<< 2), but the base has x 2, not 1",
    });
    expect(() => added({ archive: ["x 1"], base: ["x 2"], ask: ["x=1"] })).to.throwError({
      code: "conflict",
      message: "x is requested in version 1, but the base has 2, and packages are never downgraded",
      property: "packages[0]",
    });
    const priority = [madeArchive(["x 1"], { priority: 1001 }), madeArchive(["a 1; Depends: x (<< 2)"])];
    expect(() => added({ archive: priority, base: ["x 2"], ask: ["a"] })).to.throwError({
      code: "conflict",
      message: "a cannot be added: a 1 needs x (<< 2), but the base has x 2, not 1",
    });
  });

  it("that an upgrade would take from others are given up with the choice of it alone", () => {
    const choice = ["a 2; Depends: d | f (= 2)", "d 2; Depends: v", "f 2; Depends: d"];
    expect(added({ archive: choice, base: ["f 1; Provides: v"], ask: ["a"] })).to.deep.equal(["d 2", "a 2"]);
    const only = ["a 2; Depends: b (= 1) | c", "b 2; Depends: a", "c 2; Depends: nowhere", "e 2; Depends: a | b (>= 2)"];
    expect(added({ archive: only, base: ["b 1"], ask: ["e"] })).to.deep.equal(["a 2", "e 2"]);
  });

  it("on hold stay, unless a version is requested", () => {
    const base = ["x 1; Status: hold ok installed"];
    expect(() => added({ archive, base, ask: ["a"] })).to.throwError({
      message: "a cannot be added: a 1 needs x (>= 2), but the base has x 1, on hold, not 2",
    });
    expect(added({ archive, base, ask: ["a", "x=2"] })).to.deep.equal(["x 2", "a 1"]);
  });

  it("may be forbidden: nothing is removed, and no newer one is added", () => {
    expect(added({ archive: ["a 1; Depends: x", "x 2"], base: ["x 1"], ask: ["a", "!x"] })).to.deep.equal(["a 1"]);
    expect(() => resolveMade({ archive, base: ["x 1"], ask: ["a", "!x"] })).to.throwError({
      message: "a cannot be added: a 1 needs x (>= 2), but x 2 is forbidden by packages[1]",
    });
  });
});

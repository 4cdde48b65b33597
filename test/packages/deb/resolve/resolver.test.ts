import { describe, it } from "mocha";
import { added, madeArchive, resolveMade } from "../../../support/apt/made-archive.js";
import { expect, expectThat } from "../../../support/expectations.js";

describe("Depends and Pre-Depends", () => {
  it("add what they name, dependencies first", () => {
    const archive = ["app 1; Depends: lib, data", "lib 2; Pre-Depends: core", "core 3", "data 4; Architecture: all", "other 1"];
    expect(added({ archive, ask: ["app"] })).to.deep.equal(["core 3", "data 4", "lib 2", "app 1"]);
  });

  it("add nothing that the base has", () => {
    expect(added({ archive: ["app 1; Depends: lib", "lib 2"], base: ["lib 1"], ask: ["app"] })).to.deep.equal(["app 1"]);
  });

  it("may have cycles", () => {
    const archive = ["a 1; Depends: b", "b 1; Depends: c", "c 1; Depends: a"];
    expect(added({ archive, ask: ["b"] })).to.deep.equal(["a 1", "b 1", "c 1"]);
  });

  it("are ordered within a cycle by Pre-Depends", () => {
    const archive = ["a 1; Pre-Depends: b", "b 1; Depends: a"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["b 1", "a 1"]);
  });

  it("are followed, but not Recommends and Suggests", () => {
    expect(added({ archive: ["a 1; Recommends: b; Suggests: c", "b 1", "c 1"], ask: ["a"] })).to.deep.equal(["a 1"]);
  });

  it("are followed from scratch, but not Essential and Priority", () => {
    expect(added({ archive: ["a 1", "dpkg 1; Essential: yes; Priority: required"], ask: ["a"] })).to.deep.equal(["a 1"]);
  });

  it("are met by what is assumed to be there", () => {
    const archive = ["a 1; Depends: tool (>= 9), lib", "lib 1", "tool 1"];
    expect(added({ archive, ask: ["a"], assumeInstalled: ["tool"] })).to.deep.equal(["lib 1", "a 1"]);
  });
});

describe("alternatives", () => {
  const archive = ["a 1; Depends: x | y | z", "x 1; Depends: nowhere", "y 1", "z 1"];

  it("the first that can be had is taken", () => {
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["y 1", "a 1"]);
  });

  it("one that is there already is enough", () => {
    expect(added({ archive, base: ["z 1"], ask: ["a"] })).to.deep.equal(["a 1"]);
    expect(added({ archive, ask: ["a", "z"] })).to.deep.equal(["z 1", "a 1"]);
  });

  it("one that was chosen earlier is enough", () => {
    const chosen = ["a 1; Depends: first, second", "first 1; Depends: y", "second 1; Depends: x | y", "x 1", "y 1"];
    expect(added({ archive: chosen, ask: ["a"] })).to.deep.equal(["y 1", "first 1", "second 1", "a 1"]);
  });

  it("a choice is undone where it leads to a dead end", () => {
    const late = ["a 1; Depends: x | y, last", "x 1", "y 1", "last 1; Conflicts: x"];
    expect(added({ archive: late, ask: ["a"] })).to.deep.equal(["last 1", "y 1", "a 1"]);
  });

  it("only the choice that a dead end depends on is undone", () => {
    const late = ["a 1; Depends: x | y, p | q, last", "x 1", "y 1", "p 1", "q 1", "last 1; Breaks: x"];
    expect(added({ archive: late, ask: ["a"] })).to.deep.equal(["last 1", "p 1", "y 1", "a 1"]);
  });

  it("a forbidden one is skipped", () => {
    expect(added({ archive, ask: ["a", "!y"] })).to.deep.equal(["z 1", "a 1"]);
  });

  it("dependencies of an abandoned alternative are not added", () => {
    const archive = ["a 1; Depends: x | y", "x 1; Depends: extra, nowhere", "extra 1", "y 1"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["y 1", "a 1"]);
  });
});

describe("virtual packages", () => {
  it("a package of that very name goes before those that provide it", () => {
    const archive = ["a 1; Depends: v", "p 1; Provides: v; Priority: required", "v 1"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["v 1", "a 1"]);
  });

  it("are met by a provider, by Priority and then by the one that the archive mentions last", () => {
    const archive = ["a 1; Depends: v", "q 1; Provides: v; Priority: optional", "p 1; Provides: v; Priority: optional"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["p 1", "a 1"]);
    expect(added({ archive: ["b 1; Suggests: p", ...archive], ask: ["a"] })).to.deep.equal(["q 1", "a 1"]);
    expect(added({ archive: [...archive, "c 1; Provides: v; Priority: standard"], ask: ["a"] })).to.deep.equal(["c 1", "a 1"]);
  });

  it("are met by an installed provider", () => {
    expect(added({ archive: ["a 1; Depends: v", "p 1; Provides: v"], base: ["q 1; Provides: v"], ask: ["a"] })).to.deep.equal(["a 1"]);
  });

  it("need a versioned Provides for a versioned constraint", () => {
    const archive = ["a 1; Depends: v (>= 2)", "p 9; Provides: v", "q 1; Provides: v (= 1)", "r 1; Provides: v (= 2)"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["r 1", "a 1"]);
  });

  it("can be requested if one package provides them", () => {
    const archive = ["p 1; Provides: v", "q 1; Provides: w", "r 1; Provides: w"];
    expect(added({ archive, ask: ["v"] })).to.deep.equal(["p 1"]);
    expect(() => added({ archive, ask: ["w"] })).to.throwError({ code: "not-found", message: "w is a virtual package, provided by q, r" });
    expect(added({ archive, base: ["p 1; Provides: v"], ask: ["v"] })).to.deep.equal([]);
  });
});

describe("versions", () => {
  it("epochs and tildes count", () => {
    const archive = ["a 1; Depends: x (>= 1:1), y (<< 2)", "x 1:1~rc1", "x 1:1", "x 9", "y 2~beta"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["x 1:1", "y 2~beta", "a 1"]);
  });

  it("a requested one is taken, even if there is a newer one", () => {
    expect(added({ archive: ["a 1", "a 2"], ask: ["a=1"] })).to.deep.equal(["a 1"]);
    expect(() => added({ archive: ["a 1", "a 2"], ask: ["a=3"] })).to.throwError({
      code: "not-found",
      message: "a is not available in version 3, only in 2, 1",
      property: "packages[0]",
    });
    expect(() => added({ archive: ["a 1", "a 2"], ask: ["a=1", "a=2"] })).to.throwError({ code: "conflict", property: "packages[1]" });
  });

  it("another rebuild is taken if the requested one does not exist, as architectures are rebuilt one by one", () => {
    const archive = ["a 1-2+b1", "a 1-2+b3", "a 1-20", "b 1-2", "b 1-2+b1"];
    expect(added({ archive, ask: ["a=1-2", "b=1-2"] })).to.deep.equal(["a 1-2+b3", "b 1-2"]);
    expect(added({ archive, ask: ["a=1-2+b1", "b=1-2+b9"] })).to.deep.equal(["a 1-2+b1", "b 1-2+b1"]);
    expect(added({ archive, base: ["a 1-2+b2"], ask: ["a=1-2"] })).to.deep.equal([]);
    expect(() => added({ archive, base: ["a 1-1"], ask: ["a=1-3"] })).to.throwError({
      message: "a is not available in version 1-3, only in 1-1 (the base's), 1-20, 1-2+b3, 1-2+b1",
    });
  });

  it("only the candidate counts, as with apt", () => {
    expect(() => added({ archive: ["a 1; Depends: x (<< 2)", "x 1", "x 2"], ask: ["a"] })).to.throwError({
      message: "a cannot be added: a 1 needs x (<< 2), but the candidate is x 2, not 1",
    });
    expect(added({ archive: ["a 1; Depends: x (<< 2)", "x 1", "x 2"], ask: ["a", "x=1"] })).to.deep.equal(["x 1", "a 1"]);
  });
});

describe("several archives", () => {
  const main = madeArchive(["a 1", "only-main 1"]);
  const updates = madeArchive(["a 2"], { url: "http://updates.example/" });
  const backports = madeArchive(["a 3; Depends: only-here", "only-here 3"], { priority: 100 });

  it("the highest version among the highest priority", () => {
    expect(added({ archive: [main, updates, backports], ask: ["a"] })).to.deep.equal(["a 2"]);
    expect(added({ archive: [backports, updates, main], ask: ["a"] })).to.deep.equal(["a 2"]);
  });

  it("a package that only backports has is taken from there, and so is a requested version", () => {
    expect(added({ archive: [main, backports], ask: ["only-here"] })).to.deep.equal(["only-here 3"]);
    expect(added({ archive: [main, backports], ask: ["a=3"] })).to.deep.equal(["only-here 3", "a 3"]);
  });

  it("the target release goes first", () => {
    const target = madeArchive(["a 1"], { priority: 990 });
    expect(added({ archive: [target, updates], ask: ["a"] })).to.deep.equal(["a 1"]);
  });

  it("an archive of priority 0 or less is ignored", () => {
    expect(() => added({ archive: [madeArchive(["a 1"], { priority: 0 })], ask: ["a"] })).to.throwError({ code: "not-found" });
  });

  it("the payload is where the archive has it", () => {
    const [only] = resolveMade({ archive: [main, updates], ask: ["a"] }).added;
    expect(only?.payload.url).to.equal("http://updates.example/pool/a_2.deb");
    expectThat(only !== undefined);
    expect(only.payload.checksum).to.equal(`sha256:${"0".repeat(64)}`);
    expect(only.payload.size).to.equal(1);
    expect(only.payload.source).to.equal(updates.source);
    expect(only.stanza).to.match(/^Package: a\nVersion: 2\n/);
  });

  it("the first that has a version is where it is fetched from", () => {
    const mirror = madeArchive(["a 1"], { url: "http://mirror.example" });
    expect(resolveMade({ archive: [mirror, main], ask: ["a"] }).added[0]?.payload.url).to.equal("http://mirror.example/pool/a_1.deb");
  });
});

describe("architectures", () => {
  it("packages of another one are ignored", () => {
    const archive = ["a 2; Architecture: arm64", "a 1; Architecture: all"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["a 1"]);
  });

  it("name:any is met by Multi-Arch: allowed alone", () => {
    const archive = ["a 1; Depends: x:any", "x 1; Multi-Arch: allowed"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["x 1", "a 1"]);
    for (const kind of ["foreign", "same"]) {
      expect(() => added({ archive: ["a 1; Depends: x:any", `x 1; Multi-Arch: ${kind}`], ask: ["a"] })).to.throwError({ code: "conflict" });
    }
  });

  it("name:arch is met by the image's own", () => {
    expect(added({ archive: ["a 1; Depends: x:amd64, y:native", "x 1", "y 1"], ask: ["a"] })).to.deep.equal(["x 1", "y 1", "a 1"]);
    expect(() => added({ archive: ["a 1; Depends: x:arm64", "x 1"], ask: ["a"] })).to.throwError({ code: "conflict" });
  });
});

describe("chains and flags", () => {
  it("show the requested package and the chain from it", () => {
    const archive = ["a 1; Depends: b", "b 1; Depends: c", "c 1", "d 1; Depends: c"];
    const found = resolveMade({ archive, ask: ["a", "d"] }).added.map(({ name, requested, chain }) => [name, requested, chain.join(" ")]);
    expect(found).to.deep.equal([
      ["c", false, "a b c"],
      ["b", false, "a b"],
      ["a", true, "a"],
      ["d", true, "d"],
    ]);
  });

  it("a dependency that is also requested counts as requested", () => {
    const found = resolveMade({ archive: ["a 1; Depends: b", "b 1"], ask: ["a", "b"] }).added.map(({ name, requested }) => [
      name,
      requested,
    ]);
    expect(found).to.deep.equal([
      ["b", true],
      ["a", true],
    ]);
  });
});

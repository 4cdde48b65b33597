import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { added, madeArchive, resolveMade } from "../../../support/apt/made-archive.js";

describe("Depends and Pre-Depends", () => {
  it("add what they name, dependencies first", () => {
    const archive = ["app 1; Depends: lib, data", "lib 2; Pre-Depends: core", "core 3", "data 4; Architecture: all", "other 1"];
    assert.deepEqual(added({ archive, ask: ["app"] }), ["core 3", "data 4", "lib 2", "app 1"]);
  });

  it("add nothing that the base has", () => {
    assert.deepEqual(added({ archive: ["app 1; Depends: lib", "lib 2"], base: ["lib 1"], ask: ["app"] }), ["app 1"]);
  });

  it("may have cycles", () => {
    const archive = ["a 1; Depends: b", "b 1; Depends: c", "c 1; Depends: a"];
    assert.deepEqual(added({ archive, ask: ["b"] }), ["a 1", "b 1", "c 1"]);
  });

  it("are ordered within a cycle by Pre-Depends", () => {
    const archive = ["a 1; Pre-Depends: b", "b 1; Depends: a"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["b 1", "a 1"]);
  });

  it("are followed, but not Recommends and Suggests", () => {
    assert.deepEqual(added({ archive: ["a 1; Recommends: b; Suggests: c", "b 1", "c 1"], ask: ["a"] }), ["a 1"]);
  });

  it("are followed from scratch, but not Essential and Priority", () => {
    assert.deepEqual(added({ archive: ["a 1", "dpkg 1; Essential: yes; Priority: required"], ask: ["a"] }), ["a 1"]);
  });

  it("are met by what is assumed to be there", () => {
    const archive = ["a 1; Depends: tool (>= 9), lib", "lib 1", "tool 1"];
    assert.deepEqual(added({ archive, ask: ["a"], assumeInstalled: ["tool"] }), ["lib 1", "a 1"]);
  });
});

describe("alternatives", () => {
  const archive = ["a 1; Depends: x | y | z", "x 1; Depends: nowhere", "y 1", "z 1"];

  it("the first that can be had is taken", () => {
    assert.deepEqual(added({ archive, ask: ["a"] }), ["y 1", "a 1"]);
  });

  it("one that is there already is enough", () => {
    assert.deepEqual(added({ archive, base: ["z 1"], ask: ["a"] }), ["a 1"]);
    assert.deepEqual(added({ archive, ask: ["a", "z"] }), ["z 1", "a 1"]);
  });

  it("one that was chosen earlier is enough", () => {
    const chosen = ["a 1; Depends: first, second", "first 1; Depends: y", "second 1; Depends: x | y", "x 1", "y 1"];
    assert.deepEqual(added({ archive: chosen, ask: ["a"] }), ["y 1", "first 1", "second 1", "a 1"]);
  });

  it("a choice is undone where it leads to a dead end", () => {
    const late = ["a 1; Depends: x | y, last", "x 1", "y 1", "last 1; Conflicts: x"];
    assert.deepEqual(added({ archive: late, ask: ["a"] }), ["last 1", "y 1", "a 1"]);
  });

  it("only the choice that a dead end depends on is undone", () => {
    const late = ["a 1; Depends: x | y, p | q, last", "x 1", "y 1", "p 1", "q 1", "last 1; Breaks: x"];
    assert.deepEqual(added({ archive: late, ask: ["a"] }), ["last 1", "p 1", "y 1", "a 1"]);
  });

  it("a forbidden one is skipped", () => {
    assert.deepEqual(added({ archive, ask: ["a", "!y"] }), ["z 1", "a 1"]);
  });

  it("dependencies of an abandoned alternative are not added", () => {
    const archive = ["a 1; Depends: x | y", "x 1; Depends: extra, nowhere", "extra 1", "y 1"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["y 1", "a 1"]);
  });
});

describe("virtual packages", () => {
  it("a package of that very name goes before those that provide it", () => {
    const archive = ["a 1; Depends: v", "p 1; Provides: v; Priority: required", "v 1"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["v 1", "a 1"]);
  });

  it("are met by a provider, by Priority and then by the one that the archive mentions last", () => {
    const archive = ["a 1; Depends: v", "q 1; Provides: v; Priority: optional", "p 1; Provides: v; Priority: optional"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["p 1", "a 1"]);
    assert.deepEqual(added({ archive: ["b 1; Suggests: p", ...archive], ask: ["a"] }), ["q 1", "a 1"]);
    assert.deepEqual(added({ archive: [...archive, "c 1; Provides: v; Priority: standard"], ask: ["a"] }), ["c 1", "a 1"]);
  });

  it("are met by an installed provider", () => {
    assert.deepEqual(added({ archive: ["a 1; Depends: v", "p 1; Provides: v"], base: ["q 1; Provides: v"], ask: ["a"] }), ["a 1"]);
  });

  it("need a versioned Provides for a versioned constraint", () => {
    const archive = ["a 1; Depends: v (>= 2)", "p 9; Provides: v", "q 1; Provides: v (= 1)", "r 1; Provides: v (= 2)"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["r 1", "a 1"]);
  });

  it("can be requested if one package provides them", () => {
    const archive = ["p 1; Provides: v", "q 1; Provides: w", "r 1; Provides: w"];
    assert.deepEqual(added({ archive, ask: ["v"] }), ["p 1"]);
    assert.throws(() => added({ archive, ask: ["w"] }), { code: "not-found", message: "w is a virtual package, provided by q, r" });
    assert.deepEqual(added({ archive, base: ["p 1; Provides: v"], ask: ["v"] }), []);
  });
});

describe("versions", () => {
  it("epochs and tildes count", () => {
    const archive = ["a 1; Depends: x (>= 1:1), y (<< 2)", "x 1:1~rc1", "x 1:1", "x 9", "y 2~beta"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["x 1:1", "y 2~beta", "a 1"]);
  });

  it("a requested one is taken, even if there is a newer one", () => {
    assert.deepEqual(added({ archive: ["a 1", "a 2"], ask: ["a=1"] }), ["a 1"]);
    assert.throws(() => added({ archive: ["a 1", "a 2"], ask: ["a=3"] }), {
      code: "not-found",
      message: "a is not available in version 3, only in 2, 1",
      property: "packages[0]",
    });
    assert.throws(() => added({ archive: ["a 1", "a 2"], ask: ["a=1", "a=2"] }), { code: "conflict", property: "packages[1]" });
  });

  it("another rebuild is taken if the requested one does not exist, as architectures are rebuilt one by one", () => {
    const archive = ["a 1-2+b1", "a 1-2+b3", "a 1-20", "b 1-2", "b 1-2+b1"];
    assert.deepEqual(added({ archive, ask: ["a=1-2", "b=1-2"] }), ["a 1-2+b3", "b 1-2"]);
    assert.deepEqual(added({ archive, ask: ["a=1-2+b1", "b=1-2+b9"] }), ["a 1-2+b1", "b 1-2+b1"]);
    assert.deepEqual(added({ archive, base: ["a 1-2+b2"], ask: ["a=1-2"] }), []);
    assert.throws(() => added({ archive, base: ["a 1-1"], ask: ["a=1-3"] }), {
      message: "a is not available in version 1-3, only in 1-1 (the base's), 1-20, 1-2+b3, 1-2+b1",
    });
  });

  it("only the candidate counts, as with apt", () => {
    assert.throws(() => added({ archive: ["a 1; Depends: x (<< 2)", "x 1", "x 2"], ask: ["a"] }), {
      message: "a cannot be added: a 1 needs x (<< 2), but the candidate is x 2, not 1",
    });
    assert.deepEqual(added({ archive: ["a 1; Depends: x (<< 2)", "x 1", "x 2"], ask: ["a", "x=1"] }), ["x 1", "a 1"]);
  });
});

describe("several archives", () => {
  const main = madeArchive(["a 1", "only-main 1"]);
  const updates = madeArchive(["a 2"], { url: "http://updates.example/" });
  const backports = madeArchive(["a 3; Depends: only-here", "only-here 3"], { priority: 100 });

  it("the highest version among the highest priority", () => {
    assert.deepEqual(added({ archive: [main, updates, backports], ask: ["a"] }), ["a 2"]);
    assert.deepEqual(added({ archive: [backports, updates, main], ask: ["a"] }), ["a 2"]);
  });

  it("a package that only backports has is taken from there, and so is a requested version", () => {
    assert.deepEqual(added({ archive: [main, backports], ask: ["only-here"] }), ["only-here 3"]);
    assert.deepEqual(added({ archive: [main, backports], ask: ["a=3"] }), ["only-here 3", "a 3"]);
  });

  it("the target release goes first", () => {
    const target = madeArchive(["a 1"], { priority: 990 });
    assert.deepEqual(added({ archive: [target, updates], ask: ["a"] }), ["a 1"]);
  });

  it("an archive of priority 0 or less is ignored", () => {
    assert.throws(() => added({ archive: [madeArchive(["a 1"], { priority: 0 })], ask: ["a"] }), { code: "not-found" });
  });

  it("the payload is where the archive has it", () => {
    const [only] = resolveMade({ archive: [main, updates], ask: ["a"] }).added;
    assert.equal(only?.payload.url, "http://updates.example/pool/a_2.deb");
    assert.equal(only.payload.checksum, `sha256:${"0".repeat(64)}`);
    assert.equal(only.payload.size, 1);
    assert.equal(only.payload.source, updates.source);
    assert.match(only.stanza, /^Package: a\nVersion: 2\n/);
  });

  it("the first that has a version is where it is fetched from", () => {
    const mirror = madeArchive(["a 1"], { url: "http://mirror.example" });
    assert.equal(resolveMade({ archive: [mirror, main], ask: ["a"] }).added[0]?.payload.url, "http://mirror.example/pool/a_1.deb");
  });
});

describe("architectures", () => {
  it("packages of another one are ignored", () => {
    const archive = ["a 2; Architecture: arm64", "a 1; Architecture: all"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["a 1"]);
  });

  it("name:any is met by Multi-Arch: allowed alone", () => {
    const archive = ["a 1; Depends: x:any", "x 1; Multi-Arch: allowed"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["x 1", "a 1"]);
    for (const kind of ["foreign", "same"]) {
      assert.throws(() => added({ archive: ["a 1; Depends: x:any", `x 1; Multi-Arch: ${kind}`], ask: ["a"] }), { code: "conflict" });
    }
  });

  it("name:arch is met by the image's own", () => {
    assert.deepEqual(added({ archive: ["a 1; Depends: x:amd64, y:native", "x 1", "y 1"], ask: ["a"] }), ["x 1", "y 1", "a 1"]);
    assert.throws(() => added({ archive: ["a 1; Depends: x:arm64", "x 1"], ask: ["a"] }), { code: "conflict" });
  });
});

describe("chains and flags", () => {
  it("show the requested package and the chain from it", () => {
    const archive = ["a 1; Depends: b", "b 1; Depends: c", "c 1", "d 1; Depends: c"];
    const found = resolveMade({ archive, ask: ["a", "d"] }).added.map(({ name, requested, chain }) => [name, requested, chain.join(" ")]);
    assert.deepEqual(found, [
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
    assert.deepEqual(found, [
      ["b", true],
      ["a", true],
    ]);
  });
});

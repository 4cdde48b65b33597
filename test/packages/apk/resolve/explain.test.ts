import { describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { resolveMade, type MadeCase } from "../../../support/apk/made-case.js";
import { expect } from "../../../support/expectations.js";

function refusal(made: MadeCase): string {
  try {
    const { added } = resolveMade(made);
    throw new Error(`it adds ${added.map(({ name }) => name).join(" ")}`);
  } catch (thrown) {
    if (thrown instanceof DhiError) return `${thrown.code}, ${thrown.describe()}`;
    throw thrown;
  }
}

const hint = "Request another version, name an alternative that fits, or list in assumeInstalled what the image does not need";

describe("a request without a solution is explained", () => {
  it("with similar names, for an unknown one", () => {
    const archive = ["openssl-dev 3", "curl 8", "curl-dev 8"];
    expect(refusal({ archive, ask: ["curl", "opensl-dev"] })).to.equal(
      "not-found, packages[1]: no archive has a package opensl-dev. Did you mean openssl-dev?",
    );
    expect(refusal({ archive, ask: ["zzzzzzzz"] })).to.equal(
      "not-found, packages[0]: no archive has a package zzzzzzzz. Check that packageSources has the archive that it is in",
    );
  });

  it("with the available versions", () => {
    expect(refusal({ archive: ["curl 8-r1", "curl 8-r2"], ask: ["curl=9"] })).to.equal(
      "not-found, packages[0]: there is no curl=9: curl is available in 8-r1, 8-r2. Write curl or one of these versions",
    );
  });

  it("with the chain of dependencies", () => {
    const archive = ["app 1; D: lib", "lib 1; D: core>=2", "core 1"];
    expect(refusal({ archive, ask: ["app"] })).to.equal(
      `conflict, packages[0]: app cannot be added: app 1 needs lib, but lib 1 needs core>=2, but there is only core 1. ${hint}`,
    );
    expect(refusal({ archive: ["app 1; D: nothing"], ask: ["app"] })).to.equal(
      `conflict, packages[0]: app cannot be added: app 1 needs nothing, but no archive has nothing. ${hint}`,
    );
  });

  it("with the property that forbids it", () => {
    const archive = ["app 1; D: shell", "shell 1"];
    expect(refusal({ archive, ask: ["!shell", "app"] })).to.equal(
      `conflict, packages[1]: app cannot be added: app 1 needs shell, but shell 1 is forbidden by packages[0]. ${hint}`,
    );
    expect(refusal({ archive, ask: ["shell", "!shell"] })).to.equal(
      "conflict, packages[1]: shell is forbidden, and shell is requested by packages[0]. Keep one of the two",
    );
    expect(refusal({ archive: ["a 1", "a 2"], ask: ["a=1", "a=2"] })).to.equal(
      "conflict, packages[1]: a=2 is requested, and a=1 is requested by packages[0]. Keep one of the two",
    );
  });

  it("with what it conflicts with", () => {
    expect(refusal({ archive: ["a 1; D: !b", "b 1"], ask: ["a", "b"] })).to.match(
      /^conflict, packages\[0\]: a cannot be added: a 1 conflicts with b, which b 1 is\./,
    );
    expect(refusal({ archive: ["a 1; D: c<2", "b 1; D: c>=2", "c 1", "c 2"], ask: ["a", "b"] })).to.match(
      /^conflict, packages\[[01]\]: .*c 2 is not c<2, which a 1 needs|c 1 is not c>=2, which b 1 needs/,
    );
  });

  it("with what the base's world wants", () => {
    expect(refusal({ archive: ["lib 2", "app 1; D: lib=2"], base: ["lib 1"], world: "lib=1", ask: ["app"] })).to.match(
      /^conflict, packages\[0\]: app cannot be added: app 1 needs lib=2, but lib 2 is not lib=1, which the base's world needs/,
    );
  });

  it("with the package of the base that is in the way", () => {
    const base = ["git 2; D: curl-lib", "curl-lib 8", "sh 1"];
    expect(refusal({ archive: ["app 1"], base, world: "git sh", ask: ["app", "!git"] })).to.equal(
      "conflict, packages[1]: git 2 of the base would have to be removed: git 2 is forbidden by packages[1]. Packages of a base are never removed: request packages that can be installed beside them",
    );
    expect(refusal({ archive: ["app 1; D: !curl-lib"], base, world: "git sh", ask: ["app"] })).to.match(
      /^conflict, packages\[0\]: app cannot be added: app 1 conflicts with curl-lib, which curl-lib 8 is/,
    );
  });

  it("briefly, however many reasons there are", () => {
    const many = Array.from({ length: 40 }, (_, at) => `p${String(at)} 1; p: x=1; D: missing${String(at)}`);
    const text = refusal({ archive: ["app 1; D: x", ...many], ask: ["app"] });
    expect(text.length, text).to.be.below(1500);
    const deep = Array.from({ length: 40 }, (_, at) => `d${String(at)} 1; D: d${String(at + 1)}`);
    expect(refusal({ archive: deep, ask: ["d0"] }).length).to.be.below(1500);
  });
});

describe("an entangled archive", () => {
  it("ends with a solution or a limit", () => {
    const layers = 60;
    const archive = Array.from({ length: layers }, (_, layer) =>
      ["a", "b", "c"].map((one) => `${one}${String(layer)} 1; p: v${String(layer)}=1; D: v${String(layer + 1)}`),
    ).flat();
    expect(refusal({ archive, ask: ["v0"] })).to.match(/^conflict, /);
    expect(resolveMade({ archive: [...archive, `end 1; p: v${String(layers)}=1`], ask: ["v0"] }).added.length).to.equal(layers + 1);
    expect(refusal({ archive, ask: ["v0"], maxSteps: 500 })).to.match(/^limit, these packages have too many dependencies/);
  });

  it("may have a chain longer than the stack is deep", () => {
    const length = 5000;
    const archive = Array.from({ length }, (_, at) => `p${String(at)} 1${at + 1 < length ? `; D: p${String(at + 1)}` : ""}`);
    expect(resolveMade({ archive, ask: ["p0"] }).added.length).to.equal(length);
  });
});

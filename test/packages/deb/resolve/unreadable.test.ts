import { describe, it } from "mocha";
import { added } from "../../../support/apt/made-archive.js";
import { expect } from "../../../support/expectations.js";

describe("stanzas that cannot be read", () => {
  const bad = [
    "a 2; Depends: b c",
    "a 1",
    "only 1; Conflicts: (",
    "p 1; Provides: v | w",
    "q 1; Provides: v",
    "r 1; Depends: only | q",
    "s 1; Depends: only",
  ];

  it("are ignored if there is another", () => {
    expect(added({ archive: bad, ask: ["a"] })).to.deep.equal(["a 1"]);
    expect(added({ archive: bad, ask: ["v"] })).to.deep.equal(["q 1"]);
    expect(added({ archive: bad, ask: ["r"] })).to.deep.equal(["q 1", "r 1"]);
  });

  it("are reported where they are requested or needed", () => {
    expect(() => added({ archive: bad, ask: ["only"] })).to.throwError({
      code: "invalid",
      message: 'only cannot be read from its archive: Conflicts of only 1: "(" is not a valid dependency',
      property: "packages[0]",
    });
    expect(() => added({ archive: bad, ask: ["s"] })).to.throwError({
      code: "conflict",
      message: 's cannot be added: s 1 needs only, but only cannot be read: Conflicts of only 1: "(" is not a valid dependency',
    });
  });
});

import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { added } from "../../../support/apt/made-archive.js";

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
    assert.deepEqual(added({ archive: bad, ask: ["a"] }), ["a 1"]);
    assert.deepEqual(added({ archive: bad, ask: ["v"] }), ["q 1"]);
    assert.deepEqual(added({ archive: bad, ask: ["r"] }), ["q 1", "r 1"]);
  });

  it("are reported where they are requested or needed", () => {
    assert.throws(() => added({ archive: bad, ask: ["only"] }), {
      code: "invalid",
      message: 'only cannot be read from its archive: Conflicts of only 1: "(" is not a valid dependency',
      property: "packages[0]",
    });
    assert.throws(() => added({ archive: bad, ask: ["s"] }), {
      code: "conflict",
      message: 's cannot be added: s 1 needs only, but only cannot be read: Conflicts of only 1: "(" is not a valid dependency',
    });
  });
});

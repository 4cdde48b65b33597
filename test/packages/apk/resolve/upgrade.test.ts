import { describe, it } from "mocha";
import { added, resolveMade } from "../../../support/apk/made-case.js";
import { expect } from "../../../support/expectations.js";

const upgrade = "all";

describe("an upgrade of an Alpine base", () => {
  const archive = ["x 2", "y 2; D: n", "n 1", "z 1"];
  const base = ["x 1", "y 1", "z 1"];

  it("takes everything that is newer, also what world does not name, and what that needs", () => {
    expect(added({ archive, base, ask: [], upgrade })).to.deep.equal(["x 2", "n 1", "y 2"]);
    expect(added({ archive, base, world: "z", ask: [], upgrade })).to.have.members(["x 2", "n 1", "y 2"]);
    expect(added({ archive, base, ask: [] })).to.deep.equal([]);
  });

  it("says what it upgrades, and marks none of it as requested", () => {
    const { added: found, notices } = resolveMade({ archive, base, ask: [], upgrade });
    expect(notices.map(({ kind, message }) => `${kind}: ${message}`)).to.deep.equal([
      "upgraded: x of the base is upgraded from 1 to 2, by upgradeInstalled",
      "upgraded: y of the base is upgraded from 1 to 2, by upgradeInstalled",
    ]);
    expect(found.filter(({ requested }) => requested)).to.deep.equal([]);
  });

  it("keeps back what does not fit, and says why", () => {
    const { added: found, notices } = resolveMade({ archive: ["x 2", "z 2"], base: ["x 1", "y 1; D: x=1", "z 1"], ask: [], upgrade });
    expect(found.map(({ name }) => name)).to.deep.equal(["z"]);
    expect(notices.filter(({ kind }) => kind === "kept-back").map(({ message }) => message)).to.deep.equal([
      "x of the base stays at 1 rather than 2: x 2 is not x=1, which y 1 needs",
    ]);
  });

  it("takes no version that a request or world excludes", () => {
    const versions = ["x 2", "x 3"];
    expect(added({ archive: versions, base: ["x 1"], ask: ["x=2"], upgrade })).to.deep.equal(["x 2"]);
    expect(added({ archive: versions, base: ["x 1"], world: "x<3", ask: [], upgrade })).to.deep.equal(["x 2"]);
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

  it("is the way out of an error where it helps, which says so", () => {
    const broken = { archive: ["c 1", "h 2"], base: ["h 1; D: cmd:y"], ask: ["c"] };
    expect(() => added(broken)).to.throwError({ code: "conflict", hint: /upgradeInstalled: true/ });
    expect(added({ ...broken, upgrade })).to.have.members(["c 1", "h 2"]);
    const hopeless = { ...broken, archive: ["c 1"] };
    expect(() => added(hopeless)).to.throwError({ code: "conflict", hint: /^(?!.*upgradeInstalled)/ });
  });
});

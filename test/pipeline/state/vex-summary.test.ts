import { describe, it } from "mocha";
import { describeVexSummary, explainVex, parseVexSummary } from "../../../provider/pipeline/state/vex-summary.js";
import { digestOf } from "../../../provider/image/digest.js";
import { expect } from "../../support/expectations.js";

const part = (statements: number, content = "same") => ({ statements, digest: digestOf(content) });
const before = { base: part(214), own: part(3) };

describe("what state says of the VEX of an image", () => {
  it("is read as it was written, and is nothing for an image of an earlier release", () => {
    expect(parseVexSummary(describeVexSummary(before))).to.deep.equal(before);
    for (const value of [undefined, null, {}, { base: { statements: "x" } }]) expect(parseVexSummary(value)).to.equal(undefined);
  });

  const table: readonly (readonly [Partial<typeof before>, readonly string[]])[] = [
    [{}, []],
    [{ base: part(221, "new") }, ["vex of the base: 214 → 221 statements"]],
    [{ base: part(1, "new") }, ["vex of the base: 214 → 1 statement"]],
    [{ base: part(214, "new") }, ["vex of the base: 214 statements, not the same as before"]],
    [{ own: part(2, "new") }, ["vex.statements: 3 → 2 statements"]],
    [{ base: part(0, "new"), own: part(4, "new") }, ["vex of the base: 214 → 0 statements", "vex.statements: 3 → 4 statements"]],
  ];
  for (const [after, reasons] of table)
    it(`gives the reasons ${JSON.stringify(reasons)}`, () => expect(explainVex(before, { ...before, ...after })).to.deep.equal(reasons));

  it("gives no reason for an image that had none: its inputs have changed", () => expect(explainVex(undefined, before)).to.deep.equal([]));
});

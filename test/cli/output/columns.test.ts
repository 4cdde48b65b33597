import { describe, it } from "mocha";
import { alignColumns } from "../../../cli/output/columns.js";
import { expect } from "../../support/expectations.js";

describe("columns", () => {
  const table: readonly (readonly [string, readonly (readonly string[])[], readonly string[]])[] = [
    ["no rows", [], []],
    ["cells of different widths", [["a", "bb", "c"], ["aaa", "b", ""]], ["a    bb  c", "aaa  b"]], // prettier-ignore
    ["rows of different lengths", [["a"], ["bb", "c"]], ["a", "bb  c"]],
    ["characters beyond the first plane", [["𝐚", "x"], ["bb", "y"]], ["𝐚   x", "bb  y"]], // prettier-ignore
  ];
  for (const [what, rows, lines] of table) it(`align ${what}`, () => expect(alignColumns(rows)).to.deep.equal(lines));
});

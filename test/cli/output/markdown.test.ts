import { describe, it } from "mocha";
import { codeSpan, COMMENT_LIMIT, fitComment, markdownTable } from "../../../cli/output/markdown.js";
import { expect } from "../../support/expectations.js";

describe("Markdown", () => {
  const spans: readonly (readonly [string, string, string])[] = [
    ["plain text", "libssl3", "`libssl3`"],
    ["nothing", " ", ""],
    ["mentions, links and HTML", "@all [x](y) <img>", "`@all [x](y) <img>`"],
    ["bars, which end the cell of a table", "a|b", "`a\\|b`"],
    ["backticks", "a``b`c", "```a``b`c```"],
    ["backticks at an end", "`a", "`` `a ``"],
    ["lines", "a\n\n| b |", "`a \\| b \\|`"],
    ["control characters", "\u001b[31m\u202e", "`\\x1b[31m\\u{202e}`"],
  ];
  for (const [what, text, expected] of spans)
    it(`shows ${what} as ${JSON.stringify(expected)}`, () => expect(codeSpan(text)).to.equal(expected));

  it("has tables", () => {
    expect(markdownTable(["a", "b"], [["1", ""]])).to.deep.equal(["| a | b |", "| --- | --- |", "| 1 |  |"]);
  });

  it("fits a comment, and says what it leaves out", () => {
    const line = "x".repeat(COMMENT_LIMIT / 4 - 1);
    expect(fitComment([line, line, line, line])).to.equal(`${[line, line, line, line].join("\n")}\n`);
    expect(fitComment([line, line, line, `${line}x`, "last"])).to.equal(
      `${[line, line, line].join("\n")}\n\n2 more lines do not fit into a comment.\n`,
    );
  });
});

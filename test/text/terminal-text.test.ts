import fc from "fast-check";
import { describe, it } from "mocha";
import { terminalText, withoutDirectives } from "../../provider/text/terminal-text.js";
import { expect } from "../support/expectations.js";

describe("a text for a terminal", () => {
  const table: readonly (readonly [string, string, string])[] = [
    ["plain words", "a b, ü 日本 👩‍👩‍👧", "a b, ü 日本 👩‍👩‍👧"],
    ["lines and tabs", "a\n\tb\n", "a\n\tb\n"],
    ["a title (OSC)", "\u001b]0;title\u0007", "\\x1b]0;title\\x07"],
    ["a colour (CSI)", "\u001b[31mred\u009b0m", "\\x1b[31mred\\x9b0m"],
    ["a carriage return", "good\rbad", "good\\x0dbad"],
    ["a NUL and a DEL", "\u0000\u007f", "\\x00\\x7f"],
    ["bidirectional marks", "\u202etxt.exe\u2066\u200f\u061c", "\\u{202e}txt.exe\\u{2066}\\u{200f}\\u{61c}"],
    ["line separators", "a\u2028b\u2029", "a\\u{2028}b\\u{2029}"],
    ["a lone surrogate", "\ud800", "\\u{d800}"],
    ["a colour of the CLI", "<{%fg 1%}>red<{%reset%}>", "<{ %fg 1%}>red<{ %reset%}>"],
    ["an unfinished one", "<{%", "<{ %"],
    ["one in another", "<{<{%%", "<{<{ %%"],
    ["one with a control character in it", "<{\u0007%boom%}>", "<{\\x07%boom%}>"],
  ];
  for (const [what, text, expected] of table)
    it(`shows ${what} as ${JSON.stringify(expected)}`, () => expect(terminalText(text)).to.equal(expected));

  it("contains nothing that a terminal would interpret, whatever the input, and is idempotent", () => {
    const piece = fc.oneof(
      fc.constantFrom("<", "{", "%", "}", ">", "<{%", "\u001b", "\u0007", "\u202e", "\ud800"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = terminalText(pieces.join(""));
        expect(text).to.not.match(/<\{%|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
        expect(text).to.not.match(/\p{Surrogate}/u);
        expect(terminalText(text)).to.equal(text);
      }),
      { numRuns: 500 },
    );
  });

  it("is unchanged except for directives where the CLI quotes it", () => {
    expect(withoutDirectives("a\u001bb<{%boom%}>")).to.equal("a\u001bb<{ %boom%}>");
  });
});

import { describe, it } from "mocha";
import { expect } from "../support/expectations.js";
import { drawTerminal } from "../support/terminal/svg.js";
import { lineText, parseTerminal, shortenDigests } from "../support/terminal/text.js";

const escape = "\x1b";
const digest = "0123456789abcdef".repeat(4);

describe("the picture of a terminal", () => {
  it("keeps colours and bold until they are reset, also over the end of a line", () => {
    const [first = [], second = []] = parseTerminal(`${escape}[38;5;3m${escape}[1ma\nb${escape}[0mc`);
    expect([...first, ...second].map(({ character, style: { color, bold } }) => [character, color, bold])).to.deep.equal([
      ["a", 3, true],
      ["b", 3, true],
      ["c", undefined, false],
    ]);
  });

  for (const [what, text] of [
    ["moves the cursor", `${escape}[2Ka`],
    ["chooses a colour beyond the palette", `${escape}[38;5;16ma`],
    ["underlines", `${escape}[4ma`],
    ["rings the bell", "\x07"],
  ] as const) {
    it(`is refused where the text ${what}`, () => {
      expect(() => parseTerminal(text)).to.throw(/cannot be drawn|is not a colour/);
    });
  }

  it("is refused where it has no colour for what the text has", () => {
    expect(() => drawTerminal(parseTerminal(`${escape}[38;5;4ma`), "blue")).to.throw(/the palette has no colour 4/);
  });

  it("shows twelve digits of each digest, and leaves shorter ones alone", () => {
    const [line = []] = parseTerminal(`"${escape}[38;5;1msha256:${digest}${escape}[0m" => "sha256:${digest}" sha256:0123`);
    expect(lineText(shortenDigests(line))).to.equal('"sha256:0123456789ab…" => "sha256:0123456789ab…" sha256:0123');
  });

  it("places each run of one style at its column, and escapes what XML reserves", () => {
    const svg = drawTerminal(parseTerminal(`  a ${escape}[38;5;2m<&>  ${escape}[0m\n\nb`), "a & b");
    expect(svg.split("\n").filter((line) => /^<(text|title)/.test(line))).to.deep.equal([
      "<title>a &amp; b</title>",
      '<text y="30" xml:space="preserve"><tspan x="32.8">a</tspan><tspan x="49.6" class="c2">&lt;&amp;&gt;</tspan></text>',
      '<text y="70" xml:space="preserve"><tspan x="16">b</tspan></text>',
    ]);
  });
});

import fc from "fast-check";
import { it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import type { Paragraph } from "../../../../provider/packages/deb/formats/control.js";
import { fieldOf, formatParagraph, parseParagraph, parseParagraphs } from "../../../../provider/packages/deb/formats/control.js";
import { expect } from "../../../support/expectations.js";

const text = `# a comment
Package: bash
Version:5.2
Description: a shell
 with a second line
# in between
 .
\tand a tab
Conffiles:
 /etc/bash.bashrc 89269e1298235f1b12b4c16e4065ad0d

  \t

Package:   curl\t
X-Empty:
`;

it("paragraphs are read with their continuation lines", () => {
  const [bash, curl, ...rest] = parseParagraphs(text, "the text");
  expect(rest).to.deep.equal([]);
  expect(Object.fromEntries(bash ?? [])).to.deep.equal({
    Package: "bash",
    Version: "5.2",
    Description: "a shell\n with a second line\n .\n\tand a tab",
    Conffiles: "\n /etc/bash.bashrc 89269e1298235f1b12b4c16e4065ad0d",
  });
  expect(Object.fromEntries(curl ?? [])).to.deep.equal({ Package: "curl", "X-Empty": "" });
  expect(fieldOf(bash ?? new Map(), "conffiles")).to.equal(bash?.get("Conffiles"));
  expect(fieldOf(bash ?? new Map(), "Depends")).to.equal(undefined);
});

const bad = [
  ["Package: a\nnonsense\n", /^the text, line 2: "nonsense" is not a valid field/],
  [" first\n", /line 1: is a continuation line/],
  ["A: 1\n\n more\n", /line 3: is a continuation line/],
  ["A: 1\nB: 2\na: 3\n", /line 3: the field a is repeated/],
  ["A: \x01\n", /line 1: has a control character/],
  ["A: 1\n \x7f\n", /line 2: has a control character/],
  ["A: 1\r\n", /line 1: has a control character/],
  ["-a: 1\n", /line 1: "-a: 1" is not a valid field/],
  [": 1\n", /line 1: ": 1" is not a valid field/],
  ["a b: 1\n", /line 1: .* is not a valid field/],
  ["\xe9: 1\n", /line 1: .* is not a valid field/],
] as const;

it("invalid deb822 is rejected with its line", () => {
  for (const [wrong, message] of bad)
    expect(() => parseParagraphs(wrong, "the text"), JSON.stringify(wrong)).to.throwError(
      (thrown) => thrown instanceof DhiError && thrown.code === "invalid" && message.test(thrown.message),
    );
});

it("a text with one paragraph is read as one", () => {
  expect(parseParagraph("\nA: 1\n", "it").get("A")).to.equal("1");
  expect(() => parseParagraph("# nothing\n\n", "it")).to.throw(/it has no fields/);
  expect(() => parseParagraph("A: 1\n\nA: 2\n", "it")).to.throw(/it has 2 paragraphs/);
});

const byte = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f);
const line = fc
  .string({ unit: byte.map((code) => String.fromCharCode(code)), maxLength: 20 })
  .map((value) => value.replace(/^ +| +$/g, ""));
const value = fc
  .tuple(line, fc.array(line, { maxLength: 3 }))
  .map(([first, more]) => [first, ...more.map((next) => ` .${next}`)].join("\n"));
const paragraph: fc.Arbitrary<Paragraph> = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Z][A-Za-z0-9-]{0,10}$/), value), {
    minLength: 1,
    maxLength: 5,
    selector: ([name]) => name.toLowerCase(),
  })
  .map((fields) => new Map(fields));

it("written paragraphs are read back, byte for byte", () => {
  fc.assert(
    fc.property(fc.array(paragraph, { maxLength: 4 }), (paragraphs) => {
      expect(parseParagraphs(paragraphs.map(formatParagraph).join("\n"), "it")).to.deep.equal(paragraphs);
      for (const one of paragraphs) expect(parseParagraph(formatParagraph(one), "it")).to.deep.equal(one);
    }),
  );
});

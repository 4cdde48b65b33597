import fc from "fast-check";
import { describe, it } from "mocha";
import { MAX_PATTERN, posixPattern } from "../../../provider/packages/scripts/patterns/posix-patterns.js";
import { matchesPattern, stripPattern } from "../../../provider/packages/scripts/patterns/shell-patterns.js";
import { expect, expectThat } from "../../support/expectations.js";

/** Pieces of patterns that mean the same in an extended one and in JavaScript. */
const piece = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "a*", "b+", "(a|b)", "(ab)*", "(a|)b", "x{2}", "^", "$", "\\.", "-");
const subject = fc.string({ unit: fc.constantFrom("a", "b", "x", ".", "-", " "), maxLength: 12 });

describe("patterns of grep, sed and awk", () => {
  it("match what JavaScript's own engine matches", () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), subject, (pieces, text) => {
        const source = pieces.join("");
        const [ours, theirs] = [posixPattern(source, { extended: true }), new RegExp(source)];
        expectThat(ours !== undefined, source);
        expect(ours.test(text), `${source} and ${text}`).to.equal(theirs.test(text));
        const marked = ours.replace(text, false, ([whole = ""]) => `<${whole}>`);
        expect(marked, `${source} and ${text}`).to.equal(text.replace(theirs, (whole: string) => `<${whole}>`));
      }),
      { numRuns: 2000 },
    );
  });

  it("are not supported with back-references, repeated anchors, or beyond the length limit", () => {
    for (const extended of [true, false]) {
      for (const pattern of ["\\(a\\)\\1", "(a)\\1", "a".repeat(MAX_PATTERN + 1)])
        expect(posixPattern(pattern, { extended }), pattern.slice(0, 20)).to.equal(undefined);
      expect(posixPattern("a".repeat(MAX_PATTERN), { extended })).to.not.equal(undefined);
    }
    for (const pattern of ["^+a", "\\b*", "a{1001}", "((a{99}){99}){99}", "(", "*a"])
      expect(posixPattern(pattern, { extended: true }), pattern).to.equal(undefined);
  });

  it("take time that grows with the text, whatever they repeat", () => {
    const text = "a".repeat(5000);
    for (const pattern of ["(a+)+$", "(a*)*b", "(a|a)*b", "(a|aa)+$"]) {
      expect(posixPattern(pattern, { extended: true })?.test(`${text}!`), pattern).to.equal(false);
    }
  });

  it("skip an empty match right after another one, as GNU sed does", () => {
    expect(posixPattern("a*", {})?.replace("baaac", true, () => "x")).to.equal("xbxcx");
  });
});

type Token =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "*" | "?" } | { readonly kind: "set"; readonly not: boolean };
const written = (token: Token): string => {
  if (token.kind === "text") return /[*?[\\]/.test(token.text) ? `\\${token.text}` : token.text;
  return token.kind === "set" ? `[${token.not ? "!" : ""}a-b]` : token.kind;
};

/** What a shell pattern means, by trying every way. */
function slowly(tokens: readonly Token[], text: string): boolean {
  const [token, ...rest] = tokens;
  if (token === undefined) return text === "";
  if (token.kind === "*") return slowly(rest, text) || (text !== "" && slowly(tokens, text.slice(1)));
  if (text === "") return false;
  const first = text.slice(0, 1);
  const fits = token.kind === "text" ? first === token.text : token.kind !== "set" || "ab".includes(first) !== token.not;
  return fits && slowly(rest, text.slice(1));
}

describe("shell patterns", () => {
  const token = fc.oneof(
    fc.constantFrom("a", "b", "c", "/", "*", "[", "\\").map((text): Token => ({ kind: "text", text })),
    fc.constantFrom<Token>({ kind: "*" }, { kind: "?" }, { kind: "set", not: true }, { kind: "set", not: false }),
  );
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "/", "*", "[", "\\"), maxLength: 7 });

  it("match and strip as a slow matcher does", () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 6 }), text, (tokens, subject) => {
        const pattern = tokens.map(written).join("");
        expect(matchesPattern(subject, pattern), `${pattern} and ${subject}`).to.equal(slowly(tokens, subject));
        const lengths = Array.from({ length: subject.length + 1 }, (_, at) => at);
        const front = lengths.filter((length) => slowly(tokens, subject.slice(0, length)));
        const back = lengths.filter((length) => slowly(tokens, subject.slice(subject.length - length)));
        const told = ["#", "##", "%", "%%"].map((operator) => stripPattern(subject, operator, pattern));
        const cut = (length = 0): string => subject.slice(0, subject.length - length);
        expect(told, pattern).to.deep.equal([
          subject.slice(front[0] ?? 0),
          subject.slice(front.at(-1) ?? 0),
          cut(back[0]),
          cut(back.at(-1)),
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it("have the classes of POSIX, and a range the wrong way round matches nothing", () => {
    expect(matchesPattern("a_1", "[[:alpha:]_][[:punct:]][[:digit:]]")).to.equal(true);
    expect(matchesPattern("1", "[[:alpha:]]")).to.equal(false);
    expect(matchesPattern("b", "[z-a]")).to.equal(false);
    expect(matchesPattern("[a", "[a")).to.equal(true);
  });

  it("take time that grows with the text", () => {
    const long = "a".repeat(50_000);
    expect(matchesPattern(long, `${"*a".repeat(25)}*b`)).to.equal(false);
    expect(stripPattern(long, "##", "*a*b")).to.equal(long);
  });
});

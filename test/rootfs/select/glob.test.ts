import fc from "fast-check";
import { describe, it } from "mocha";
import { compileGlob, isGlob, MAX_GLOB } from "../../../provider/rootfs/select/glob.js";
import { expect } from "../../support/expectations.js";

describe("globs", () => {
  const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["a", ["a"], ["", "b", "aa", "a/b", "A"]],
    ["*", ["a", "a.b", ".hidden", "ü"], ["a/b"]],
    ["a*", ["a", "ab", "a.txt"], ["ba", "a/b"]],
    ["*.so*", ["x.so", "x.so.1", ".so"], ["xso", "d/x.so"]],
    ["?", ["a", "ü", "\u{1f600}"], ["", "ab", "/"]],
    ["a?c", ["abc", "a.c"], ["ac", "a/c", "abbc"]],
    ["**", ["a", "a/b", "a/b/c", ".x/y"], []],
    ["a/**", ["a/b", "a/b/c"], ["a", "ab/c", "b/a/c"]],
    ["**/a", ["a", "x/a", "x/y/a"], ["ab", "a/x", "xa"]],
    ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "b", "a/b/x"]],
    ["a**", ["a", "ab", "abc"], ["a/b"]],
    ["**a", ["a", "ba"], ["x/a"]],
    ["a/*/c", ["a/b/c"], ["a/c", "a/b/b/c"]],
    ["[abc]", ["a", "b", "c"], ["d", "ab", ""]],
    ["[a-c]x", ["ax", "bx", "cx"], ["dx", "-x"]],
    ["[!a]", ["b", "ü", "\u{1f600}"], ["a", "", "/"]],
    ["[^a]", ["b"], ["a"]],
    ["[]]", ["]"], ["[", ""]],
    ["[!]]", ["a", "["], ["]"]],
    ["[a-]", ["a", "-"], ["b"]],
    ["[-a]", ["a", "-"], ["b"]],
    ["[.]x", [".x"], ["ax"]],
    ["[[:alpha:]]", ["a", "ü"], ["1", "ab"]],
    ["x[[:digit:]-]", ["x1", "x-"], ["xa"]],
    ["x[/]y", [], ["x/y", "xy"]],
    ["x[!a]y", ["xby"], ["x/y", "xay"]],
    ["[ö-ü]x", ["öx", "üx"], ["ax"]],
    ["\\*", ["*"], ["a", "\\*"]],
    ["\\[a\\]", ["[a]"], ["a"]],
    ["a\\\\b", ["a\\b"], ["ab"]],
    ["a.b+c(d)|e$^{1}", ["a.b+c(d)|e$^{1}"], ["axb+c(d)|e$^{1}"]],
    ["a\nb*", ["a\nb", "a\nbc\n"], ["ab"]],
    ["*", ["a\nb"], ["a\n/b"]],
    ["", [""], ["a"]],
  ];
  for (const [pattern, matching, others] of table) {
    it(`match as specified: ${JSON.stringify(pattern)}`, () => {
      const test = compileGlob(pattern);
      for (const path of matching) expect(test(path), `${pattern} matches ${path}`).to.equal(true);
      for (const path of others) expect(test(path), `${pattern} does not match ${path}`).to.equal(false);
    });
  }

  it("are rejected with the pattern and a hint when they are malformed", () => {
    for (const pattern of ["[", "[a", "[!", "[]", "[!]", "a[b/c", "x/[]"])
      expect(() => compileGlob(pattern), pattern).to.throwError({
        code: "invalid",
        message: `"${pattern}" has an unclosed bracket`,
        hint: /Close it/,
      });
    for (const pattern of ["\\", "a\\", "a\\\\\\"])
      expect(() => compileGlob(pattern)).to.throwError({ code: "invalid", message: `"${pattern}" ends with a backslash` });
    expect(() => compileGlob("[b-a]")).to.throwError({ code: "invalid", message: /range b-a, which is reversed/ });
  });

  it("take time proportional to pattern and path", () => {
    const hostile = [
      ["**/*a*a*a*b", "a".repeat(255)],
      ["**/a/**/b/**/c", "a/b/".repeat(1024)],
      ["**/*-*-*-*.js", "-".repeat(4096)],
      ["**/*test*/**/*.py", "test/".repeat(819)],
      [`${"**/*a".repeat(200)}b`, "a/".repeat(2000)],
      [`${"*a".repeat(2000)}b`, "a".repeat(4096)],
    ] as const;
    // minimatch before 11 takes polynomial time here.
    for (const [pattern, path] of hostile) expect(compileGlob(pattern)(path), pattern).to.equal(false);
  });

  it("have a maximum length", () => {
    expect(compileGlob("*".repeat(MAX_GLOB))("a")).to.equal(true);
    expect(() => compileGlob("*".repeat(MAX_GLOB + 1))).to.throwError({ code: "invalid", message: /is longer than 4096 characters/ });
  });

  it("are distinguished from plain paths", () => {
    for (const text of ["*", "a/?", "[a]", "\\a", "a/**"]) expect(isGlob(text), text).to.equal(true);
    for (const text of ["", "a", "/a/b.c", "a]b", "a{b,c}", "!a", "a+b"]) expect(isGlob(text), text).to.equal(false);
  });
});

type Token = { readonly kind: "text"; readonly text: string } | { readonly kind: "?" | "*" | "**/" | "**" } | SetToken;
interface SetToken {
  readonly kind: "set";
  readonly negated: boolean;
  readonly members: readonly string[];
}

const written = (token: Token): string => {
  if (token.kind === "text") return /[*?[\\]/.test(token.text) ? `\\${token.text}` : token.text;
  if (token.kind === "set") return `[${token.negated ? "!" : ""}${token.members.join("")}]`;
  return token.kind;
};

/** The meaning of a glob, as simply as possible: tries every way to split the path. */
function matches(tokens: readonly Token[], path: string): boolean {
  const [token, ...rest] = tokens;
  if (token === undefined) return path === "";
  const first = path.slice(0, 1);
  switch (token.kind) {
    case "text":
      return first === token.text && matches(rest, path.slice(1));
    case "?":
      return first !== "" && first !== "/" && matches(rest, path.slice(1));
    case "set":
      return first !== "" && first !== "/" && token.members.includes(first) !== token.negated && matches(rest, path.slice(1));
    case "*":
      return matches(rest, path) || (first !== "" && first !== "/" && matches(tokens, path.slice(1)));
    case "**":
      return path !== "";
    case "**/": {
      const slash = path.indexOf("/");
      return matches(rest, path) || (slash > 0 && matches(tokens, path.slice(slash + 1)));
    }
  }
}

describe("globs compared with a slow matcher", () => {
  const text = fc.constantFrom("a", "b", "c", ".", "-", "*", "?", "[", "\\").map((character): Token => ({ kind: "text", text: character }));
  const set = fc
    .tuple(fc.boolean(), fc.uniqueArray(fc.constantFrom("a", "b", "c", ".", "?", "*"), { minLength: 1, maxLength: 3 }))
    .map(([negated, members]): Token => ({ kind: "set", negated, members }));
  const piece = fc.oneof(
    { weight: 3, arbitrary: text },
    { weight: 1, arbitrary: set },
    fc.constantFrom<Token>({ kind: "?" }, { kind: "*" }),
  );
  // Two stars in a row would be read as one token.
  const partOfGlob = fc
    .array(piece, { minLength: 1, maxLength: 4 })
    .filter((tokens) => tokens.every((token, at) => token.kind !== "*" || tokens[at + 1]?.kind !== "*"));
  const isDot = (token: Token): boolean => token.kind === "text" && token.text === ".";
  const slash: Token = { kind: "text", text: "/" };
  const anyGlob = fc
    .tuple(
      fc.array(fc.oneof({ weight: 3, arbitrary: partOfGlob }, fc.constant("**" as const)), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
    )
    .map(([parts]) => parts.map((part) => (part !== "**" && part.every(isDot) && part.length < 3 ? [...part, ...part, ...part] : part)))
    .map((parts) =>
      parts.flatMap((part, at): readonly Token[] => {
        const last = at === parts.length - 1;
        if (part === "**") return [{ kind: last ? "**" : "**/" }];
        return last ? part : [...part, slash];
      }),
    );
  // The paths of a tree have no parts "." and "..", which minimatch treats specially.
  const anyName = fc
    .string({ unit: fc.constantFrom("a", "b", "c", ".", "-", "*"), minLength: 1, maxLength: 3 })
    .filter((name) => name !== "." && name !== "..");
  const anyPath = fc.array(anyName, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

  it("give the same result", () => {
    fc.assert(
      fc.property(anyGlob, fc.array(anyPath, { minLength: 1, maxLength: 12 }), (tokens, paths) => {
        const pattern = tokens.map(written).join("");
        const test = compileGlob(pattern);
        for (const path of paths) expect(test(path), `${pattern} and ${path}`).to.equal(matches(tokens, path));
      }),
      { numRuns: 600 },
    );
  });

  it("match the paths that they were derived from", () => {
    fc.assert(
      fc.property(anyPath, fc.nat(), (path, at) => {
        const plain = path.split("").map((character) => (/[*?[\\]/.test(character) ? `\\${character}` : character));
        expect(compileGlob(plain.join(""))(path)).to.equal(true);
        const wild = path.split("").map((character, index) => (character !== "/" && index % 3 === at % 3 ? "?" : (plain[index] ?? "")));
        expect(compileGlob(wild.join(""))(path)).to.equal(true);
        const parts = path.split("/");
        expect(compileGlob(["**", ...parts.slice(parts.length - 1).map(() => "*")].join("/"))(path)).to.equal(true);
      }),
    );
  });
});

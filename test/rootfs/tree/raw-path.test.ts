import fc from "fast-check";
import { it } from "mocha";
import { baseNameOf, displayPath, fromTarName, joinRaw, parentOf, toRawPath } from "../../../provider/rootfs/tree/raw-path.js";
import { expect } from "../../support/expectations.js";
import { anyPath } from "../../support/tar/entries.js";

const written: readonly (readonly [text: string, raw: string])[] = [
  ["/", ""],
  [".", ""],
  ["./", ""],
  ["/usr/bin/x", "usr/bin/x"],
  ["./usr//bin/./x//", "usr/bin/x"],
  ["a/.b/..c/d..", "a/.b/..c/d.."],
  ["é", "\xc3\xa9"],
  ["/日本", "\xe6\x97\xa5\xe6\x9c\xac"],
];

for (const [text, raw] of written) it(`toRawPath normalizes ${JSON.stringify(text)}`, () => expect(toRawPath(text)).to.equal(raw));

for (const text of ["", "..", "/a/../b", "a/..", "../a", "a\0b", "a\ud800"]) {
  it(`toRawPath rejects ${JSON.stringify(text)}`, () => expect(() => toRawPath(text)).to.throwError({ code: "invalid" }));
}

const shown: readonly (readonly [raw: string, text: string])[] = [
  ["", "/"],
  ["usr/bin/x", "/usr/bin/x"],
  ["/abs", "/abs"],
  ["\xc3\xa9", "/é"],
  ["\xf0\x9f\x98\x80", "/😀"],
  ["a\xffb\xc3", "/a\\xffb\\xc3"],
  ["\xed\xa0\x80", "/\\xed\\xa0\\x80"],
  ["\xc0\xaf", "/\\xc0\\xaf"],
  ["a\nb\x1b[0m\x7f", "/a\\x0ab\\x1b[0m\\x7f"],
  ["\xc2\x85\xe2\x80\xae\xe2\x80\xa8", "/\\x85\\u{202e}\\u{2028}"],
];

for (const [raw, text] of shown) it(`displayPath escapes ${JSON.stringify(raw)}`, () => expect(displayPath(raw)).to.equal(text));

it("paths are split and joined", () => {
  expect([parentOf("a/b/c"), baseNameOf("a/b/c"), parentOf("a"), parentOf(""), baseNameOf("")]).to.deep.equal(["a/b", "c", "", "", ""]);
  expect([joinRaw("", "a"), joinRaw("a", ""), joinRaw("", ""), joinRaw("a/b", "c")]).to.deep.equal(["a", "a", "", "a/b/c"]);
});

it("normalizing a path is idempotent and leaves normal ones unchanged", () => {
  const odd = fc.array(fc.constantFrom("a", ".", "/", "b/", "\xff", ".."), { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(anyPath, odd, (path, name) => {
      expect(fromTarName(path)).to.equal(path);
      expect(fromTarName(`.//${path}/`)).to.equal(path);
      expect(joinRaw(parentOf(path), baseNameOf(path))).to.equal(path);
      expect(/\p{C}/u.test(displayPath(path))).to.equal(false);
      if (name.split("/").includes("..")) expect(() => fromTarName(name)).to.throwError({ code: "invalid" });
      else
        expect(
          fromTarName(name)
            .split("/")
            .every((part, _, parts) => part !== "." && (part !== "" || parts.length === 1)),
        ).to.equal(true);
    }),
  );
});

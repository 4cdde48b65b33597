import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { baseNameOf, displayPath, fromTarName, joinRaw, parentOf, toRawPath } from "../../../provider/rootfs/tree/raw-path.js";
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

for (const [text, raw] of written) test(`toRawPath normalizes ${JSON.stringify(text)}`, () => assert.equal(toRawPath(text), raw));

for (const text of ["", "..", "/a/../b", "a/..", "../a", "a\0b", "a\ud800"]) {
  test(`toRawPath rejects ${JSON.stringify(text)}`, () => assert.throws(() => toRawPath(text), { code: "invalid" }));
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

for (const [raw, text] of shown) test(`displayPath escapes ${JSON.stringify(raw)}`, () => assert.equal(displayPath(raw), text));

test("paths are split and joined", () => {
  assert.deepEqual([parentOf("a/b/c"), baseNameOf("a/b/c"), parentOf("a"), parentOf(""), baseNameOf("")], ["a/b", "c", "", "", ""]);
  assert.deepEqual([joinRaw("", "a"), joinRaw("a", ""), joinRaw("", ""), joinRaw("a/b", "c")], ["a", "a", "", "a/b/c"]);
});

test("normalizing a path is idempotent and leaves normal ones unchanged", () => {
  const odd = fc.array(fc.constantFrom("a", ".", "/", "b/", "\xff", ".."), { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(anyPath, odd, (path, name) => {
      assert.equal(fromTarName(path), path);
      assert.equal(fromTarName(`.//${path}/`), path);
      assert.equal(joinRaw(parentOf(path), baseNameOf(path)), path);
      assert(!/\p{C}/u.test(displayPath(path)));
      if (name.split("/").includes("..")) assert.throws(() => fromTarName(name), { code: "invalid" });
      else
        assert(
          fromTarName(name)
            .split("/")
            .every((part, _, parts) => part !== "." && (part !== "" || parts.length === 1)),
        );
    }),
  );
});

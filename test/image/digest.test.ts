import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { digestFrom, digestOf, hexOf, isDigest } from "../../provider/image/digest.js";

const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

test("known digests", () => {
  assert.equal(digestOf(""), empty);
  assert.equal(digestOf(Buffer.from("abc")), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(digestFrom(createHash("sha256").update("abc")), digestOf("abc"));
  assert.equal(hexOf(empty), empty.slice(7));
});

test("what is a digest", () => {
  assert.equal(isDigest(empty), true);
  const others: readonly unknown[] = [
    undefined,
    null,
    7,
    {},
    "",
    "sha256:",
    empty.slice(7),
    empty.toUpperCase(),
    empty.slice(0, -1),
    `${empty}0`,
    `${empty}\n`,
    ` ${empty}`,
    `sha512:${"0".repeat(128)}`,
    empty.replace("sha256", "SHA256"),
    empty.replace("e3", "g3"),
    [empty],
  ];
  for (const other of others) assert.equal(isDigest(other), false, JSON.stringify(other));
});

test("text is hashed as UTF-8, and every digest is one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.equal(digestOf(text), digestOf(Buffer.from(text, "utf8")));
      assert.equal(isDigest(digestOf(text)), true);
      assert.equal(hexOf(digestOf(text)).length, 64);
    }),
  );
});

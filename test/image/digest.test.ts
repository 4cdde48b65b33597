import { createHash } from "node:crypto";
import fc from "fast-check";
import { it } from "mocha";
import { digestFrom, digestOf, hexOf, isDigest } from "../../provider/image/digest.js";
import { expect } from "../support/expectations.js";

const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

it("known digests", () => {
  expect(digestOf("")).to.equal(empty);
  expect(digestOf(Buffer.from("abc"))).to.equal("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(digestFrom(createHash("sha256").update("abc"))).to.equal(digestOf("abc"));
  expect(hexOf(empty)).to.equal(empty.slice(7));
});

it("what is a digest", () => {
  expect(isDigest(empty)).to.equal(true);
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
  for (const other of others) expect(isDigest(other), JSON.stringify(other)).to.equal(false);
});

it("text is hashed as UTF-8, and every digest is one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(digestOf(text)).to.equal(digestOf(Buffer.from(text, "utf8")));
      expect(isDigest(digestOf(text))).to.equal(true);
      expect(hexOf(digestOf(text)).length).to.equal(64);
    }),
  );
});

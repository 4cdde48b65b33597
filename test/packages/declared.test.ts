import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { DhiError } from "../../provider/errors.js";
import { parsePackage, parseSourceUrl } from "../../provider/packages/declared.js";

describe("a package as declared", () => {
  it("is a name, with a version, or forbidden", () => {
    assert.deepEqual(parsePackage("libstdc++6"), { name: "libstdc++6", version: undefined, forbidden: false });
    assert.deepEqual(parsePackage("curl=1:7.88.1-10+deb12u1~x"), { name: "curl", version: "1:7.88.1-10+deb12u1~x", forbidden: false });
    assert.deepEqual(parsePackage("!nano"), { name: "nano", version: undefined, forbidden: true });
  });

  for (const text of ["", "!", "a b", "a=", "=1", "!a=1", "../a", "a/b", "-a", "a\u001b[31m", "a=1 2"])
    it(`is not ${JSON.stringify(text)}`, () => assert.throws(() => parsePackage(text), { code: "invalid", hint: /Write name/ }));
});

describe("the URL of an archive", () => {
  it("is a folder, without slashes at its end", () => {
    for (const url of ["http://a.example/debian", "https://a.example:8443/x", "file:///srv/debian"])
      assert.equal(parseSourceUrl(`${url}//`), url);
  });

  for (const url of [
    "ftp://a.example/x",
    "a.example/x",
    "https://user:geheim@a.example/x",
    "https://geheim@a.example/x",
    "https://user:geheim@[x/y",
    "https://a.example/debian?sig=geheim",
    "https://a.example/debian#geheim",
  ])
    it(`is not ${url}, and secrets in it are not shown`, () =>
      assert.throws(
        () => parseSourceUrl(url),
        (thrown) =>
          thrown instanceof DhiError && thrown.code === "invalid" && thrown.hint !== undefined && !thrown.describe().includes("geheim"),
      ));
});

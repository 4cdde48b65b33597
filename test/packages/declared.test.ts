import { describe, it } from "mocha";
import { DhiError } from "../../provider/errors.js";
import { parsePackage, parseSourceUrl } from "../../provider/packages/declared.js";
import { expect } from "../support/expectations.js";

describe("a package as declared", () => {
  it("is a name, with a version, or forbidden", () => {
    expect(parsePackage("libstdc++6")).to.deep.equal({ name: "libstdc++6", version: undefined, forbidden: false });
    expect(parsePackage("curl=1:7.88.1-10+deb12u1~x")).to.deep.equal({ name: "curl", version: "1:7.88.1-10+deb12u1~x", forbidden: false });
    expect(parsePackage("!nano")).to.deep.equal({ name: "nano", version: undefined, forbidden: true });
  });

  for (const text of ["", "!", "a b", "a=", "=1", "!a=1", "../a", "a/b", "-a", "a\u001b[31m", "a=1 2"])
    it(`is not ${JSON.stringify(text)}`, () => expect(() => parsePackage(text)).to.throwError({ code: "invalid", hint: /Write name/ }));
});

describe("the URL of an archive", () => {
  it("is a folder, without slashes at its end", () => {
    for (const url of ["http://a.example/debian", "https://a.example:8443/x", "file:///srv/debian"])
      expect(parseSourceUrl(`${url}//`)).to.equal(url);
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
      expect(() => parseSourceUrl(url)).to.throwError(
        (thrown) =>
          thrown instanceof DhiError && thrown.code === "invalid" && thrown.hint !== undefined && !thrown.describe().includes("geheim"),
      ));
});

import fc from "fast-check";
import { describe, it } from "mocha";
import { parsePurl } from "../../provider/attestation/parse-purl.js";
import { formatPurl } from "../../provider/attestation/purl.js";
import { expect } from "../support/expectations.js";

describe("a package URL", () => {
  const read: readonly (readonly [string, object])[] = [
    [
      "pkg:deb/debian/bzip2@1.0.8-6%2Bdhi2?os_distro=trixie&os_name=debian&os_version=13",
      { name: "bzip2", version: "1.0.8-6+dhi2", qualifiers: { os_distro: "trixie", os_name: "debian", os_version: "13" } },
    ],
    ["pkg:deb/debian/git@1:2.47.3-0", { name: "git", version: "1:2.47.3-0" }],
    ["pkg:deb/debian/lib32stdc%2b%2b6", { name: "lib32stdc++6", version: undefined }],
    ["pkg:deb/debian/libstdc++6@14.2.0-19", { name: "libstdc++6", version: "14.2.0-19" }],
    ["PKG:DEB/Debian/Bash@5.2", { name: "bash", version: "5.2" }],
    ["pkg://apk/alpine/musl@1.2.5-r9", { type: "apk", namespace: "alpine", name: "musl", version: "1.2.5-r9" }],
    ["pkg:oci/dhi.io%2Fpython", { type: "oci", namespace: "", name: "dhi.io/python" }],
    [
      "pkg:oci/python@sha256%3Aab?repository_url=dhi.io",
      { type: "oci", namespace: "", name: "python", version: "sha256:ab", qualifiers: { repository_url: "dhi.io" } },
    ],
    ["pkg:golang/github.com/Azure/go@v1.2.3#sub/path", { type: "golang", namespace: "github.com/Azure", name: "go", version: "v1.2.3" }],
    ["pkg:npm/%40scope/name@1", { type: "npm", namespace: "@scope", name: "name", version: "1" }],
    ["pkg:dhi/python@3.14.3", { type: "dhi", namespace: "", name: "python", version: "3.14.3" }],
  ];
  for (const [text, parts] of read) {
    it(`is read: ${text}`, () =>
      expect(parsePurl(text)).to.deep.equal({ type: "deb", namespace: "debian", version: undefined, qualifiers: {}, ...parts }));
  }

  for (const text of [
    "",
    "pkg:",
    "pkg:deb",
    "pkg:deb/",
    "deb/debian/a",
    "sha256:ab",
    "pkg:deb/debian/%zz",
    "pkg:deb/a@%E0",
    "pkg:d b/a",
    "pkg:deb/a?b=%",
  ])
    it(`is refused: ${JSON.stringify(text)}`, () => expect(parsePurl(text)).to.equal(undefined));

  it("is read as it was written", () => {
    const part = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !/\p{Surrogate}/u.test(text));
    const property = fc.property(part, part, fc.dictionary(fc.stringMatching(/^[a-z_]{1,9}$/), part), (name, version, qualifiers) => {
      const written = formatPurl({ type: "golang", namespace: "example.com/a", name, version }, qualifiers);
      expect(parsePurl(written)).to.deep.equal({
        type: "golang",
        namespace: "example.com/a",
        name,
        version,
        qualifiers: { ...qualifiers },
      });
    });
    fc.assert(property, { seed: Number(process.env["DHI_SEED"] ?? Date.now()) });
  });
});

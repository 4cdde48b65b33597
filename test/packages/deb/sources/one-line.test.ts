import { describe, it } from "mocha";
import { parseOneLine } from "../../../../provider/packages/deb/sources/one-line.js";
import { parseDeb822Sources } from "../../../../provider/packages/deb/sources/deb822.js";
import { expect, expectThat } from "../../../support/expectations.js";

const plain = { architectures: undefined, signedBy: undefined, allowExpired: false };
const fingerprint = "0123456789ABCDEF0123456789abcdef01234567";

describe("one-line sources", () => {
  it("are read with options and comments", () => {
    const text = `
# deb http://commented.example/debian bookworm main
deb http://deb.example/debian bookworm main contrib # here
deb-src http://deb.example/debian bookworm main
deb [ arch=amd64,arm64 signed-by=/usr/share/keyrings/x.gpg,${fingerprint}! ] https://x.example/apt stable main
deb [trusted=yes check-valid-until=no] file:/srv/repo ./
`;
    expect(parseOneLine(text)).to.deep.equal([
      { url: "http://deb.example/debian", suites: ["bookworm"], components: ["main", "contrib"], ...plain },
      {
        url: "https://x.example/apt",
        suites: ["stable"],
        components: ["main"],
        architectures: ["amd64", "arm64"],
        signedBy: { paths: ["/usr/share/keyrings/x.gpg"], fingerprints: [fingerprint.toUpperCase()], inline: undefined },
        allowExpired: false,
      },
      { url: "file:/srv/repo", suites: ["./"], components: [], ...plain, allowExpired: true },
    ]);
  });

  it("leave out what cannot be read from here", () => {
    for (const line of [
      "deb cdrom:[Debian]/ bookworm main",
      "deb mirror+file:/etc/apt/mirrors/debian.list bookworm main",
      "deb http://a.example/debian $(ARCH)/",
      "deb http://a.example/debian bookworm",
      "deb http://a.example/debian",
      "rpm http://a.example/debian bookworm main",
    ])
      expect(parseOneLine(line), line).to.deep.equal([]);
  });
});

describe("deb822 sources", () => {
  it("are read with several places, suites and keys", () => {
    const text = `Types: deb deb-src
URIs: http://a.example/debian
 http://b.example/debian
Suites: bookworm bookworm-updates
# a comment inside
Components: main
Check-Valid-Until: no
Architectures: arm64
Signed-By: /usr/share/keyrings/a.gpg /etc/apt/keyrings/b.asc

Enabled: no
Types: deb
URIs: http://off.example/
Suites: x
Components: main

Types: deb-src
URIs: http://src.example/
Suites: x
Components: main
`;
    const entries = parseDeb822Sources(text, "debian.sources");
    expect(entries.map(({ url }) => url)).to.deep.equal(["http://a.example/debian", "http://b.example/debian"]);
    expect(entries[0]?.suites).to.deep.equal(["bookworm", "bookworm-updates"]);
    expectThat(entries[0] !== undefined);
    expect(entries[0].architectures).to.deep.equal(["arm64"]);
    expect(entries[0].allowExpired).to.equal(true);
    expect(entries[0].signedBy?.paths).to.deep.equal(["/usr/share/keyrings/a.gpg", "/etc/apt/keyrings/b.asc"]);
  });

  it("give the key block inside as it was", () => {
    const text = `Types: deb
URIs: https://a.example/debian
Suites: stable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEYCQjIxYJ
 =IE0r
 -----END PGP PUBLIC KEY BLOCK-----
`;
    const [entry] = parseDeb822Sources(text, "a.sources");
    expect(entry?.signedBy?.inline).to.equal(
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEYCQjIxYJ\n=IE0r\n-----END PGP PUBLIC KEY BLOCK-----\n",
    );
  });

  it("are rejected with the line if they are invalid", () => {
    expect(() => parseDeb822Sources("Types deb\n", "a.sources")).to.throwError({ code: "invalid", message: /a\.sources, line 1/ });
  });
});

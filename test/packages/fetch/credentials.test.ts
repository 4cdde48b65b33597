import { describe, it } from "mocha";
import { answersChallenge, findLogin, parseHttpAuth, parseNetrc, splitLogin } from "../../../provider/packages/fetch/credentials.js";
import { expect, expectThat } from "../../support/expectations.js";

/** Whose login is sent to a URL. */
function loginFor(netrc: string, url: string): string | undefined {
  const parsed = new URL(url);
  return findLogin(parseNetrc(netrc), parsed, parsed.protocol === "https:")?.username;
}

describe("logins by place", () => {
  // The cases of apt_auth.conf(5), "EXAMPLE".
  for (const [place, matches] of [
    ["example.org", true],
    ["example.org/deb", true],
    ["example.org/debian", true],
    ["example.org/debian/", true],
    ["example.org:443", false],
    ["example.org/deb/", false],
    ["example.org/ubuntu", false],
    ["example.orga", false],
    ["example.net", false],
    ["https://example.org", true],
    ["http://example.org", false],
    ["EXAMPLE.org", true],
  ] as const) {
    it(`machine ${place} ${matches ? "fits" : "does not fit"}`, () => {
      const found = loginFor(`machine ${place} login apt password debian`, "https://example.org/debian/dists/bookworm/InRelease");
      expect(found).to.equal(matches ? "apt" : undefined);
    });
  }

  it("are not sent over a plain connection, unless the entry says so", () => {
    expect(loginFor("machine a.example login x password y", "http://a.example/debian")).to.equal(undefined);
    expect(loginFor("machine http://a.example login x password y", "http://a.example/debian")).to.equal("x");
  });

  it("are the first of several, and match ports", () => {
    const text =
      "machine a.example:8443 login one password 1\nmachine a.example/x\n\tlogin two\n\tpassword 2\nmachine a.example login three password 3";
    expect(loginFor(text, "https://a.example:8443/")).to.equal("one");
    expect(loginFor(text, "https://a.example/x/y")).to.equal("two");
    expect(loginFor(text, "https://a.example/")).to.equal("three");
  });

  it("are read from netrc files with other entries", () => {
    const text =
      '# comment\nmacdef init\ncd /tmp\nmachine no.example login no password no\n\nmachine a.example account x login "a b" password p#1\ndefault login d password e\nmachine b.example login only';
    const logins = parseNetrc(text);
    expect(logins.map(({ host, username, password }) => [host, username, password])).to.deep.equal([
      ["a.example", "a b", "p#1"],
      [undefined, "d", "e"],
    ]);
    expect(loginFor(text, "https://elsewhere.example/")).to.equal(undefined);
  });
});

describe("a login inside a URL", () => {
  it("is removed from it", () => {
    const { url, login } = splitLogin("https://us%40er:p%3Aw@deb.example:8443/debian");
    expect(url).to.equal("https://deb.example:8443/debian");
    expect([login?.username, login?.password, login?.port, login?.path]).to.deep.equal(["us@er", "p:w", "8443", "/debian/"]);
  });

  it("is only for that place", () => {
    const { login } = splitLogin("https://user:pw@deb.example/debian");
    const fits = (url: string): boolean => login !== undefined && findLogin([login], new URL(url), true) !== undefined;
    expect(fits("https://deb.example/debian/dists/x/InRelease")).to.equal(true);
    for (const url of [
      "https://deb.example/debian-other/x",
      "https://deb.example:8443/debian/x",
      "http://deb.example/debian/x",
      "https://x.deb.example/debian/x",
    ])
      expect(fits(url), url).to.equal(false);
  });

  it("leaves others as they are written", () => {
    expect(splitLogin("http://deb.example/debian")).to.deep.equal({ url: "http://deb.example/debian", login: undefined });
  });
});

describe("HTTP_AUTH", () => {
  it("answers the realm that it names", () => {
    const any = parseHttpAuth("basic:*:user:pass:word");
    expect(any).to.deep.equal({ realm: "*", username: "user", password: "pass:word" });
    expectThat(any !== undefined);
    expect(answersChallenge(any, 'Basic realm="packages"')).to.equal(true);
    expect(answersChallenge(any, 'Bearer realm="packages"')).to.equal(false);
    expect(answersChallenge(any, undefined)).to.equal(false);
    const one = { realm: "packages", username: "u", password: "p" };
    expect(answersChallenge(one, 'Bearer realm="x", Basic realm="packages", charset="UTF-8"')).to.equal(true);
    expect(answersChallenge(one, 'Basic realm="other"')).to.equal(false);
  });

  it("is ignored in another form", () => {
    for (const text of [undefined, "", "digest:*:u:p", "basic:*:u"]) expect(parseHttpAuth(text)).to.equal(undefined);
  });
});

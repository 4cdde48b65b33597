import fc from "fast-check";
import { describe, it } from "mocha";
import { looksLikeToken, Redaction } from "../../provider/text/redaction.js";
import { expect } from "../support/expectations.js";

const password = `pa"ss w/ö&<rd>'+1`;
const redaction = new Redaction();
redaction.holdLogin("bob", password);
redaction.hold("refresh-value-1");
redaction.holdLogin("amy", "abc");

const encode = (text: string): string => Buffer.from(text).toString("base64");

describe("a held credential", () => {
  const forms: readonly (readonly [string, string])[] = [
    ["as it is", password],
    ["in JSON", JSON.stringify({ said: password })],
    ["in a query", `https://r.example/?a=${encodeURIComponent(password)}`],
    ["in a query with lower-case codes", encodeURIComponent(password).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())],
    ["in a form", new URLSearchParams({ password }).toString()],
    ["in a path", new URL(`https://r.example/${encodeURIComponent(password)}`).href],
    ["in HTML", password.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;")], // prettier-ignore
    ["as the header that is sent", `Basic ${encode(`bob:${password}`)}`],
    ["as that header in the URL alphabet", Buffer.from(`bob:${password}`).toString("base64url")],
    ["in base64 on its own", encode(password)],
    ["as the header of a short password", `you sent ${encode("amy:abc")}`],
    ["many times", "refresh-value-1,refresh-value-1"],
  ];
  for (const [how, text] of forms) {
    it(`is redacted ${how}`, () => {
      const shown = redaction.redact(text);
      expect(shown).to.match(/\*\*\*/);
      for (const [, form] of forms) expect(shown, shown).to.not.include(form);
    });
  }

  it("is redacted also where a truncated text ends with its beginning", () => {
    expect(redaction.redact("sent refresh-val", true)).to.equal("sent ***");
    expect(redaction.redact("sent refresh-val")).to.equal("sent refresh-val");
    expect(redaction.redact("sent ref", true)).to.equal("sent ref");
  });

  it("becomes *** and a secret of the program [secret], however often the text is redacted", () => {
    const both = new Redaction();
    both.hold("hunter2-of-bob");
    both.holdSecretTexts(["hunter2", "secr", "abc"]);
    const shown = both.redact("hunter2-of-bob, hunter2, secrets, abc");
    expect(shown).to.equal("***, [secret], [secret]ets, abc");
    expect(both.redact(shown)).to.equal(shown);
    expect(both.redact("sent hunt", true)).to.equal("sent ***");
    expect(both.redactCredentials("hunter2-of-bob, hunter2")).to.equal("***, hunter2");
  });

  it("is redacted whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        const one = new Redaction();
        one.hold(secret);
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret), encode(secret)])
          expect(!one.redact(before + form + after).includes(form) || "***".includes(form)).to.equal(true);
      }),
    );
  });
});

describe("text that looks like a credential", () => {
  const jwt = "eyJhbGciOiJSUzI1NiJ9abc.eyJpc3MiOiJ4In0abcdefgh.c2lnbmF0dXJl";
  const hidden: readonly (readonly [string, string])[] = [
    [`you sent ${jwt}`, "you sent ***"],
    ["you sent eyJhbGciOiJSUzI1NiJ9abc", "you sent ***"],
    ["Authorization: Bearer abcDEF123456", "Authorization: Bearer ***"],
    ["authorization: basic dTpQQVNTV09SRA==", "authorization: basic ***"],
    ["could not reach https://bob:hunter2@r.example/x", "could not reach https://***@r.example/x"],
    ["grant_type=refresh_token&refresh_token=abc&x=1", "grant_type=refresh_token&refresh_token=***&x=1"],
    ['{"Username":"bob","Secret":"hunter2"}', '{"Username":"bob","Secret":"***"}'],
  ];
  for (const [text, expected] of hidden) {
    it(`is redacted: ${text}`, () => {
      expect(new Redaction().redact(text)).to.equal(expected);
    });
  }

  const shown = [
    "Basic authentication is required",
    "bearer tokens are not taken here",
    "docker://r.example@sha256:abc",
    "so:libz.so.1@edge is not in any repository",
    "dhi:registries has a password without username for r.example",
    "blob sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 is not in r.example/a",
  ];
  for (const text of shown) {
    it(`is not mistaken: ${text}`, () => {
      expect(new Redaction().redact(text)).to.equal(text);
    });
  }
});

it("is distinguished from names", () => {
  for (const token of ["abcdEFGH12345678", "0123456789abcdef0123456789abcdef01234567", "glpat-AbCdEf123456"])
    expect(looksLikeToken(token, 16), token).to.equal(true);
  for (const name of [
    "debian-security",
    "bookworm-updates",
    "123e4567-e89b-12d3-a456-426614174000",
    "20240101T000000Z",
    "acme-platform-2024",
  ])
    expect(looksLikeToken(name, 16), name).to.equal(false);
  expect(looksLikeToken("aB3", 4)).to.equal(false);
  expect(looksLikeToken("aB34", 4)).to.equal(true);
});

import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { looksLikeToken, Redaction } from "../../provider/text/redaction.js";

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
      assert.match(shown, /\*\*\*/);
      for (const [, form] of forms) assert.ok(!shown.includes(form), shown);
    });
  }

  it("is redacted also where a truncated text ends with its beginning", () => {
    assert.equal(redaction.redact("sent refresh-val", true), "sent ***");
    assert.equal(redaction.redact("sent refresh-val"), "sent refresh-val");
    assert.equal(redaction.redact("sent ref", true), "sent ref");
  });

  it("becomes *** and a secret of the program [secret], however often the text is redacted", () => {
    const both = new Redaction();
    both.hold("hunter2-of-bob");
    both.holdSecretTexts(["hunter2", "secr", "abc"]);
    const shown = both.redact("hunter2-of-bob, hunter2, secrets, abc");
    assert.equal(shown, "***, [secret], [secret]ets, abc");
    assert.equal(both.redact(shown), shown);
    assert.equal(both.redact("sent hunt", true), "sent ***");
    assert.equal(both.redactCredentials("hunter2-of-bob, hunter2"), "***, hunter2");
  });

  it("is redacted whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        const one = new Redaction();
        one.hold(secret);
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret), encode(secret)])
          assert.ok(!one.redact(before + form + after).includes(form) || "***".includes(form));
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
      assert.equal(new Redaction().redact(text), expected);
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
      assert.equal(new Redaction().redact(text), text);
    });
  }
});

it("is distinguished from names", () => {
  for (const token of ["abcdEFGH12345678", "0123456789abcdef0123456789abcdef01234567", "glpat-AbCdEf123456"])
    assert.ok(looksLikeToken(token, 16), token);
  for (const name of [
    "debian-security",
    "bookworm-updates",
    "123e4567-e89b-12d3-a456-426614174000",
    "20240101T000000Z",
    "acme-platform-2024",
  ])
    assert.ok(!looksLikeToken(name, 16), name);
  assert.ok(!looksLikeToken("aB3", 4));
  assert.ok(looksLikeToken("aB34", 4));
});

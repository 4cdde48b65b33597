import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { logTo } from "../../../cli/watch/log.js";
import { readSecret, SECRET_VARIABLE, SHORTEST_WEBHOOK_SECRET } from "../../../cli/watch/secret.js";
import { expect } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";

const text = "hooks-Secret.of_the~test-1";
const fileWith = (content: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "dhi-secret-"));
  cleanup(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "secret");
  writeFileSync(file, content);
  return file;
};

describe("the secret of the webhook", () => {
  it("is read from the environment, and taken out of it", () => {
    const env = { [SECRET_VARIABLE]: text, HOME: "/" };
    const secret = readSecret(undefined, env);
    expect(env).to.deep.equal({ HOME: "/" });
    expect(secret.matches(text)).to.equal(true);
    for (const other of ["", text.slice(1), `${text}x`, text.toUpperCase()]) expect(secret.matches(other)).to.equal(false);
    expect(JSON.stringify(secret)).to.equal("{}");
  });

  it("is read from a file, whose last line may end", () => {
    expect(readSecret(fileWith(`${text}\n`), {}).matches(text)).to.equal(true);
  });

  it("appears in no log line from then on", () => {
    readSecret(undefined, { [SECRET_VARIABLE]: text });
    const lines: string[] = [];
    const log = logTo(
      (line) => lines.push(line),
      () => 0,
    );
    log(`Authorization: Bearer ${text} and /webhook/${encodeURIComponent(text)}\nnext\u001b[2J`);
    expect(lines.length).to.equal(1);
    expect(lines[0]).to.match(/^1970-01-01T00:00:00\.000Z Authorization: Bearer \*\*\* and \/webhook\/\*\*\* ?next[^\u001b]*\n$/);
  });

  const refused: readonly (readonly [string, string | undefined, RegExp])[] = [
    ["missing", undefined, /^the webhook has no secret$/],
    ["empty", "", /is not valid: it must have 16 to 256/],
    ["too short", "a".repeat(SHORTEST_WEBHOOK_SECRET - 1), /is not valid/],
    ["too long", "a".repeat(257), /is not valid/],
    ["not fit for a URL", "a secret with spaces", /is not valid/],
  ];
  for (const [name, secret, message] of refused) {
    it(`is refused when it is ${name}, and not repeated`, () => {
      const env = secret === undefined ? {} : { [SECRET_VARIABLE]: secret };
      expect(() => readSecret(undefined, env)).to.throwError({ code: "invalid", message, hint: /openssl rand -hex 32/ });
    });
  }

  it("may have its shortest and longest length", () => {
    for (const length of [SHORTEST_WEBHOOK_SECRET, 256]) {
      const secret = "b".repeat(length);
      expect(readSecret(undefined, { [SECRET_VARIABLE]: secret }).matches(secret)).to.equal(true);
    }
  });

  it("is refused when it comes from two places, or its file is not there", () => {
    expect(() => readSecret(fileWith(text), { [SECRET_VARIABLE]: text })).to.throwError({ code: "invalid", hint: /Keep one/ });
    expect(() => readSecret("/nowhere/secret", {})).to.throwError({
      code: "not-found",
      message: /--secret-file: \/nowhere\/secret cannot/,
    });
  });
});

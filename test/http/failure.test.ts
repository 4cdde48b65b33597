import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { readServerMessage, refused, unreachable } from "../../provider/http/failure.js";
import { refusalOf } from "../../provider/http/request.js";

const messages: readonly (readonly [string, string, readonly string[]])[] = [
  ['{"errors":[{"code":"DENIED","message":"no access"}]}', "DENIED: no access", ["DENIED"]],
  ['{"errors":[{"code":"A","message":"a","detail":"b"},{"code":"C"}]}', "A: a (b); C", ["A", "C"]],
  ['{"errors":[{"code":"A","message":"a","detail":{"x":1}}]}', "A: a", ["A"]],
  ['{"error":"invalid_grant","error_description":"expired"}', "invalid_grant: expired", []],
  ['{"details":"incorrect username or password"}', "incorrect username or password", []],
  ["404 page not found\nmore", "404 page not found", []],
  ["<html><head><title>403 Forbidden</title></head></html>", "403 Forbidden", []],
  ["\u001b[31mred\u001b[0m", "[31mred [0m", []],
  ["{broken", "{broken", []],
  ["", "", []],
  ["x".repeat(600), `${"x".repeat(500)}…`, []],
];
describe("the message of an error response", () => {
  for (const [body, message, codes] of messages) {
    it(`of "${body.slice(0, 60)}" is "${message.slice(0, 60)}"`, () => {
      assert.deepEqual(readServerMessage(Buffer.from(body)), { message, codes });
    });
  }
});

const statuses = [
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "not-found"],
  [429, "unavailable"],
  [503, "unavailable"],
  [400, "rejected"],
  [405, "rejected"],
] as const;
describe("the error of a response", () => {
  for (const [status, code] of statuses) {
    it(`with status ${status} has the code "${code}"`, () => {
      const error = refused("r.example", "read it", status, {}, Buffer.from('{"errors":[{"code":"X","message":"because"}]}'));
      assert.equal(error.code, code);
      assert.equal(error.message, `could not read it: r.example answered ${status}: X: because`);
      assert.deepEqual(refusalOf(error)?.codes, ["X"]);
    });
  }
});

const networks: readonly (readonly [string, RegExp])[] = [
  ["ECONNREFUSED", /r\.example: connection refused/],
  ["ENOTFOUND", /no such host name/],
  ["UND_ERR_CONNECT_TIMEOUT", /timed out/],
  ["UND_ERR_HEADERS_TIMEOUT", /no response in time/],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", /certificate of r\.example is not trusted/],
  ["ERR_SSL_WRONG_VERSION_NUMBER", /does not speak TLS/],
  ["SOMETHING_NEW", /the raw words/],
];
describe("the error of an unreachable server", () => {
  for (const [code, message] of networks) {
    it(`explains ${code}`, () => {
      const error = unreachable("r.example", "read it", new Error("outer", { cause: Object.assign(new Error("the raw words"), { code }) }));
      assert.equal(error.code, "unavailable");
      if (code !== "SOMETHING_NEW") assert.match(error.message, message);
    });
  }
});

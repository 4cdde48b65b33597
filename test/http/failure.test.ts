import { it } from "mocha";
import { readServerMessage, refused, unreachable } from "../../provider/http/failure.js";
import { refusalOf } from "../../provider/http/request.js";
import { expect } from "../support/expectations.js";

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
for (const [body, message, codes] of messages) {
  it(`the message of "${body.slice(0, 60)}" is "${message.slice(0, 60)}"`, () => {
    expect(readServerMessage(Buffer.from(body))).to.deep.equal({ message, codes });
  });
}

const statuses = [
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "not-found"],
  [429, "unavailable"],
  [503, "unavailable"],
  [400, "rejected"],
  [405, "rejected"],
] as const;
for (const [status, code] of statuses) {
  it(`the error of status ${status} has the code "${code}"`, () => {
    const error = refused("r.example", "read it", status, {}, Buffer.from('{"errors":[{"code":"X","message":"because"}]}'));
    expect(error.code).to.equal(code);
    expect(error.message).to.equal(`could not read it: r.example answered ${status}: X: because`);
    expect(refusalOf(error)?.codes).to.deep.equal(["X"]);
  });
}

const networks: readonly (readonly [string, RegExp])[] = [
  ["ECONNREFUSED", /r\.example: connection refused/],
  ["ENOTFOUND", /no such host name/],
  ["UND_ERR_CONNECT_TIMEOUT", /timed out/],
  ["UND_ERR_HEADERS_TIMEOUT", /no response in time/],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", /certificate of r\.example is not trusted/],
  ["ERR_SSL_WRONG_VERSION_NUMBER", /does not speak TLS/],
  ["SOMETHING_NEW", /the raw words/],
];
for (const [code, message] of networks) {
  it(`the error of an unreachable server explains ${code}`, () => {
    const error = unreachable("r.example", "read it", new Error("outer", { cause: Object.assign(new Error("the raw words"), { code }) }));
    expect(error.code).to.equal("unavailable");
    if (code !== "SOMETHING_NEW") expect(error.message).to.match(message);
  });
}

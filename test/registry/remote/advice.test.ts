import { createServer } from "node:http";
import { describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { OCI_INDEX } from "../../../provider/image/media-types.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { openRepositories } from "../../../provider/registry/open.js";
import { expect, expectThat } from "../../support/expectations.js";
import { storedManifest } from "../../support/registries/images.js";
import { listen } from "../../support/registries/listen.js";
import { cleanup } from "../../support/running-test.js";

const manifest = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }, OCI_INDEX);

/** The error of a registry that asks for a login and answers requests with the status. */
async function refusal(status: number, message: string, login: boolean): Promise<DhiError> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/v2/") response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
    else response.writeHead(status).end(JSON.stringify({ errors: [{ code: "DENIED", message }] }));
  });
  const { host, stop } = await listen(server);
  cleanup(stop);
  const registries = login ? { [host]: { username: "user", password: "password-value-2" } } : {};
  const repository = openRepositories({ registries, projectDirectory: "/", env: { HOME: "/nonexistent" } }).open(
    parseRepository(`${host}/a`),
  );
  const thrown: unknown = await repository.putManifest("v1", manifest).then(
    () => expect.fail("it was taken"),
    (error: unknown) => error,
  );
  expectThat(thrown instanceof DhiError);
  expect(thrown.message).to.match(new RegExp(`^could not push tag "v1" to \\S+/a: \\S+ answered ${status}: DENIED: ${message}$`));
  return thrown;
}

describe("the hint of an error response", () => {
  const logIn = /^Log in to /;
  const rights = /accepts the login but denies it this action/;
  const tag = /does not allow changing this tag: publish under another tag/;
  const cases: readonly (readonly [number, string, boolean, RegExp | undefined])[] = [
    [401, "who are you", false, logIn],
    [401, "wrong password", true, logIn],
    [403, "not for you", false, logIn],
    [403, "not for you", true, rights],
    [403, "tag v1 is immutable", true, tag],
    [403, "tag v1 is immutable", false, tag],
    [409, "the tag already exists", true, tag],
    [412, "configured as immutable, cannot be updated", true, tag],
    [400, "cannot be overwritten because the repository is immutable", true, tag],
    [400, "manifest invalid", true, undefined],
    [412, "failed", true, undefined],
  ];
  for (const [status, message, login, expected] of cases) {
    it(`fits ${status} "${message}" ${login ? "with" : "without"} a login`, async () => {
      const { hint } = await refusal(status, message, login);
      if (expected === undefined) expect(hint).to.equal(undefined);
      else expect(hint ?? "").to.match(expected);
    });
  }
});

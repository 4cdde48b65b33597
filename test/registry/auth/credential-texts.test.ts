import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { RegistryConfig } from "../../../provider/registry/config.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect, expectThat } from "../../support/expectations.js";
import { listen } from "../../support/registries/listen.js";
import { cleanup } from "../../support/running-test.js";

interface Seen {
  readonly method: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

interface Server {
  readonly host: string;
  readonly seen: Seen[];
}

type Answer = (request: IncomingMessage, body: string) => readonly [status: number, headers?: Record<string, string>, body?: string];

async function serve(answer: Answer): Promise<Server> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      seen.push({ method: request.method, authorization: request.headers.authorization, body });
      const [status, headers, said] = answer(request, body);
      response.writeHead(status, headers).end(said);
    });
  });
  const { host, stop } = await listen(server);
  cleanup(stop);
  return { host, seen };
}

/** A registry that requires a token of this endpoint, and then answers 404. */
function registry(tokens: Server): Promise<Server> {
  const challenge = `Bearer realm="http://${tokens.host}/token",service="x"`;
  return serve(({ headers }) => (headers.authorization === undefined ? [401, { "www-authenticate": challenge }] : [404]));
}

function open(host: string, config: RegistryConfig, env: NodeJS.ProcessEnv = {}): ImageRepository {
  const options = { registries: { [host]: config }, projectDirectory: "/", env: { HOME: "/nonexistent", ...env } };
  return openRepositories(options).open(parseRepository(`${host}/a/b`));
}

async function failure(work: Promise<unknown>): Promise<DhiError> {
  const thrown: unknown = await work.then(
    () => expect.fail("it succeeded"),
    (error: unknown) => error,
  );
  expectThat(thrown instanceof DhiError, String(thrown));
  return thrown;
}

const identity: RegistryConfig = { identityToken: "identity-value-1" };
const basic: RegistryConfig = { username: "user", password: "password-value-1" };

describe("a token endpoint that redirects to another origin", () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`with ${status} does not pass on the identity token`, async () => {
      const thief = await serve(() => [200, {}, '{"access_token":"x"}']);
      const tokens = await serve(() => [status, { location: `http://${thief.host}/steal` }]);
      const { host } = await registry(tokens);
      const error = await failure(open(host, identity).headManifest("1"));
      expect(thief.seen).to.deep.equal([]);
      // A redirect that is not followed counts as a refused login.
      expect(error.code).to.equal(status > 303 ? "rejected" : "unauthorized");
      if (status > 303) expect(error.message).to.match(/^could not get a token for \S+: \S+ redirects credentials to 127\.0\.0\.1:\d+$/);
    });

    it(`with ${status} does not pass on username and password`, async () => {
      const thief = await serve(() => [200, {}, '{"access_token":"x"}']);
      const tokens = await serve(() => [status, { location: `http://${thief.host}/steal` }]);
      const { host } = await registry(tokens);
      await open(host, basic).headManifest("1");
      expect(thief.seen.map(({ authorization }) => authorization)).to.deep.equal([undefined]);
    });
  }

  it("receives the identity token again after a redirect within its origin", async () => {
    const tokens = await serve(({ url }) => (url === "/new" ? [200, {}, '{"access_token":"x"}'] : [307, { location: "/new" }]));
    const { host } = await registry(tokens);
    expect(await open(host, identity).headManifest("1")).to.equal(undefined);
    expect(tokens.seen[1]?.body ?? "").to.match(/refresh_token=identity-value-1/);
  });
});

describe("the response of a token endpoint", () => {
  const answers = [
    { token: "t", access_token: null },
    { token: "t", access_token: "" },
    { token: null, access_token: "t" },
    { token: "", access_token: "t", expires_in: null },
  ];
  for (const answer of answers) {
    it(`${JSON.stringify(answer)} has a token`, async () => {
      const tokens = await serve(() => [200, {}, JSON.stringify(answer)]);
      const { host, seen } = await registry(tokens);
      expect(await open(host, basic).headManifest("1")).to.equal(undefined);
      expect(seen.at(-1)?.authorization).to.equal("Bearer t");
    });
  }

  for (const answer of ["{}", '{"token":null,"access_token":""}', '{"token":5}', "null", "x"]) {
    it(`${answer} has no token`, async () => {
      const tokens = await serve(() => [200, {}, answer]);
      const { host } = await registry(tokens);
      await expect(open(host, basic).headManifest("1")).to.be.rejectedWithError({ code: "rejected", message: /answered without a token/ });
    });
  }
});

describe("a response that repeats what was sent", () => {
  for (const [what, config] of [
    ["an identity token", identity],
    ["name and password", basic],
  ] as const) {
    // prettier-ignore
    it(`does not show ${what} in the error of a token endpoint`, async () => {
      const tokens = await serve(({ headers, url }, body) => [
        400,
        {},
        JSON.stringify({ error: "invalid_grant", error_description: `got ${body} ${headers.authorization ?? ""} ${url ?? ""} password-value-1` }),
      ]);
      const { host } = await registry(tokens);
      const { message } = await failure(open(host, config).headManifest("1"));
      expect(message).to.match(/invalid_grant: got .*\*\*\*/);
      expect(message).to.not.match(/identity-value-1|password-value-1|dXNlcjpwYXNzd29yZC12YWx1ZS0x/);
    });
  }

  it("does not show the login or the token in the error of a registry", async () => {
    const tokens = await serve(() => [200, {}, '{"access_token":"access-value-1"}']);
    const { host } = await serve(({ headers: { authorization } }) => {
      if (authorization === undefined) return [401, { "www-authenticate": `Bearer realm="http://${tokens.host}/token"` }];
      return [403, {}, JSON.stringify({ errors: [{ code: "DENIED", message: `you sent ${authorization}`, detail: "password-value-1" }] })];
    });
    const { message } = await failure(open(host, basic).getManifest("1"));
    expect(message).to.match(/answered 403: DENIED: you sent Bearer \*\*\* \(\*\*\*\)$/);
  });

  it("does not show part of a token when the response is truncated", async () => {
    const token = "L".repeat(3000);
    const tokens = await serve(() => [200, {}, JSON.stringify({ access_token: token })]);
    const { host } = await serve(({ headers: { authorization } }) => {
      if (authorization === undefined) return [401, { "www-authenticate": `Bearer realm="http://${tokens.host}/token"` }];
      return [400, {}, `${token} `.repeat(30)];
    });
    expect((await failure(open(host, basic).getManifest("1"))).message).to.not.match(/LLLL/);
  });

  it("is quoted with 500 characters at most, however many errors it lists", async () => {
    const errors = Array.from({ length: 300 }, () => ({ code: "DENIED", message: "no ".repeat(50) }));
    const { host } = await serve(() => [400, {}, JSON.stringify({ errors }).slice(0, 60_000)]);
    expect((await failure(open(host, basic).getManifest("1"))).message.length).to.be.below(700);
  });

  it("does not show the login of a proxy", async () => {
    const proxy = await serve(({ headers }) => [502, {}, `you are ${headers["proxy-authorization"] ?? ""} proxy-value-1`]);
    const env = { HTTP_PROXY: `http://user:proxy-value-1@${proxy.host}` };
    const { message } = await failure(open("r.invalid", { plainHttp: true }, env).getManifest("1"));
    expect(message).to.not.match(/proxy-value-1|dXNlcjpwcm94eS12YWx1ZS0x/);
  });
});

it("DHI_LOG shows no credentials in any part of a URL", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dhi-log-"));
  cleanup(() => rm(folder, { recursive: true }));
  const token = "abcdEFGH12345678";
  const { host } = await serve(({ url }) =>
    url?.startsWith("/v2/") === true ? [307, { location: `/${token}/password-value-1/x?password-value-1&sig=${token}` }] : [404],
  );
  const log = join(folder, "log");
  await open(host, basic, { DHI_LOG: log }).getManifest("1");
  const text = await readFile(log, "utf8");
  expect(text).to.not.match(/abcdEFGH|password-value-1/);
  expect(text).to.match(/\/\*\*\*\/\*\*\*\/x\?\*\*\*&sig=\*\*\* 404/);
});

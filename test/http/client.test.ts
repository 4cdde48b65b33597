import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { DhiError } from "../../provider/errors.js";
import { createHttpClient } from "../../provider/http/client.js";
import type { HttpClientOptions } from "../../provider/http/request.js";
import { expect } from "../support/expectations.js";
import { listen } from "../support/registries/listen.js";
import { cleanup } from "../support/running-test.js";

type Handler = (request: IncomingMessage, response: ServerResponse, number: number) => void;

async function serve(handler: Handler): Promise<{ readonly base: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    handler(request, response, seen.length);
  });
  const listening = await listen(server);
  cleanup(listening.stop);
  return { base: `http://${listening.host}`, seen };
}

const client = (options: HttpClientOptions = {}) => createHttpClient({ env: {}, firstDelay: 1, ...options });

describe("an HTTP client that retries", () => {
  for (const status of [429, 500, 502, 503, 504]) {
    it(`retries after status ${status}`, async () => {
      const { base, seen } = await serve((_, response, number) =>
        response.writeHead(number < 3 ? status : 200, { "retry-after": "0" }).end("ok"),
      );
      expect((await client().send({ method: "GET", url: base })).body.toString()).to.equal("ok");
      expect(seen.length).to.equal(3);
    });
  }

  it("gives up after four tries, with the server's message", async () => {
    const { base, seen } = await serve((_, response) => response.writeHead(503).end("down for repair"));
    await expect(client().send({ method: "GET", url: base })).to.be.rejectedWithError({
      code: "unavailable",
      message: /answered 503: down for repair/,
    });
    expect(seen.length).to.equal(4);
  });

  it("does not retry after other error statuses", async () => {
    for (const [status, code] of [
      [400, "rejected"],
      [401, "unauthorized"],
      [403, "unauthorized"],
    ] as const) {
      // prettier-ignore
      const { base, seen } = await serve((_, response) => response.writeHead(status).end());
      await expect(client().send({ method: "GET", url: base })).to.be.rejectedWithError({ code });
      expect(seen.length).to.equal(1);
    }
  });

  it("returns 404 to the caller", async () => {
    const { base } = await serve((_, response) => response.writeHead(404).end());
    expect((await client().send({ method: "GET", url: base })).status).to.equal(404);
  });

  it("retries after a reset connection and sends the body from its start", async () => {
    const bodies: string[] = [];
    const { base } = await serve((request, response, number) => {
      if (number < 3) {
        request.socket.resetAndDestroy();
        return;
      }
      request
        .setEncoding("utf8")
        .on("data", (text: string) => bodies.push(text))
        .on("end", () => response.end("ok"));
    });
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("one ");
      yield await Promise.resolve(Buffer.from("two"));
    }
    await client().send({ method: "PUT", url: base, body: source, headers: { "content-length": "7" } });
    expect(bodies.join("")).to.equal("one two");
  });

  it("retries when the body of a response breaks", async () => {
    const { base, seen } = await serve((_, response, number) => {
      response.writeHead(200, { "content-length": "6" });
      if (number === 1) response.write("hal", () => setTimeout(() => response.socket?.resetAndDestroy(), 10));
      else response.end("halves");
    });
    expect((await client().send({ method: "GET", url: base })).body.toString()).to.equal("halves");
    expect(seen.length).to.equal(2);
  });

  it("passes on an error of the source of a body without a retry", async () => {
    const { base, seen } = await serve((request) => request.resume());
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from("x"));
      throw new DhiError("mismatch", "the source is damaged");
    }
    await expect(client().send({ method: "PUT", url: base, body: source })).to.be.rejectedWithError({
      code: "mismatch",
      message: "the source is damaged",
    });
    expect(seen.length).to.be.at.most(1);
  });

  it("reports a refused connection in words", async () => {
    const { base } = await serve(() => undefined);
    const port = Number(new URL(base).port);
    const gone = await listen(createServer());
    await gone.stop();
    expect(gone.port).to.not.equal(port);
    await expect(client().send({ method: "GET", url: `http://${gone.host}/` })).to.be.rejectedWithError({
      code: "unavailable",
      message: `could not GET /: ${gone.host}: connection refused`,
    });
  });
});

describe("the limits of an HTTP client", () => {
  it("reject a response that is too large", async () => {
    const { base } = await serve((_, response) => response.end("x".repeat(1000)));
    await expect(client().send({ method: "GET", url: base }, 999)).to.be.rejectedWithError({ code: "limit" });
    expect((await client().send({ method: "GET", url: base }, 1000)).body.byteLength).to.equal(1000);
  });

  it("include timeouts for the head and the body of a response", async () => {
    const { base } = await serve((request, response) => {
      if (request.url === "/body") response.writeHead(200).write("begun");
    });
    const limits = { headTimeout: 50, idleTimeout: 50, tries: 1 };
    await expect(client().send({ method: "GET", url: `${base}/head`, ...limits })).to.be.rejectedWithError({
      code: "unavailable",
      message: /no response in time/,
    });
    await expect(client().send({ method: "GET", url: `${base}/body`, ...limits })).to.be.rejectedWithError({
      code: "unavailable",
      message: /stalled midway/,
    });
  });

  it("include 64 KiB for the body of an error response", async () => {
    const { base } = await serve((_, response) => {
      response.writeHead(400);
      const fill = (): void => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", fill);
      };
      fill();
    });
    await expect(client().send({ method: "GET", url: base })).to.be.rejectedWithError({ code: "rejected" });
  });

  it("include its signal, which cancels a pending request", async () => {
    const { base } = await serve(() => undefined);
    const controller = new AbortController();
    const waiting = client({ signal: controller.signal }).send({ method: "GET", url: base });
    setTimeout(() => controller.abort(), 20);
    await expect(waiting).to.be.rejectedWithError({ code: "cancelled" });
  });
});

describe("an HTTP client that is redirected", () => {
  it("sends the authorization header to its origin only", async () => {
    const other = await serve((_, response) => response.end("there"));
    const { base, seen } = await serve((request, response) => {
      response.writeHead(307, { location: request.url === "/" ? "/again" : `${other.base}/x` }).end();
    });
    const answer = await client().send({ method: "GET", url: base, headers: { authorization: "Bearer secret", accept: "a/b" } });
    expect(answer.body.toString()).to.equal("there");
    expect(seen.map(({ headers }) => headers.authorization)).to.deep.equal(["Bearer secret", "Bearer secret"]);
    expect(other.seen[0]?.headers.authorization).to.equal(undefined);
    expect(other.seen[0]?.headers.accept).to.equal("a/b");
  });

  it("gives up after five redirects", async () => {
    const { base, seen } = await serve((_, response) => response.writeHead(302, { location: "/" }).end());
    await expect(client().send({ method: "GET", url: base })).to.be.rejectedWithError({ code: "rejected", message: /more than 5 times/ });
    expect(seen.length).to.equal(6);
  });

  for (const location of ["file:///etc/passwd", "ftp://r.example/x", "javascript:alert(1)", "data:,x"]) {
    it(`does not follow ${location}`, async () => {
      const { base, seen } = await serve((_, response) => response.writeHead(302, { location }).end());
      await expect(client().send({ method: "GET", url: base })).to.be.rejectedWithError({
        code: "rejected",
        message: /redirects to .*, which is not http or https$/,
      });
      expect(seen.length).to.equal(1);
    });
  }

  it("does not follow a redirect of a POST by 302", async () => {
    const { base, seen } = await serve((_, response) => response.writeHead(302, { location: "/x" }).end());
    await expect(client().send({ method: "POST", url: base })).to.be.rejectedWithError({ code: "rejected", message: /answered 302/ });
    expect(seen.length).to.equal(1);
  });
});

describe("an HTTP client", () => {
  it("sends requests without TLS only to loopback and where that is allowed", async () => {
    await expect(client().send({ method: "GET", url: "http://r.example/" })).to.be.rejectedWithError({
      code: "invalid",
      hint: /plainHttp/,
    });
    const allowed = client({ allowPlain: ({ host }) => host === "r.invalid" }).send({ method: "GET", url: "http://r.invalid/", tries: 1 });
    await expect(allowed).to.be.rejectedWithError({ code: "unavailable" });
  });

  it("logs requests without secrets", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dhi-log-"));
    cleanup(() => rm(folder, { recursive: true }));
    const file = join(folder, "log");
    const { base } = await serve((_, response) => response.end("four"));
    const url = `${base.replace("//", "//bob:hunter2@")}/v2/?_state=opaque&digest=d`;
    await client({ env: { DHI_LOG: file } }).send({
      method: "POST",
      url,
      headers: { authorization: "Bearer secret" },
      body: Buffer.from("abc"),
    });
    const line = await readFile(file, "utf8");
    expect(line).to.match(/^\S+Z POST http:\/\/127\.0\.0\.1:\d+\/v2\/\?_state=\*\*\*&digest=d 200 sent=3 received=4 ms=\d+\n$/);
  });
});

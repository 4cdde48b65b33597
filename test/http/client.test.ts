import { strict as assert } from "node:assert";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { DhiError } from "../../provider/errors.js";
import { createHttpClient } from "../../provider/http/client.js";
import type { HttpClientOptions } from "../../provider/http/request.js";
import { listen } from "../support/registries/listen.js";

type Handler = (request: IncomingMessage, response: ServerResponse, number: number) => void;

async function serve(t: TestContext, handler: Handler): Promise<{ readonly base: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    handler(request, response, seen.length);
  });
  const listening = await listen(server);
  t.after(listening.stop);
  return { base: `http://${listening.host}`, seen };
}

const client = (options: HttpClientOptions = {}) => createHttpClient({ env: {}, firstDelay: 1, ...options });

describe("an HTTP client that retries", () => {
  for (const status of [429, 500, 502, 503, 504]) {
    it(`retries after status ${status}`, async (t) => {
      const { base, seen } = await serve(t, (_, response, number) =>
        response.writeHead(number < 3 ? status : 200, { "retry-after": "0" }).end("ok"),
      );
      assert.equal((await client().send({ method: "GET", url: base })).body.toString(), "ok");
      assert.equal(seen.length, 3);
    });
  }

  it("gives up after four tries, with the server's message", async (t) => {
    const { base, seen } = await serve(t, (_, response) => response.writeHead(503).end("down for repair"));
    await assert.rejects(client().send({ method: "GET", url: base }), { code: "unavailable", message: /answered 503: down for repair/ });
    assert.equal(seen.length, 4);
  });

  it("does not retry after other error statuses", async (t) => {
    for (const [status, code] of [
      [400, "rejected"],
      [401, "unauthorized"],
      [403, "unauthorized"],
    ] as const) {
      // prettier-ignore
      const { base, seen } = await serve(t, (_, response) => response.writeHead(status).end());
      await assert.rejects(client().send({ method: "GET", url: base }), { code });
      assert.equal(seen.length, 1);
    }
  });

  it("returns 404 to the caller", async (t) => {
    const { base } = await serve(t, (_, response) => response.writeHead(404).end());
    assert.equal((await client().send({ method: "GET", url: base })).status, 404);
  });

  it("retries after a reset connection and sends the body from its start", async (t) => {
    const bodies: string[] = [];
    const { base } = await serve(t, (request, response, number) => {
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
    assert.equal(bodies.join(""), "one two");
  });

  it("retries when the body of a response breaks", async (t) => {
    const { base, seen } = await serve(t, (_, response, number) => {
      response.writeHead(200, { "content-length": "6" });
      if (number === 1) response.write("hal", () => setTimeout(() => response.socket?.resetAndDestroy(), 10));
      else response.end("halves");
    });
    assert.equal((await client().send({ method: "GET", url: base })).body.toString(), "halves");
    assert.equal(seen.length, 2);
  });

  it("passes on an error of the source of a body without a retry", async (t) => {
    const { base, seen } = await serve(t, (request) => request.resume());
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from("x"));
      throw new DhiError("mismatch", "the source is damaged");
    }
    await assert.rejects(client().send({ method: "PUT", url: base, body: source }), { code: "mismatch", message: "the source is damaged" });
    assert.ok(seen.length <= 1);
  });

  it("reports a refused connection in words", async (t) => {
    const { base } = await serve(t, () => undefined);
    const port = Number(new URL(base).port);
    const gone = await listen(createServer());
    await gone.stop();
    assert.notEqual(gone.port, port);
    await assert.rejects(client().send({ method: "GET", url: `http://${gone.host}/` }), {
      code: "unavailable",
      message: `could not GET /: ${gone.host}: connection refused`,
    });
  });
});

describe("the limits of an HTTP client", () => {
  it("reject a response that is too large", async (t) => {
    const { base } = await serve(t, (_, response) => response.end("x".repeat(1000)));
    await assert.rejects(client().send({ method: "GET", url: base }, 999), { code: "limit" });
    assert.equal((await client().send({ method: "GET", url: base }, 1000)).body.byteLength, 1000);
  });

  it("include timeouts for the head and the body of a response", async (t) => {
    const { base } = await serve(t, (request, response) => {
      if (request.url === "/body") response.writeHead(200).write("begun");
    });
    const limits = { headTimeout: 50, idleTimeout: 50, tries: 1 };
    await assert.rejects(client().send({ method: "GET", url: `${base}/head`, ...limits }), {
      code: "unavailable",
      message: /no response in time/,
    });
    await assert.rejects(client().send({ method: "GET", url: `${base}/body`, ...limits }), {
      code: "unavailable",
      message: /stalled midway/,
    });
  });

  it("include 64 KiB for the body of an error response", async (t) => {
    const { base } = await serve(t, (_, response) => {
      response.writeHead(400);
      const fill = (): void => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", fill);
      };
      fill();
    });
    await assert.rejects(client().send({ method: "GET", url: base }), { code: "rejected" });
  });

  it("include its signal, which cancels a pending request", async (t) => {
    const { base } = await serve(t, () => undefined);
    const controller = new AbortController();
    const waiting = client({ signal: controller.signal }).send({ method: "GET", url: base });
    setTimeout(() => controller.abort(), 20);
    await assert.rejects(waiting, { code: "cancelled" });
  });
});

describe("an HTTP client that is redirected", () => {
  it("sends the authorization header to its origin only", async (t) => {
    const other = await serve(t, (_, response) => response.end("there"));
    const { base, seen } = await serve(t, (request, response) => {
      response.writeHead(307, { location: request.url === "/" ? "/again" : `${other.base}/x` }).end();
    });
    const answer = await client().send({ method: "GET", url: base, headers: { authorization: "Bearer secret", accept: "a/b" } });
    assert.equal(answer.body.toString(), "there");
    assert.deepEqual(
      seen.map(({ headers }) => headers.authorization),
      ["Bearer secret", "Bearer secret"],
    );
    assert.equal(other.seen[0]?.headers.authorization, undefined);
    assert.equal(other.seen[0]?.headers.accept, "a/b");
  });

  it("gives up after five redirects", async (t) => {
    const { base, seen } = await serve(t, (_, response) => response.writeHead(302, { location: "/" }).end());
    await assert.rejects(client().send({ method: "GET", url: base }), { code: "rejected", message: /more than 5 times/ });
    assert.equal(seen.length, 6);
  });

  for (const location of ["file:///etc/passwd", "ftp://r.example/x", "javascript:alert(1)", "data:,x"]) {
    it(`does not follow ${location}`, async (t) => {
      const { base, seen } = await serve(t, (_, response) => response.writeHead(302, { location }).end());
      await assert.rejects(client().send({ method: "GET", url: base }), {
        code: "rejected",
        message: /redirects to .*, which is not http or https$/,
      });
      assert.equal(seen.length, 1);
    });
  }

  it("does not follow a redirect of a POST by 302", async (t) => {
    const { base, seen } = await serve(t, (_, response) => response.writeHead(302, { location: "/x" }).end());
    await assert.rejects(client().send({ method: "POST", url: base }), { code: "rejected", message: /answered 302/ });
    assert.equal(seen.length, 1);
  });
});

describe("an HTTP client", () => {
  it("sends requests without TLS only to loopback and where that is allowed", async () => {
    await assert.rejects(client().send({ method: "GET", url: "http://r.example/" }), { code: "invalid", hint: /plainHttp/ });
    const allowed = client({ allowPlain: ({ host }) => host === "r.invalid" }).send({ method: "GET", url: "http://r.invalid/", tries: 1 });
    await assert.rejects(allowed, { code: "unavailable" });
  });

  it("logs requests without secrets", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "dhi-log-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "log");
    const { base } = await serve(t, (_, response) => response.end("four"));
    const url = `${base.replace("//", "//bob:hunter2@")}/v2/?_state=opaque&digest=d`;
    await client({ env: { DHI_LOG: file } }).send({
      method: "POST",
      url,
      headers: { authorization: "Bearer secret" },
      body: Buffer.from("abc"),
    });
    const line = await readFile(file, "utf8");
    assert.match(line, /^\S+Z POST http:\/\/127\.0\.0\.1:\d+\/v2\/\?_state=\*\*\*&digest=d 200 sent=3 received=4 ms=\d+\n$/);
  });
});

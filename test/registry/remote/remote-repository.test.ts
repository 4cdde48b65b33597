import { strict as assert } from "node:assert";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { digestOf } from "../../../provider/image/digest.js";
import { OCI_INDEX, OCI_MANIFEST } from "../../../provider/image/media-types.js";
import type { RegistryRepository } from "../../../provider/image/reference.js";
import { createHttpClient } from "../../../provider/http/client.js";
import { Authorizer } from "../../../provider/registry/auth/authorizer.js";
import { Credentials } from "../../../provider/registry/auth/credentials.js";
import { openRepositories } from "../../../provider/registry/open.js";
import { RegistryClient } from "../../../provider/registry/remote/registry-client.js";
import type { RegistryConfig } from "../../../provider/registry/config.js";
import type { Repositories } from "../../../provider/registry/repository.js";
import { readAll, storedManifest, testBlob } from "../../support/registries/images.js";
import { listen } from "../../support/registries/listen.js";

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Fake {
  readonly host: string;
  readonly seen: string[];
  readonly requests: IncomingMessage[];
  readonly at: RegistryRepository;
}

/** A registry of canned answers, for what no real one can be made to say. */
async function fake(
  t: TestContext,
  answer: (key: string, request: IncomingMessage, response: ServerResponse) => Answer | undefined,
): Promise<Fake> {
  const seen: string[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const key = `${request.method ?? ""} ${request.url ?? ""}`;
    request.resume();
    if (key === "GET /v2/") {
      response.writeHead(200).end();
      return;
    }
    seen.push(key);
    requests.push(request);
    const found = answer(key, request, response);
    if (found !== undefined) response.writeHead(found.status, found.headers).end(found.body ?? "");
  });
  const { host, stop } = await listen(server);
  t.after(stop);
  return { host, seen, requests, at: { kind: "registry", host, name: "acme/app" } };
}

function connect(registries: Record<string, RegistryConfig> = {}): Repositories {
  return openRepositories({ projectDirectory: "/", env: { HOME: "/nonexistent" }, registries });
}

const manifest = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }, OCI_INDEX);

describe("manifests", () => {
  it("does a GET where HEAD names no digest", async (t) => {
    const { at, seen } = await fake(t, () => ({ status: 200, headers: { "content-type": OCI_INDEX }, body: manifest.bytes }));
    const found = await connect().open(at).headManifest("v1");
    assert.deepEqual(found, { mediaType: OCI_INDEX, digest: manifest.digest, size: manifest.bytes.byteLength });
    assert.deepEqual(seen, ["HEAD /v2/acme/app/manifests/v1", "GET /v2/acme/app/manifests/v1"]);
  });

  it("has the registry's words for a refused HEAD", async (t) => {
    const { at } = await fake(t, () => ({ status: 403, body: '{"errors":[{"code":"DENIED","message":"not for you"}]}' }));
    await assert.rejects(connect().open(at).headManifest("v1"), {
      code: "unauthorized",
      message: /tag "v1" of 127\.0\.0\.1:\d+\/acme\/app: .* 403: DENIED: not for you/,
    });
  });

  const damaged: readonly (readonly [string, string, Answer])[] = [
    ["another digest than was asked for", digestOf("other"), { status: 200, headers: { "content-type": OCI_INDEX }, body: manifest.bytes }],
    [
      "another digest than the header says",
      "v1",
      { status: 200, headers: { "docker-content-digest": digestOf("other") }, body: manifest.bytes },
    ],
  ];
  for (const [what, reference, answer] of damaged) {
    it(`refuses bytes of ${what}`, async (t) => {
      const { at } = await fake(t, () => answer);
      await assert.rejects(connect().open(at).getManifest(reference), { code: "mismatch" });
    });
  }

  it("refuses more than 4 MiB", async (t) => {
    const { at } = await fake(t, () => ({ status: 200, body: Buffer.alloc(4 * 1024 * 1024 + 1, " ") }));
    await assert.rejects(connect().open(at).getManifest("v1"), { code: "limit" });
  });

  it("tells types by the fields where nobody names them", async (t) => {
    const { at } = await fake(t, () => ({
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: '{"schemaVersion":2,"layers":[]}',
    }));
    assert.equal((await connect().open(at).getManifest("v1"))?.mediaType, OCI_MANIFEST);
  });

  it("asks for nothing under a name that is no tag", async (t) => {
    const { at, seen } = await fake(t, () => ({ status: 200 }));
    for (const reference of ["../../x", "a b", "", "sha256:1"])
      await assert.rejects(connect().open(at).getManifest(reference), { code: "invalid" });
    assert.deepEqual(seen, []);
  });
});

describe("blobs", () => {
  const blob = testBlob(Buffer.from("0123456789".repeat(1000)));

  for (const ranges of [true, false]) {
    it(`goes on after breaks where the registry ${ranges ? "knows" : "does not know"} ranges`, async (t) => {
      let number = 0;
      const asked: (string | undefined)[] = [];
      const { at } = await fake(t, (_, request, response) => {
        asked.push(request.headers.range);
        const start = ranges ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
        const rest = blob.bytes.subarray(start);
        const headers = { "content-length": String(rest.byteLength), "content-range": `bytes ${start}-9999/10000` };
        response.writeHead(start > 0 ? 206 : 200, headers);
        number += 1;
        if (number > 2) response.end(rest);
        else response.write(rest.subarray(0, 3000 * number), () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
        return undefined;
      });
      assert.deepEqual(await readAll(connect().open(at).readBlob(blob.descriptor)), blob.bytes);
      assert.equal(asked[0], undefined);
      assert.equal(asked[1], "bytes=3000-");
      assert.equal(asked.length, 3);
    });
  }

  it("ends with an error when bytes are wrong, too few or too many", async (t) => {
    for (const body of ["x".repeat(10_000), "short", `${blob.bytes.toString()}more`]) {
      const { at } = await fake(t, () => ({ status: 200, body }));
      await assert.rejects(readAll(connect().open(at).readBlob(blob.descriptor)), { code: "mismatch" });
    }
  });

  it("keeps the query of an upload's Location and takes relative ones", async (t) => {
    for (const [location, expected] of [
      ["/v2/u/1?_state=a%2Bb==&x", "PUT /v2/u/1?_state=a%2Bb==&x&"],
      ["/v2/u/2", "PUT /v2/u/2?"],
    ] as const) {
      // prettier-ignore
      const { at, seen } = await fake(t, (key) => {
        if (key.startsWith("HEAD")) return { status: 404 };
        return key.startsWith("POST") ? { status: 202, headers: { location } } : { status: 201 };
      });
      assert.equal(await connect().open(at).putBlob(blob.descriptor, blob.source), "uploaded");
      assert.equal(seen.at(-1), `${expected}digest=sha256%3A${blob.descriptor.digest.slice(7)}`);
    }
  });

  it("does not show the login to another host that an upload is sent to", async (t) => {
    const other = await fake(t, () => ({ status: 201 }));
    const { at, host, requests } = await fake(t, (key, request) => {
      if (request.headers.authorization === undefined) return { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } };
      if (key.startsWith("HEAD")) return { status: 404 };
      return { status: 202, headers: { location: `http://${other.host}/signed` } };
    });
    await connect({ [host]: { username: "u", password: "p" } })
      .open(at)
      .putBlob(blob.descriptor, blob.source);
    assert.notEqual(requests.at(-1)?.headers.authorization, undefined);
    assert.equal(other.requests[0]?.headers.authorization, undefined);
  });

  for (const location of ["http://127.0.0.1:1/signed", "http://other.example/x?token=secret-1", "ftp://r.invalid/x"]) {
    it(`does not leave TLS for ${location}`, async () => {
      const client = new RegistryClient({
        host: "r.invalid",
        http: createHttpClient({ env: {} }),
        authorizer: new Authorizer(
          "r.invalid",
          createHttpClient({ env: {} }),
          new Credentials({ env: {}, registries: new Map(), signal: undefined }),
        ),
        scheme: undefined,
      });
      await assert.rejects(client.locate(location, new URL("https://r.invalid/v2/a/blobs/uploads/")), (thrown: Error) => {
        assert.match(thrown.message, /^r\.invalid answered with a Location that leaves TLS: /);
        return !thrown.message.includes("secret-1");
      });
      const own = await client.locate("http://r.invalid/v2/x", new URL("https://r.invalid/v2/"));
      assert.equal(own.href, "https://r.invalid/v2/x");
    });
  }

  it("deletes nothing at another host that an upload is sent to and that refuses it", async (t) => {
    const other = await fake(t, () => ({ status: 400 }));
    const { at } = await fake(t, (key) =>
      key.startsWith("HEAD") ? { status: 404 } : { status: 202, headers: { location: `http://${other.host}/containers/1` } },
    );
    await assert.rejects(connect().open(at).putBlob(blob.descriptor, blob.source), { code: "rejected" });
    assert.deepEqual(
      other.requests.map(({ method }) => method),
      ["PUT"],
    );
  });

  it("gives up a registry that breaks after each byte", async (t) => {
    const { at, seen } = await fake(t, (_, request, response) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, { "content-length": 10_000 - start, "content-range": `bytes ${start}-9999/10000` });
      response.write(blob.bytes.subarray(start, start + 1), () => setTimeout(() => response.socket?.resetAndDestroy(), 5));
      return undefined;
    });
    await assert.rejects(readAll(connect().open(at).readBlob(blob.descriptor)), { code: "unavailable" });
    assert.equal(seen.length, 4);
  });

  it("uploads on where a mount is answered by a session, and from the start where it is refused", async (t) => {
    for (const status of [202, 400, 403, 404, 405]) {
      const { at, seen } = await fake(t, (key) => {
        if (key.startsWith("HEAD")) return { status: 404 };
        if (key.includes("mount=")) return { status, headers: { location: "/v2/session/mount" } };
        return key.startsWith("POST") ? { status: 202, headers: { location: "/v2/session/own" } } : { status: 201 };
      });
      assert.equal(
        await connect()
          .open(at)
          .putBlob(blob.descriptor, blob.source, { ...at, name: "acme/base" }),
        "uploaded",
      );
      assert.ok(seen.at(-1)?.startsWith(`PUT /v2/session/${status === 202 ? "mount" : "own"}?`), `${status}`);
    }
  });

  it("gives up the session and begins anew when an upload breaks", async (t) => {
    let puts = 0;
    let sessions = 0;
    const { at, seen } = await fake(t, (key, request) => {
      if (key.startsWith("HEAD")) return { status: 404 };
      if (key.startsWith("POST")) return { status: 202, headers: { location: `/v2/session/${(sessions += 1)}` } };
      if (key.startsWith("DELETE")) return { status: 204 };
      if ((puts += 1) > 1) return { status: 201 };
      request.socket.resetAndDestroy();
      return undefined;
    });
    assert.equal(await connect().open(at).putBlob(blob.descriptor, blob.source), "uploaded");
    assert.deepEqual(seen.map((key) => key.split("?")[0]).slice(2), ["PUT /v2/session/1", "DELETE /v2/session/1", "POST /v2/acme/app/blobs/uploads/", "PUT /v2/session/2"]); // prettier-ignore
  });

  it("does not push what its source got wrong", async (t) => {
    const { at, seen } = await fake(t, (key, request, response) => {
      if (key.startsWith("HEAD")) return { status: 404 };
      if (key.startsWith("POST")) return { status: 202, headers: { location: "/v2/session/1" } };
      if (key.startsWith("DELETE")) return { status: 204 };
      request.on("end", () => response.writeHead(201).end());
      return undefined;
    });
    await assert.rejects(
      connect()
        .open(at)
        .putBlob(blob.descriptor, testBlob(Buffer.alloc(10_000)).source),
      { code: "mismatch", message: /its source/ },
    );
    await assert.rejects(
      connect()
        .open(at)
        .putBlob(blob.descriptor, testBlob(Buffer.alloc(5)).source),
      { code: "mismatch" },
    );
    assert.equal(seen.filter((key) => key.startsWith("DELETE")).length, 2);
  });

  it("shares the work of those who want the same blob in the same place", async (t) => {
    const { at, seen } = await fake(t, (key) => {
      if (key.startsWith("HEAD")) return { status: 404 };
      return key.startsWith("POST") ? { status: 202, headers: { location: "/v2/session/1" } } : { status: 201 };
    });
    const repositories = connect();
    const arrivals = await Promise.all(Array.from({ length: 20 }, () => repositories.open(at).putBlob(blob.descriptor, blob.source)));
    assert.deepEqual(new Set(arrivals), new Set(["uploaded"]));
    assert.equal(seen.length, 3);
  });

  it("has at most eight requests at a time", async (t) => {
    let running = 0;
    let most = 0;
    const { at } = await fake(t, (_, __, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        response.writeHead(404).end();
      }, 10);
      return undefined;
    });
    const repository = connect().open(at);
    await Promise.all(Array.from({ length: 40 }, (_, number) => repository.hasBlob(testBlob(Buffer.from(String(number))).descriptor)));
    assert.equal(most, 8);
  });
});

describe("tags", () => {
  it("follows the pages, and stops at a circle", async (t) => {
    const { at, seen } = await fake(t, (key) =>
      key.includes("last=b")
        ? { status: 200, body: '{"name":"acme/app","tags":["c","a"]}' }
        : { status: 200, headers: { link: '</v2/acme/app/tags/list?n=2&last=b>; rel="next"' }, body: '{"tags":["b","a"]}' },
    );
    assert.deepEqual(await connect().open(at).listTags(), ["a", "b", "c"]);
    assert.equal(seen.length, 2);
    const circle = await fake(t, () => ({
      status: 200,
      headers: { link: '</v2/acme/app/tags/list?x>; rel="next"' },
      body: '{"tags":null}',
    }));
    await assert.rejects(connect().open(circle.at).listTags(), { code: "rejected", message: /circle/ });
  });

  it("is none for a repository that does not exist", async (t) => {
    const { at } = await fake(t, () => ({ status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }));
    assert.deepEqual(await connect().open(at).listTags(), []);
    assert.equal(await connect().open(at).getManifest("v1"), undefined);
  });
});

it("a token that is refused for deleting is a matter of the login, whatever its status", async (t) => {
  const { at, host } = await fake(t, (key, request) => {
    if (key.startsWith("GET /v2/token")) {
      const status = key.includes("delete") ? 400 : 200;
      return { status, body: status === 400 ? '{"details":"unknown action"}' : '{"token":"t"}' };
    }
    const challenge = `Bearer realm="http://${request.headers.host ?? ""}/v2/token",service="s"`;
    if (request.headers.authorization === undefined) return { status: 401, headers: { "www-authenticate": challenge } };
    return { status: 200, headers: { "content-type": OCI_INDEX, "docker-content-digest": manifest.digest }, body: manifest.bytes };
  });
  const hint = `Log in to ${host} (docker login), or set its credentials in dhi:registries`;
  await assert.rejects(connect().open(at).deleteTag("v1", manifest.digest), { code: "unauthorized", message: /answered 400/, hint });
});

describe("only 404 is gone", () => {
  for (const [status, code] of [
    [401, "unauthorized"],
    [403, "unauthorized"],
    [400, "rejected"],
  ] as const) {
    // prettier-ignore
    it(`takes ${status} for an error everywhere`, async (t) => {
      const { at } = await fake(t, () => ({ status }));
      const repository = connect().open(at);
      const blob = testBlob(Buffer.from("x"));
      for (const work of [
        () => repository.headManifest("v1"),
        () => repository.getManifest("v1"),
        () => repository.hasBlob(blob.descriptor),
        () => readAll(repository.readBlob(blob.descriptor)),
        () => repository.putBlob(blob.descriptor, blob.source),
        () => repository.putManifest("v1", manifest),
        () => repository.deleteTag("v1"),
        () => repository.listTags(),
      ]) {
        await assert.rejects(work, { code });
      }
    });
  }
});

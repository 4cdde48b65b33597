import { describe, it } from "mocha";
import { createHttpClient } from "../../../provider/http/client.js";
import { Authorizer } from "../../../provider/registry/auth/authorizer.js";
import { Credentials } from "../../../provider/registry/auth/credentials.js";
import { RegistryClient } from "../../../provider/registry/remote/registry-client.js";
import { expect } from "../../support/expectations.js";
import { readAll, testBlob } from "../../support/registries/images.js";
import { connect, fake } from "./fake-registry.js";

describe("a client of blobs", () => {
  const blob = testBlob(Buffer.from("0123456789".repeat(1000)));

  for (const ranges of [true, false]) {
    it(`resumes a broken download when the registry ${ranges ? "supports" : "does not support"} ranges`, async () => {
      let number = 0;
      const asked: (string | undefined)[] = [];
      const { at } = await fake((_, request, response) => {
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
      expect(await readAll(connect().open(at).readBlob(blob.descriptor))).to.deep.equal(blob.bytes);
      expect(asked[0]).to.equal(undefined);
      expect(asked[1]).to.equal("bytes=3000-");
      expect(asked.length).to.equal(3);
    });
  }

  it("rejects a blob when its bytes are wrong, too few or too many", async () => {
    for (const body of ["x".repeat(10_000), "short", `${blob.bytes.toString()}more`]) {
      const { at } = await fake(() => ({ status: 200, body }));
      await expect(readAll(connect().open(at).readBlob(blob.descriptor))).to.be.rejectedWithError({ code: "mismatch" });
    }
  });

  it("keeps the query of an upload's Location and resolves relative ones", async () => {
    for (const [location, expected] of [
      ["/v2/u/1?_state=a%2Bb==&x", "PUT /v2/u/1?_state=a%2Bb==&x&"],
      ["/v2/u/2", "PUT /v2/u/2?"],
    ] as const) {
      // prettier-ignore
      const { at, seen } = await fake((key) => {
        if (key.startsWith("HEAD")) return { status: 404 };
        return key.startsWith("POST") ? { status: 202, headers: { location } } : { status: 201 };
      });
      expect(await connect().open(at).putBlob(blob.descriptor, blob.source)).to.equal("uploaded");
      expect(seen.at(-1)).to.equal(`${expected}digest=sha256%3A${blob.descriptor.digest.slice(7)}`);
    }
  });

  it("does not send the login to another host that an upload is redirected to", async () => {
    const other = await fake(() => ({ status: 201 }));
    const { at, host, requests } = await fake((key, request) => {
      if (request.headers.authorization === undefined) return { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } };
      if (key.startsWith("HEAD")) return { status: 404 };
      return { status: 202, headers: { location: `http://${other.host}/signed` } };
    });
    await connect({ [host]: { username: "u", password: "p" } })
      .open(at)
      .putBlob(blob.descriptor, blob.source);
    expect(requests.at(-1)?.headers.authorization).to.not.equal(undefined);
    expect(other.requests[0]?.headers.authorization).to.equal(undefined);
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
      await expect(client.locate(location, new URL("https://r.invalid/v2/a/blobs/uploads/"))).to.be.rejectedWithError((thrown: Error) => {
        expect(thrown.message).to.match(/^r\.invalid answered with a Location that leaves TLS: /);
        return !thrown.message.includes("secret-1");
      });
      const own = await client.locate("http://r.invalid/v2/x", new URL("https://r.invalid/v2/"));
      expect(own.href).to.equal("https://r.invalid/v2/x");
    });
  }

  it("sends no DELETE to another host that refused an upload", async () => {
    const other = await fake(() => ({ status: 400 }));
    const { at } = await fake((key) =>
      key.startsWith("HEAD") ? { status: 404 } : { status: 202, headers: { location: `http://${other.host}/containers/1` } },
    );
    await expect(connect().open(at).putBlob(blob.descriptor, blob.source)).to.be.rejectedWithError({ code: "rejected" });
    expect(other.requests.map(({ method }) => method)).to.deep.equal(["PUT"]);
  });

  it("gives up when a download breaks after each byte", async () => {
    const { at, seen } = await fake((_, request, response) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, { "content-length": 10_000 - start, "content-range": `bytes ${start}-9999/10000` });
      response.write(blob.bytes.subarray(start, start + 1), () => setTimeout(() => response.socket?.resetAndDestroy(), 5));
      return undefined;
    });
    await expect(readAll(connect().open(at).readBlob(blob.descriptor))).to.be.rejectedWithError({ code: "unavailable" });
    expect(seen.length).to.equal(4);
  });

  it("uses the upload session that answers a mount, and opens its own when the mount is refused", async () => {
    for (const status of [202, 400, 403, 404, 405]) {
      const { at, seen } = await fake((key) => {
        if (key.startsWith("HEAD")) return { status: 404 };
        if (key.includes("mount=")) return { status, headers: { location: "/v2/session/mount" } };
        return key.startsWith("POST") ? { status: 202, headers: { location: "/v2/session/own" } } : { status: 201 };
      });
      expect(
        await connect()
          .open(at)
          .putBlob(blob.descriptor, blob.source, { ...at, name: "acme/base" }),
      ).to.equal("uploaded");
      expect(seen.at(-1)?.startsWith(`PUT /v2/session/${status === 202 ? "mount" : "own"}?`), `${status}`).to.equal(true);
    }
  });

  it("cancels the session and opens another when an upload breaks", async () => {
    let puts = 0;
    let sessions = 0;
    const { at, seen } = await fake((key, request) => {
      if (key.startsWith("HEAD")) return { status: 404 };
      if (key.startsWith("POST")) return { status: 202, headers: { location: `/v2/session/${(sessions += 1)}` } };
      if (key.startsWith("DELETE")) return { status: 204 };
      if ((puts += 1) > 1) return { status: 201 };
      request.socket.resetAndDestroy();
      return undefined;
    });
    expect(await connect().open(at).putBlob(blob.descriptor, blob.source)).to.equal("uploaded");
    expect(seen.map((key) => key.split("?")[0]).slice(2)).to.deep.equal(["PUT /v2/session/1", "DELETE /v2/session/1", "POST /v2/acme/app/blobs/uploads/", "PUT /v2/session/2"]); // prettier-ignore
  });

  it("does not push bytes of a source that do not match the digest", async () => {
    const { at, seen } = await fake((key, request, response) => {
      if (key.startsWith("HEAD")) return { status: 404 };
      if (key.startsWith("POST")) return { status: 202, headers: { location: "/v2/session/1" } };
      if (key.startsWith("DELETE")) return { status: 204 };
      request.on("end", () => response.writeHead(201).end());
      return undefined;
    });
    await expect(
      connect()
        .open(at)
        .putBlob(blob.descriptor, testBlob(Buffer.alloc(10_000)).source),
    ).to.be.rejectedWithError({ code: "mismatch", message: /its source/ });
    await expect(
      connect()
        .open(at)
        .putBlob(blob.descriptor, testBlob(Buffer.alloc(5)).source),
    ).to.be.rejectedWithError({ code: "mismatch" });
    expect(seen.filter((key) => key.startsWith("DELETE")).length).to.equal(2);
  });

  it("uploads a blob once for concurrent calls", async () => {
    const { at, seen } = await fake((key) => {
      if (key.startsWith("HEAD")) return { status: 404 };
      return key.startsWith("POST") ? { status: 202, headers: { location: "/v2/session/1" } } : { status: 201 };
    });
    const repositories = connect();
    const arrivals = await Promise.all(Array.from({ length: 20 }, () => repositories.open(at).putBlob(blob.descriptor, blob.source)));
    expect(new Set(arrivals)).to.deep.equal(new Set(["uploaded"]));
    expect(seen.length).to.equal(3);
  });

  it("sends at most eight requests at a time", async () => {
    let running = 0;
    let most = 0;
    const { at } = await fake((_, __, response) => {
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
    expect(most).to.equal(8);
  });
});

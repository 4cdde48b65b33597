import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import type { Repositories } from "../../provider/registry/repository.js";
import { expect, expectThat } from "../support/expectations.js";
import { publishImage, readAll, testBlob, testImage } from "../support/registries/images.js";
import { findProgram, startCraneRegistry, startForwardProxy, type Fault } from "../support/registries/index.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";
import { at, before, connect, start } from "./stage.js";

describe("a connection to a registry with TLS", () => {
  it("trusts the caCertificates of dhi:registries, as text and as a file", async () => {
    const registry = await start({ tls: true, auth: "basic" });
    const { username, password, certificates, host } = registry;
    for (const ca of [certificates?.ca ?? "", certificates?.caFile ?? ""]) {
      const repository = connect({ [host]: { username, password, caCertificates: [ca] } }).open(at(host));
      await publishImage(repository, testImage(10), "v1");
      expect(await repository.listTags()).to.deep.equal(["v1"]);
    }
  });

  it("is chosen on loopback by a probe, and an error names the host whose certificate is not trusted", async () => {
    const registry = await start({ tls: true });
    await expect(connect().open(at(registry.host)).headManifest("v1")).to.be.rejectedWithError({
      code: "unavailable",
      message: new RegExp(`certificate of ${registry.host} is not trusted`),
      hint: /caCertificates/,
    });
    const localhost = registry.host.replace("127.0.0.1", "localhost");
    await expect(connect().open(at(localhost)).headManifest("v1")).to.be.rejectedWithError({ code: "unavailable" });
  });
});

describe("a connection to a registry through a proxy", () => {
  it("uses CONNECT for https, absolute URLs for http, and the login of the proxy", async () => {
    const tls = await start({ tls: true });
    const plain = await start();
    const route = (target: string): string | undefined => ({ "tls.example:443": tls.host, "plain.example:80": plain.host })[target];
    const proxy = await startForwardProxy({ route, login: "me:secret" });
    cleanup(proxy.stop);
    const url = proxy.url.replace("//", "//me:secret@");
    const folder = await mkdtemp(join(tmpdir(), "dhi-log-"));
    cleanup(() => rm(folder, { recursive: true }));
    const env = { HTTPS_PROXY: url, http_proxy: url, DHI_LOG: join(folder, "log") };
    // The certificate is issued for localhost, so it is not valid for this name: the handshake reached the registry.
    await expect(
      connect({ "tls.example": { caCertificates: [tls.certificates?.ca ?? ""] } }, env)
        .open(at("tls.example"))
        .headManifest("v1"),
    ).to.be.rejectedWithError({
      code: "unavailable",
      message: /certificate of tls\.example is not trusted/,
    });
    const repository = connect({ "plain.example": { plainHttp: true } }, env).open(at("plain.example"));
    await publishImage(repository, testImage(100_000), "v1");
    expect(await repository.listTags()).to.deep.equal(["v1"]);
    expect(proxy.requests).to.include("CONNECT tls.example:443");
    expect(proxy.requests.some((line) => line.startsWith("HEAD http://plain.example/v2/acme/app/"))).to.equal(true);
    expect(await readFile(env.DHI_LOG, "utf8")).to.not.match(/secret/);
    await expect(connect({}, { HTTPS_PROXY: proxy.url }).open(at("tls.example")).headManifest("v1")).to.be.rejectedWithError({
      code: "unavailable",
      message: /proxy/,
    });
  });
});

describe("a blob of one registry", () => {
  it("is streamed to another registry", async () => {
    const [from, to] = [await start(), await start()];
    const repositories = connect();
    const size = 64 * 1024 * 1024;
    const blob = testBlob(randomBytes(size));
    const source = repositories.open(at(from.host));
    await source.putBlob(blob.descriptor, blob.source);
    const target = repositories.open(at(to.host));
    expect(repositories.sameRegistry(source.repository, target.repository)).to.equal(false);
    expect(await target.putBlob(blob.descriptor, () => source.readBlob(blob.descriptor), source.repository)).to.equal("uploaded");
    expect(await target.hasBlob(blob.descriptor)).to.equal(true);
  });
});

describe("a registry with temporary failures", () => {
  it("receives a whole image in spite of resets, 429 and 503", async () => {
    const registry = await start();
    const counts = new Map<string, number>();
    const faults: readonly Fault[] = [
      { kind: "status", status: 429, headers: { "retry-after": "0" } },
      { kind: "reset" },
      { kind: "status", status: 503, headers: { "retry-after": "0" } },
    ];
    // Each kind of request fails three times before it works.
    const proxy = await before(registry.host, ({ method, url }) => {
      const key = `${method} ${url.split("?", 1)[0]?.replace(/uploads\/.+/, "uploads") ?? ""}`;
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      return url === "/v2/" || method === "DELETE" ? undefined : faults[count];
    });
    const image = testImage(200_000);
    await publishImage(connect().open(at(proxy.host)), image, "v1");
    expect(await connect().open(at(registry.host)).getManifest("v1")).to.deep.equal(image.index);
    expect(await readAll(connect().open(at(proxy.host)).readBlob(image.layer.descriptor))).to.deep.equal(image.layer.bytes);
  });

  it("receives a blob in spite of an upload that broke midway", async () => {
    const registry = await start();
    let broken = false;
    const proxy = await before(registry.host, ({ method }) => {
      if (broken || method !== "PUT") return undefined;
      broken = true;
      return { kind: "reset-upload", afterBytes: 1_000_000 };
    });
    const blob = testBlob(randomBytes(4_000_000));
    expect(await connect().open(at(proxy.host)).putBlob(blob.descriptor, blob.source)).to.equal("uploaded");
    expect(broken).to.equal(true);
    expect(await readAll(connect().open(at(registry.host)).readBlob(blob.descriptor))).to.deep.equal(blob.bytes);
  });
});

describe("deleting a tag by digest", () => {
  it("restores the tag when the registry fails after the tag was pointed at the throw-away manifest", async () => {
    const registry = await start();
    let deletions = 0;
    const proxy = await before(registry.host, ({ method, url }) => {
      if (method !== "DELETE" || !url.includes("sha256:")) return undefined;
      return (deletions += 1) > 1 ? { kind: "status", status: 503 } : undefined;
    });
    const repository = connect().open(at(proxy.host));
    const image = testImage(10);
    await publishImage(repository, image, "v1");
    await expect(repository.deleteTag("v1")).to.be.rejectedWithError({ code: "unavailable" });
    expect(await repository.getManifest("v1")).to.deep.equal(image.index);
  });

  it("leaves the tag as it was when the registry refuses to delete", async () => {
    const registry = await start({ deleteEnabled: false });
    const repository = connect().open(at(registry.host));
    const image = testImage(10);
    await publishImage(repository, image, "v1");
    const outcome = await repository.deleteTag("v1");
    expect(outcome.deleted).to.equal(false);
    expect(outcome.reason ?? "").to.match(/405.*UNSUPPORTED/);
    expect(await repository.getManifest("v1")).to.deep.equal(image.index);
  });

  it("restores the tag when the last step is refused", async () => {
    const registry = await start();
    let deletions = 0;
    const proxy = await before(registry.host, ({ method, url }) => {
      if (method !== "DELETE" || !url.includes("sha256:")) return undefined;
      return (deletions += 1) === 2
        ? { kind: "status", status: 405, body: '{"errors":[{"code":"UNSUPPORTED","message":"not today"}]}' }
        : undefined;
    });
    const repository = connect().open(at(proxy.host));
    const image = testImage(10);
    await publishImage(repository, image, "v1");
    const outcome = await repository.deleteTag("v1");
    expect(outcome.deleted).to.equal(false);
    expect(outcome.reason ?? "").to.match(/not today/);
    expect(await repository.getManifest("v1")).to.deep.equal(image.index);
  });
});

describe("an image", () => {
  it(
    "is published to, mounted in and deleted from distribution v3",
    testUnless(findProgram("registry") === undefined && "no registry v3 in DHI_TOOLS", async () => {
      const registry = await start({ program: "registry", auth: "bearer" });
      await runThrough(
        connect({ [registry.host]: { username: registry.username, password: registry.password } }),
        registry.host,
        "mounted",
      );
    }),
  );

  it(
    "is published to and deleted from crane's registry",
    testUnless(findProgram("crane") === undefined && "no crane in DHI_TOOLS", async () => {
      const registry = await startCraneRegistry();
      expectThat(registry !== undefined);
      cleanup(registry.stop);
      // It stores the blobs of all repositories in one place.
      await runThrough(connect(), registry.host, "present");
    }),
  );
});

async function runThrough(repositories: Repositories, host: string, arrival: "mounted" | "present"): Promise<void> {
  const [one, other] = [repositories.open(at(host, "acme/one")), repositories.open(at(host, "acme/other"))];
  const image = testImage(100_000);
  await publishImage(one, image, "v1", "v2");
  expect(await other.putBlob(image.layer.descriptor, image.layer.source, one.repository)).to.equal(arrival);
  expect(await one.listTags()).to.deep.equal(["v1", "v2"]);
  expect(await readAll(one.readBlob(image.layer.descriptor))).to.deep.equal(image.layer.bytes);
  expect(await one.deleteTag("v1")).to.deep.equal({ deleted: true });
  expect(await one.headManifest("v1")).to.equal(undefined);
  expect(await one.getManifest("v2")).to.deep.equal(image.index);
  expect(await one.getManifest("never")).to.equal(undefined);
  expect(await repositories.open(at(host, "acme/none")).listTags()).to.deep.equal([]);
}

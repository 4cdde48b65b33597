import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Repositories } from "../../provider/registry/repository.js";
import { publishImage, readAll, testBlob, testImage } from "../support/registries/images.js";
import { findProgram, startCraneRegistry, startForwardProxy, type Fault } from "../support/registries/index.js";
import { at, before, connect, start } from "./stage.js";

describe("TLS", () => {
  it("trusts the CA of dhi:registries, as text and as file", async (t) => {
    const registry = await start(t, { tls: true, auth: "basic" });
    const { username, password, certificates, host } = registry;
    for (const ca of [certificates?.ca ?? "", certificates?.caFile ?? ""]) {
      const repository = connect({ [host]: { username, password, caCertificates: [ca] } }).open(at(host));
      await publishImage(repository, testImage(10), "v1");
      assert.deepEqual(await repository.listTags(), ["v1"]);
    }
  });

  it("finds TLS on loopback by itself, and says whose certificate is not trusted", async (t) => {
    const registry = await start(t, { tls: true });
    await assert.rejects(connect().open(at(registry.host)).headManifest("v1"), {
      code: "unavailable",
      message: new RegExp(`certificate of ${registry.host} is not trusted`),
      hint: /caCertificates/,
    });
    const localhost = registry.host.replace("127.0.0.1", "localhost");
    await assert.rejects(connect().open(at(localhost)).headManifest("v1"), { code: "unavailable" });
  });
});

describe("through a proxy", () => {
  it("reaches registries by CONNECT and by absolute URLs, with the proxy's login", async (t) => {
    const tls = await start(t, { tls: true });
    const plain = await start(t);
    const route = (target: string): string | undefined => ({ "tls.example:443": tls.host, "plain.example:80": plain.host })[target];
    const proxy = await startForwardProxy({ route, login: "me:secret" });
    t.after(proxy.stop);
    const url = proxy.url.replace("//", "//me:secret@");
    const folder = await mkdtemp(join(tmpdir(), "dhi-log-"));
    t.after(() => rm(folder, { recursive: true }));
    const env = { HTTPS_PROXY: url, http_proxy: url, DHI_LOG: join(folder, "log") };
    // The certificate is for localhost, so the name is not; that the handshake got there is what counts.
    await assert.rejects(
      connect({ "tls.example": { caCertificates: [tls.certificates?.ca ?? ""] } }, env)
        .open(at("tls.example"))
        .headManifest("v1"),
      {
        code: "unavailable",
        message: /certificate of tls\.example is not trusted/,
      },
    );
    const repository = connect({ "plain.example": { plainHttp: true } }, env).open(at("plain.example"));
    await publishImage(repository, testImage(100_000), "v1");
    assert.deepEqual(await repository.listTags(), ["v1"]);
    assert.ok(proxy.requests.includes("CONNECT tls.example:443"));
    assert.ok(proxy.requests.some((line) => line.startsWith("HEAD http://plain.example/v2/acme/app/")));
    assert.doesNotMatch(await readFile(env.DHI_LOG, "utf8"), /secret/);
    await assert.rejects(connect({}, { HTTPS_PROXY: proxy.url }).open(at("tls.example")).headManifest("v1"), {
      code: "unavailable",
      message: /proxy/,
    });
  });
});

describe("between registries", () => {
  it("streams a blob from the one to the other", async (t) => {
    const [from, to] = [await start(t), await start(t)];
    const repositories = connect();
    const size = 64 * 1024 * 1024;
    const blob = testBlob(randomBytes(size));
    const source = repositories.open(at(from.host));
    await source.putBlob(blob.descriptor, blob.source);
    const target = repositories.open(at(to.host));
    assert.equal(repositories.sameRegistry(source.repository, target.repository), false);
    assert.equal(await target.putBlob(blob.descriptor, () => source.readBlob(blob.descriptor), source.repository), "uploaded");
    assert.equal(await target.hasBlob(blob.descriptor), true);
  });
});

describe("a registry that stumbles", () => {
  it("gets a whole image in spite of resets, 429 and 503", async (t) => {
    const registry = await start(t);
    const counts = new Map<string, number>();
    const faults: readonly Fault[] = [
      { kind: "status", status: 429, headers: { "retry-after": "0" } },
      { kind: "reset" },
      { kind: "status", status: 503, headers: { "retry-after": "0" } },
    ];
    // Each kind of request fails three times before it works.
    const proxy = await before(t, registry.host, ({ method, url }) => {
      const key = `${method} ${url.split("?", 1)[0]?.replace(/uploads\/.+/, "uploads") ?? ""}`;
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      return url === "/v2/" || method === "DELETE" ? undefined : faults[count];
    });
    const image = testImage(200_000);
    await publishImage(connect().open(at(proxy.host)), image, "v1");
    assert.deepEqual(await connect().open(at(registry.host)).getManifest("v1"), image.index);
    assert.deepEqual(await readAll(connect().open(at(proxy.host)).readBlob(image.layer.descriptor)), image.layer.bytes);
  });

  it("gets a blob in spite of an upload that broke midway", async (t) => {
    const registry = await start(t);
    let broken = false;
    const proxy = await before(t, registry.host, ({ method }) => {
      if (broken || method !== "PUT") return undefined;
      broken = true;
      return { kind: "reset-upload", afterBytes: 1_000_000 };
    });
    const blob = testBlob(randomBytes(4_000_000));
    assert.equal(await connect().open(at(proxy.host)).putBlob(blob.descriptor, blob.source), "uploaded");
    assert.equal(broken, true);
    assert.deepEqual(await readAll(connect().open(at(registry.host)).readBlob(blob.descriptor)), blob.bytes);
  });
});

describe("deleting a tag", () => {
  it("puts back what was there when the registry breaks after the tag was pointed elsewhere", async (t) => {
    const registry = await start(t);
    let deletions = 0;
    const proxy = await before(t, registry.host, ({ method, url }) => {
      if (method !== "DELETE" || !url.includes("sha256:")) return undefined;
      return (deletions += 1) > 1 ? { kind: "status", status: 503 } : undefined;
    });
    const repository = connect().open(at(proxy.host));
    const image = testImage(10);
    await publishImage(repository, image, "v1");
    await assert.rejects(repository.deleteTag("v1"), { code: "unavailable" });
    assert.deepEqual(await repository.getManifest("v1"), image.index);
  });

  it("leaves it as it was where the registry refuses to delete", async (t) => {
    const registry = await start(t, { deleteEnabled: false });
    const repository = connect().open(at(registry.host));
    const image = testImage(10);
    await publishImage(repository, image, "v1");
    const outcome = await repository.deleteTag("v1");
    assert.equal(outcome.deleted, false);
    assert.match(outcome.reason ?? "", /405.*UNSUPPORTED/);
    assert.deepEqual(await repository.getManifest("v1"), image.index);
  });

  it("puts it back where the last step fails", async (t) => {
    const registry = await start(t);
    let deletions = 0;
    const proxy = await before(t, registry.host, ({ method, url }) => {
      if (method !== "DELETE" || !url.includes("sha256:")) return undefined;
      return (deletions += 1) === 2
        ? { kind: "status", status: 405, body: '{"errors":[{"code":"UNSUPPORTED","message":"not today"}]}' }
        : undefined;
    });
    const repository = connect().open(at(proxy.host));
    const image = testImage(10);
    await publishImage(repository, image, "v1");
    const outcome = await repository.deleteTag("v1");
    assert.equal(outcome.deleted, false);
    assert.match(outcome.reason ?? "", /not today/);
    assert.deepEqual(await repository.getManifest("v1"), image.index);
  });
});

describe("other registries", () => {
  it(
    "publishes to, mounts in and deletes from distribution v3",
    { skip: findProgram("registry") === undefined && "no registry v3 in DHI_TOOLS" },
    async (t) => {
      const registry = await start(t, { program: "registry", auth: "bearer" });
      await runThrough(
        connect({ [registry.host]: { username: registry.username, password: registry.password } }),
        registry.host,
        "mounted",
      );
    },
  );

  it(
    "publishes to and deletes from crane's registry",
    { skip: findProgram("crane") === undefined && "no crane in DHI_TOOLS" },
    async (t) => {
      const registry = await startCraneRegistry();
      assert.ok(registry !== undefined);
      t.after(registry.stop);
      // It has one store of blobs for all repositories.
      await runThrough(connect(), registry.host, "present");
    },
  );
});

async function runThrough(repositories: Repositories, host: string, arrival: "mounted" | "present"): Promise<void> {
  const [one, other] = [repositories.open(at(host, "acme/one")), repositories.open(at(host, "acme/other"))];
  const image = testImage(100_000);
  await publishImage(one, image, "v1", "v2");
  assert.equal(await other.putBlob(image.layer.descriptor, image.layer.source, one.repository), arrival);
  assert.deepEqual(await one.listTags(), ["v1", "v2"]);
  assert.deepEqual(await readAll(one.readBlob(image.layer.descriptor)), image.layer.bytes);
  assert.deepEqual(await one.deleteTag("v1"), { deleted: true });
  assert.equal(await one.headManifest("v1"), undefined);
  assert.deepEqual(await one.getManifest("v2"), image.index);
  assert.equal(await one.getManifest("never"), undefined);
  assert.deepEqual(await repositories.open(at(host, "acme/none")).listTags(), []);
}

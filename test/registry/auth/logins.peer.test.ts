import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { publishImage, testBlob, testImage } from "../../support/registries/images.js";
import { at, before, connect, never, start } from "../stage.js";

describe("bearer tokens", () => {
  it("asks for one token a scope, however many want it", async (t) => {
    const registry = await start(t, { auth: "bearer" });
    const repositories = connect({ [registry.host]: { username: registry.username, password: registry.password } });
    await publishImage(repositories.open(at(registry.host)), testImage(10), "v1");
    const { tokens } = registry;
    assert.ok(tokens !== undefined);
    const asked = tokens.requests.length;
    const tags = Array.from({ length: 20 }, () => repositories.open(at(registry.host)).headManifest("v1"));
    assert.equal(
      (await Promise.all(tags)).every((found) => found !== undefined),
      true,
    );
    assert.equal(tokens.requests.length, asked);
    const fresh = connect({ [registry.host]: { username: registry.username, password: registry.password } });
    await Promise.all(Array.from({ length: 20 }, () => fresh.open(at(registry.host)).headManifest("v1")));
    assert.equal(tokens.requests.length, asked + 1);
  });

  it("asks for both repositories when mounting", async (t) => {
    const registry = await start(t, { auth: "bearer" });
    const repositories = connect({ [registry.host]: { username: registry.username, password: registry.password } });
    const blob = testBlob(Buffer.from("x"));
    await repositories.open(at(registry.host, "acme/base")).putBlob(blob.descriptor, blob.source);
    assert.equal(await repositories.open(at(registry.host)).putBlob(blob.descriptor, never, at(registry.host, "acme/base")), "mounted");
    assert.deepEqual(registry.tokens?.requests.at(-1)?.scopes, ["repository:acme/app:pull,push", "repository:acme/base:pull"]);
  });

  it("uploads where the other repository may not be read", async (t) => {
    const registry = await start(t, { auth: "bearer", tokens: { grant: (name, actions) => (name === "acme/app" ? actions : []) } });
    const repositories = connect({ [registry.host]: { username: registry.username, password: registry.password } });
    const blob = testBlob(Buffer.from("x"));
    assert.equal(
      await repositories.open(at(registry.host)).putBlob(blob.descriptor, blob.source, at(registry.host, "acme/base")),
      "uploaded",
    );
  });

  it("exchanges an identity token", async (t) => {
    const registry = await start(t, { auth: "bearer", tokens: { identityToken: "refresh me" } });
    await publishImage(connect({ [registry.host]: { identityToken: "refresh me" } }).open(at(registry.host)), testImage(10), "v1");
    assert.ok(registry.tokens?.requests.every(({ method, by }) => method === "POST" && by === "identity"));
  });

  it("renews a token that is refused", async (t) => {
    const registry = await start(t, { auth: "bearer" });
    let refuse = false;
    const proxy = await before(t, registry.host, () => {
      if (!refuse) return undefined;
      refuse = false;
      const challenge = `Bearer realm="${registry.tokens?.realm ?? ""}",service="${registry.tokens?.service ?? ""}",error="invalid_token"`;
      return { kind: "status", status: 401, headers: { "www-authenticate": challenge } };
    });
    const repository = connect({ [proxy.host]: { username: registry.username, password: registry.password } }).open(at(proxy.host));
    await publishImage(repository, testImage(10), "v1");
    const tokens = registry.tokens?.requests.length ?? 0;
    refuse = true;
    assert.notEqual(await repository.headManifest("v1"), undefined);
    assert.equal(registry.tokens?.requests.length, tokens + 1);
  });

  it("renews a token before it expires", async (t) => {
    const registry = await start(t, { auth: "bearer", tokens: { lifetime: 12 } });
    const repository = connect({ [registry.host]: { username: registry.username, password: registry.password } }).open(at(registry.host));
    await publishImage(repository, testImage(10), "v1");
    const tokens = registry.tokens?.requests.length ?? 0;
    const real = Date.now;
    t.after(() => (Date.now = real));
    Date.now = () => real() + 13_000;
    assert.notEqual(await repository.headManifest("v1"), undefined);
    assert.equal(registry.tokens?.requests.length, tokens + 1);
  });
});

for (const auth of ["basic", "bearer"] as const) {
  describe(`wrong or no login with ${auth}`, () => {
    it("is an error with the registry's words and without the password, tried once", async (t) => {
      const registry = await start(t, { auth });
      const repository = connect({ [registry.host]: { username: "user", password: "hunter2" } }).open(at(registry.host));
      for (let times = 0; times < 3; times += 1) {
        await assert.rejects(repository.headManifest("v1"), (thrown: Error & { code?: string; hint?: string }) => {
          assert.equal(thrown.code, "unauthorized");
          assert.match(thrown.message, /401/);
          assert.match(thrown.hint ?? "", /docker login/);
          assert.doesNotMatch(JSON.stringify([thrown.message, thrown.hint, String(thrown.cause)]), /hunter2/);
          return true;
        });
      }
      if (auth === "bearer") assert.ok((registry.tokens?.requests.length ?? 9) <= 2);
    });

    it("is an error when anonymous", async (t) => {
      const registry = await start(t, { auth });
      await assert.rejects(connect().open(at(registry.host)).getManifest("v1"), { code: "unauthorized" });
      await assert.rejects(connect().open(at(registry.host)).listTags(), { code: "unauthorized" });
    });
  });
}

import { describe, it } from "mocha";
import { expect, expectThat } from "../../support/expectations.js";
import { publishImage, testBlob, testImage } from "../../support/registries/images.js";
import { cleanup } from "../../support/running-test.js";
import { at, before, connect, never, start } from "../stage.js";

describe("bearer tokens", () => {
  it("are fetched once a scope for concurrent requests", async () => {
    const registry = await start({ auth: "bearer" });
    const repositories = connect({ [registry.host]: { username: registry.username, password: registry.password } });
    await publishImage(repositories.open(at(registry.host)), testImage(10), "v1");
    const { tokens } = registry;
    expectThat(tokens !== undefined);
    const asked = tokens.requests.length;
    const tags = Array.from({ length: 20 }, () => repositories.open(at(registry.host)).headManifest("v1"));
    expect((await Promise.all(tags)).every((found) => found !== undefined)).to.equal(true);
    expect(tokens.requests.length).to.equal(asked);
    const fresh = connect({ [registry.host]: { username: registry.username, password: registry.password } });
    await Promise.all(Array.from({ length: 20 }, () => fresh.open(at(registry.host)).headManifest("v1")));
    expect(tokens.requests.length).to.equal(asked + 1);
  });

  it("are fetched for both repositories when mounting", async () => {
    const registry = await start({ auth: "bearer" });
    const repositories = connect({ [registry.host]: { username: registry.username, password: registry.password } });
    const blob = testBlob(Buffer.from("x"));
    await repositories.open(at(registry.host, "acme/base")).putBlob(blob.descriptor, blob.source);
    expect(await repositories.open(at(registry.host)).putBlob(blob.descriptor, never, at(registry.host, "acme/base"))).to.equal("mounted");
    expect(registry.tokens?.requests.at(-1)?.scopes).to.deep.equal(["repository:acme/app:pull,push", "repository:acme/base:pull"]);
  });

  it("without read permission for the other repository lead to an upload", async () => {
    const registry = await start({ auth: "bearer", tokens: { grant: (name, actions) => (name === "acme/app" ? actions : []) } });
    const repositories = connect({ [registry.host]: { username: registry.username, password: registry.password } });
    const blob = testBlob(Buffer.from("x"));
    expect(await repositories.open(at(registry.host)).putBlob(blob.descriptor, blob.source, at(registry.host, "acme/base"))).to.equal(
      "uploaded",
    );
  });

  it("are exchanged for an identity token", async () => {
    const registry = await start({ auth: "bearer", tokens: { identityToken: "refresh me" } });
    await publishImage(connect({ [registry.host]: { identityToken: "refresh me" } }).open(at(registry.host)), testImage(10), "v1");
    expect(registry.tokens?.requests.every(({ method, by }) => method === "POST" && by === "identity")).to.equal(true);
  });

  it("are renewed when they are rejected", async () => {
    const registry = await start({ auth: "bearer" });
    let refuse = false;
    const proxy = await before(registry.host, () => {
      if (!refuse) return undefined;
      refuse = false;
      const challenge = `Bearer realm="${registry.tokens?.realm ?? ""}",service="${registry.tokens?.service ?? ""}",error="invalid_token"`;
      return { kind: "status", status: 401, headers: { "www-authenticate": challenge } };
    });
    const repository = connect({ [proxy.host]: { username: registry.username, password: registry.password } }).open(at(proxy.host));
    await publishImage(repository, testImage(10), "v1");
    const tokens = registry.tokens?.requests.length ?? 0;
    refuse = true;
    expect(await repository.headManifest("v1")).to.not.equal(undefined);
    expect(registry.tokens?.requests.length).to.equal(tokens + 1);
  });

  it("are renewed before they expire", async () => {
    const registry = await start({ auth: "bearer", tokens: { lifetime: 12 } });
    const repository = connect({ [registry.host]: { username: registry.username, password: registry.password } }).open(at(registry.host));
    await publishImage(repository, testImage(10), "v1");
    const tokens = registry.tokens?.requests.length ?? 0;
    const real = Date.now;
    cleanup(() => (Date.now = real));
    Date.now = () => real() + 13_000;
    expect(await repository.headManifest("v1")).to.not.equal(undefined);
    expect(registry.tokens?.requests.length).to.equal(tokens + 1);
  });
});

for (const auth of ["basic", "bearer"] as const) {
  describe(`a wrong or missing login with ${auth}`, () => {
    it("is an error with the registry's message and without the password, tried once", async () => {
      const registry = await start({ auth });
      const repository = connect({ [registry.host]: { username: "user", password: "hunter2" } }).open(at(registry.host));
      for (let times = 0; times < 3; times += 1) {
        await expect(repository.headManifest("v1")).to.be.rejectedWithError((thrown: Error & { code?: string; hint?: string }) => {
          expect(thrown.code).to.equal("unauthorized");
          expect(thrown.message).to.match(/401/);
          expect(thrown.hint ?? "").to.match(/docker login/);
          expect(JSON.stringify([thrown.message, thrown.hint, String(thrown.cause)])).to.not.match(/hunter2/);
          return true;
        });
      }
      if (auth === "bearer") expect(registry.tokens?.requests.length ?? 9).to.be.at.most(2);
    });

    it("is an error when anonymous", async () => {
      const registry = await start({ auth });
      await expect(connect().open(at(registry.host)).getManifest("v1")).to.be.rejectedWithError({ code: "unauthorized" });
      await expect(connect().open(at(registry.host)).listTags()).to.be.rejectedWithError({ code: "unauthorized" });
    });
  });
}

import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openRepositories } from "../../../provider/registry/open.js";
import type { Repositories } from "../../../provider/registry/repository.js";
import { publishImage, readAll, testBlob, testImage } from "../../support/registries/images.js";
import { startDockerRegistry, type StartedRegistry } from "../../support/registries/index.js";

/** An environment without any login. */
const env = { HOME: "/nonexistent", PATH: process.env["PATH"] };

for (const auth of [undefined, "basic", "bearer"] as const) {
  describe(`a repository of docker-registry with ${auth ?? "no"} authentication`, () => {
    let registry: StartedRegistry;
    let repositories: Repositories;
    before(async () => {
      registry = await startDockerRegistry(auth === undefined ? {} : { auth });
      const login = auth === undefined ? {} : { username: registry.username, password: registry.password };
      repositories = openRepositories({ projectDirectory: "/", env, registries: { [registry.host]: login } });
    });
    after(() => registry.stop());
    const at = (name: string) => ({ kind: "registry", host: registry.host, name }) as const;

    it("returns the same bytes of an image that was published", async () => {
      const target = repositories.open(at("acme/one"));
      const image = testImage();
      assert.equal(await target.headManifest("v1"), undefined);
      await publishImage(target, image, "v1", "latest");
      assert.deepEqual(await target.getManifest("v1"), image.index);
      assert.deepEqual(await target.headManifest("latest"), {
        mediaType: image.index.mediaType,
        digest: image.index.digest,
        size: image.index.bytes.byteLength,
      });
      assert.deepEqual(await readAll(target.readBlob(image.layer.descriptor)), image.layer.bytes);
      assert.deepEqual(await target.listTags(), ["latest", "v1"]);
    });

    it("mounts a blob of another repository", async () => {
      const blob = testBlob(Buffer.from(`mounted ${auth ?? ""}`));
      assert.equal(await repositories.open(at("acme/from")).putBlob(blob.descriptor, blob.source), "uploaded");
      const never = () => assert.fail("the blob was read");
      assert.equal(await repositories.open(at("acme/to")).putBlob(blob.descriptor, never, at("acme/from")), "mounted");
      assert.equal(await repositories.open(at("acme/to")).putBlob(blob.descriptor, never, at("acme/from")), "present");
    });

    it("deletes a tag and keeps the manifest for another tag", async () => {
      const target = repositories.open(at("acme/deleted"));
      const image = testImage(10);
      await publishImage(target, image, "stays", "goes");
      assert.deepEqual(await target.deleteTag("goes"), { deleted: true });
      assert.equal(await target.headManifest("goes"), undefined);
      assert.deepEqual(await target.getManifest("stays"), image.index);
      assert.deepEqual(await target.deleteTag("never-there"), { deleted: true });
    });
  });
}

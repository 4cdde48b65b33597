import { after, before, describe, it } from "mocha";
import { openRepositories } from "../../../provider/registry/open.js";
import type { Repositories } from "../../../provider/registry/repository.js";
import { expect } from "../../support/expectations.js";
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
      expect(await target.headManifest("v1")).to.equal(undefined);
      await publishImage(target, image, "v1", "latest");
      expect(await target.getManifest("v1")).to.deep.equal(image.index);
      expect(await target.headManifest("latest")).to.deep.equal({
        mediaType: image.index.mediaType,
        digest: image.index.digest,
        size: image.index.bytes.byteLength,
      });
      expect(await readAll(target.readBlob(image.layer.descriptor))).to.deep.equal(image.layer.bytes);
      expect(await target.listTags()).to.deep.equal(["latest", "v1"]);
    });

    it("mounts a blob of another repository", async () => {
      const blob = testBlob(Buffer.from(`mounted ${auth ?? ""}`));
      expect(await repositories.open(at("acme/from")).putBlob(blob.descriptor, blob.source)).to.equal("uploaded");
      const never = () => expect.fail("the blob was read");
      expect(await repositories.open(at("acme/to")).putBlob(blob.descriptor, never, at("acme/from"))).to.equal("mounted");
      expect(await repositories.open(at("acme/to")).putBlob(blob.descriptor, never, at("acme/from"))).to.equal("present");
    });

    it("deletes a tag and keeps the manifest for another tag", async () => {
      const target = repositories.open(at("acme/deleted"));
      const image = testImage(10);
      await publishImage(target, image, "stays", "goes");
      expect(await target.deleteTag("goes")).to.deep.equal({ deleted: true });
      expect(await target.headManifest("goes")).to.equal(undefined);
      expect(await target.getManifest("stays")).to.deep.equal(image.index);
      expect(await target.deleteTag("never-there")).to.deep.equal({ deleted: true });
    });
  });
}

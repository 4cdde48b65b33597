import { describe, it } from "mocha";
import { makeImage, putImage } from "../../support/images/image.js";
import { startDockerRegistry } from "../../support/registries/index.js";
import { findProgram } from "../../support/registries/process.js";
import { expect } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";
import { testUnless } from "../../support/skips.js";
import { baseParts, Workshop } from "../../pipeline/workshop.js";

const tags = Array.from({ length: 16 }, (_, at) => `t${String(at)}`);
const repositories = 2;

describe("deleting many tags of a repository at once", () => {
  it(
    "leaves none of them, on a registry that deletes only by digest",
    testUnless(findProgram("docker-registry") === undefined && "docker-registry is not installed", async () => {
      const shop = await Workshop.open();
      cleanup(() => shop.remove());
      const registry = await startDockerRegistry();
      cleanup(registry.stop);
      const session = shop.session();
      for (let at = 0; at < repositories; at += 1) {
        const repository = session.repositories.open({ kind: "registry", host: registry.host, name: `many${String(at)}` });
        const images = tags.map((tag) => [tag, makeImage(baseParts(tag))] as const);
        for (const [tag, image] of images) await putImage(repository, image, tag);
        const results = await Promise.all(images.map(([tag, { top }]) => repository.deleteTag(tag, top.digest)));
        expect(results.every(({ deleted }) => deleted)).to.equal(true);
        expect(await repository.listTags()).to.deep.equal([]);
      }
    }),
  );
});

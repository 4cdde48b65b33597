import { after, before, describe, it } from "mocha";
import {
  openProject,
  publishBase,
  skipWithoutEngine,
  startWatchedRegistry,
  type EngineProject,
  type WatchedRegistry,
} from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { refuseMoves } from "../../support/registries/index.js";
import { suiteUnless } from "../../support/skips.js";

describe(
  "a registry that refuses to move tags",
  suiteUnless(skipWithoutEngine, () => {
    let registry: WatchedRegistry;
    let project: EngineProject;
    const { rule, refused } = refuseMoves(412);
    const digests: string[] = [];
    before(async () => {
      registry = await startWatchedRegistry({ program: "registry" });
      registry.fail(rule);
      project = await openProject(`
      const config = new pulumi.Config();
      const at = "${registry.host}/acme/";
      const image = new dhi.Customization("image", { repository: at + "base", version: "3.13", destination: at + "app", cmd: ["serve"], keepPrevious: 2,
        immutableTags: true, rollbackTo: config.get("rollbackTo") });
      const next = new dhi.Customization("next", { repository: image.asBase.repository, version: image.asBase.version, destination: at + "next",
        environment: { IMAGE: image.ref }, immutableTags: true });
      exports.ref = image.ref; exports.tags = image.tags; exports.next = next.tags; exports.asBase = image.asBase;
      exports.history = dhi.getHistoryOutput({ ref: image.ref }).apply((entries) => entries.map(({ tag }) => tag));
    `);
    });
    after(async () => {
      await project.remove();
      await registry.stop();
    });
    const tagOf = (digest: string | undefined): string => `3.13-${String(digest).slice(7, 19)}`;
    const tags = async () => (await registry.open("acme/app").listTags()).slice().sort();
    const outputs = () => project.state().outputs;
    const release = (name: string) => publishBase(registry.open("acme/base"), "3.13", { release: name });

    it("gets a new tag for each image; preview names it, and what is built on it too", async () => {
      for (const name of ["1", "2", "3"]) {
        await release(name);
        const preview = await project.preview();
        expect(preview.code, preview.text).to.equal(0);
        const { digest, tags: previewed } = preview.step("image").inputs;
        const { tags: next } = preview.step("next").inputs;
        const up = await project.up();
        expect(up.code, up.text).to.equal(0);
        digests.push(String(digest));
        expect(previewed).to.deep.equal({ [tagOf(String(digest))]: digest });
        expect(outputs()["tags"]).to.deep.equal(previewed);
        expect(outputs()["next"]).to.deep.equal(next);
        expect(outputs()["ref"]).to.equal(`${registry.host}/acme/app@${String(digest)}`);
        expect(await registry.digestOf("acme/app", tagOf(String(digest)))).to.equal(digest);
      }
      expect(await tags()).to.deep.equal(digests.slice(1).map(tagOf).sort());
      expect(outputs()["history"]).to.deep.equal([tagOf(digests[2]), tagOf(digests[1])]);
      project.emptyCache();
      for (const flags of [["--expect-no-changes"], ["--refresh", "--expect-no-changes"]]) {
        const again = await project.up({ flags });
        expect(again.code, again.text).to.equal(0);
      }
    });

    it("is rolled back without a tag that comes or goes, and the outputs name the kept one", async () => {
      const before = await tags();
      await project.config({ rollbackTo: tagOf(digests[1]) });
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ image: "update", next: "update" });
      expect(outputs()["tags"]).to.deep.equal({ [tagOf(digests[1])]: digests[1] });
      expect(outputs()["asBase"]).to.deep.equal({
        repository: `${registry.host}/acme/app`,
        version: `3.13@${String(digests[1])}`,
      });
      expect(await tags()).to.deep.equal(before);
      await project.pulumi(["config", "rm", "rollbackTo"]);
      const newest = await project.up();
      expect(newest.code, newest.text).to.equal(0);
      expect(outputs()["tags"]).to.deep.equal({ [tagOf(digests[2])]: digests[2] });
    });

    it("was never asked to move one, and destroy leaves none of ours", async () => {
      expect(refused).to.deep.equal([]);
      const destroy = await project.destroy();
      expect(destroy.code, destroy.text).to.equal(0);
      expect(await tags()).to.deep.equal([]);
      expect(await registry.open("acme/next").listTags()).to.deep.equal([]);
    });
  }),
);

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
import { suiteUnless } from "../../support/skips.js";

interface Entry {
  readonly digest: string;
  readonly tag: string;
  readonly current: boolean;
  readonly published?: string;
  readonly reasons: readonly string[];
}

describe(
  "a bad image is out",
  suiteUnless(skipWithoutEngine, () => {
    let registry: WatchedRegistry;
    let project: EngineProject;
    const digests: string[] = [];
    before(async () => {
      registry = await startWatchedRegistry();
      // What is deployed is another resource, which follows `ref`.
      project = await openProject(`
      const rollbackTo = new pulumi.Config().get("rollbackTo");
      const at = "${registry.host}/acme/";
      const image = new dhi.Customization("image", { repository: at + "base", version: "3.13", suffix: "app", cmd: ["serve"], rollbackTo });
      const deployed = new dhi.OciArtifact("deployed", { repository: at + "deployed", tag: "1", platforms: ["linux/amd64"], labels: { image: image.ref } });
      exports.ref = image.ref; exports.history = dhi.getHistoryOutput({ ref: image.ref }); exports.deployed = deployed.digest;
      exports.elsewhere = image.digest.apply(() => dhi.getHistory({ ref: at + "base:3.13" }));
    `);
    });
    after(async () => {
      await project.remove();
      await registry.stop();
    });
    const current = () => registry.digestOf("acme/base", "3.13_app");
    const history = () => project.state().outputs["history"] as readonly Entry[];
    const roll = (value: string) => project.config({ rollbackTo: value });

    it("three bases come one after the other, and the history lists what they gave", async () => {
      for (const release of ["1", "2", "3"]) {
        await publishBase(registry.open("acme/base"), "3.13", { release });
        const up = await project.up();
        expect(up.code, up.text).to.equal(0);
        digests.push(String(await current()));
      }
      const entries = history();
      expect(entries.map(({ digest }) => digest)).to.deep.equal([...digests].reverse());
      expect(entries.map(({ tag }) => tag)).to.deep.equal([...digests].reverse().map((digest) => `3.13_app-${digest.slice(7, 19)}`));
      expect(entries.map((entry) => entry.current)).to.deep.equal([true, false, false]);
      expect(entries[2]?.reasons).to.deep.equal(["new image"]);
      expect(entries[0]?.reasons.join()).to.match(/^base 3\.13: sha256:/);
      for (const { published } of entries) expect(published ?? "").to.match(/^\d{4}-\d\d-\d\dT/);
      expect((project.state().outputs["elsewhere"] as readonly Entry[]).map(({ tag }) => tag)).to.deep.equal(["3.13"]);
      project.emptyCache();
      const again = await project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
      expect(history()).to.deep.equal(entries);
    });

    it("preview of a rollback by configuration shows the digest and why, and up moves the tag and what is deployed", async () => {
      await roll(digests[0] ?? "");
      const preview = await project.preview({ flags: ["--diff"] });
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.ops).to.deep.equal({ image: "update", deployed: "update" });
      expect(preview.text).to.match(new RegExp(`digest\\s*: "${String(digests[2])}" => "${String(digests[0])}"`));
      expect(preview.step("image").inputs["reasons"]).to.deep.equal([`rolled back to ${String(digests[0]).slice(0, 19)}`]);
      const before = project.state().outputs["deployed"];
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      expect(await current()).to.equal(digests[0]);
      const { outputs } = project.state();
      expect(outputs["ref"]).to.equal(`${registry.host}/acme/base@${String(digests[0])}`);
      expect(outputs["deployed"]).to.not.equal(before);
      expect(history().map((entry) => entry.current)).to.deep.equal([false, false, true]);
    });

    it("holds against the nightly up, though the base moves, and refresh sees nothing", async () => {
      await publishBase(registry.open("acme/base"), "3.13", { release: "4" });
      project.emptyCache();
      for (const flags of [["--expect-no-changes"], ["--refresh", "--expect-no-changes"]]) {
        const up = await project.up({ flags });
        expect(up.code, up.text).to.equal(0);
      }
      expect(await current()).to.equal(digests[0]);
    });

    it("refuses what is not kept, and lists what is", async () => {
      await roll("3.13_app-000000000000");
      const preview = await project.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text).to.match(/rollbackTo: 3\.13_app-000000000000 is not an image that is kept of/);
      for (const digest of digests) expect(preview.text).to.include(`3.13_app-${digest.slice(7, 19)}`);
    });

    it("unset again, what is newest is built", async () => {
      await project.pulumi(["config", "rm", "rollbackTo"]);
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      const reasons = up.step("image").outputs["reasons"] as readonly string[];
      expect(reasons[0]).to.equal(`no longer rolled back to ${String(digests[0]).slice(0, 19)}`);
      expect(reasons[1] ?? "").to.match(/^base 3\.13: sha256:/);
      expect(history().map(({ digest }) => digest)).to.deep.equal([await current(), digests[2], digests[1]]);
    });

    it("destroy leaves no tag of ours", async () => {
      const destroy = await project.destroy();
      expect(destroy.code, destroy.text).to.equal(0);
      expect(await registry.open("acme/base").listTags()).to.deep.equal(["3.13"]);
    });
  }),
);

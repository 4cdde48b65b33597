import { after, before, describe, it } from "mocha";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { suiteUnless } from "../../support/skips.js";

describe(
  "a base that is a range of versions",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    const version = { range: "~3.13.1" };
    const architectures = ["amd64", "arm64"];
    const tagsOf = async () => (await stage.registry.open("acme/base").listTags()).filter((tag) => tag.includes("_"));
    const publish = (tag: string) => publishBase(stage.registry.open("acme/base"), tag, { release: tag, architectures });
    before(async () => {
      stage = await openStage();
      for (const tag of ["3.13.1", "3.13.9-dev", "3.14.0"]) await publish(tag);
      const image = { repository: stage.at("base"), version, cmd: ["x"] };
      await stage.declare({
        held: { ...image, suffix: "held", opts: { ignoreChanges: ["resolution"] } },
        free: { ...image, suffix: "free" },
      });
    });
    after(() => stage.close());
    const keeps = (tag: string, digest: unknown): string => `${tag}-${(digest as string).slice(7, 19)}`;

    it("publishes under the newest version's tag, as preview said", async () => {
      const preview = await stage.project.preview();
      expect(preview.code, preview.text).to.equal(0);
      const promised = preview.step("free").inputs["digest"];
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.step("free").outputs["tags"]).to.deep.equal({ "3.13.1_free": promised });
      const first = ["3.13.1_free", "3.13.1_held"];
      expect(await tagsOf()).to.deep.equal([...first, ...first.map((tag) => keeps(tag, promised))].sort());
      const [free] = stage.project.state().resources.filter(({ name }) => name === "free");
      expect(free?.id).to.equal(`${stage.at("base")}:~3.13.1_free`);
    });

    it("follows a newer version in the range: preview tells why, up publishes it in place, and the old tag goes", async () => {
      await publish("3.13.2");
      const preview = await stage.project.preview();
      expect(preview.ops).to.deep.equal({ held: "same", free: "update" });
      expect(preview.step("free").inputs["reasons"]).to.deep.equal(["the base moved from 3.13.1 to 3.13.2"]);
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ held: "same", free: "update" });
      expect(up.step("free").outputs["tags"]).to.deep.equal({ "3.13.2_free": preview.step("free").inputs["digest"] });
      const { digest } = up.step("free").outputs;
      const first = await stage.registry.digestOf("acme/base", "3.13.1_held");
      const kept = [keeps("3.13.1_free", first), keeps("3.13.1_held", first), keeps("3.13.2_free", digest)];
      expect(await tagsOf()).to.deep.equal(["3.13.1_held", "3.13.2_free", ...kept].sort());
    });

    it("has nothing to do when nothing moved: the tags are listed once, and nothing is written", async () => {
      stage.project.emptyCache();
      stage.registry.seen();
      const up = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(up.code, up.text).to.equal(0);
      const seen = stage.registry.seen();
      expect(seen.filter((request) => /tags\/list/.test(request)).length, seen.join("\n")).to.equal(1);
      expect(seen.filter((request) => !/^(?:GET|HEAD) /.test(request))).to.deep.equal([]);
      const refresh = await stage.project.refresh({ flags: ["--expect-no-changes"] });
      expect(refresh.code, refresh.text).to.equal(0);
    });

    it("tells in preview that nothing lies in a range", async () => {
      await stage.declare({ free: { repository: stage.at("base"), version: { range: "^9", variant: "dev" }, suffix: "free" } });
      const preview = await stage.project.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text, preview.text).to.include("acme/base has no tag in ^9 (dev); it has 3.13.9-dev");
    });

    it("removes the tag that was matched on destroy", async () => {
      const destroy = await stage.project.destroy();
      expect(destroy.code, destroy.text).to.equal(0);
      expect(await tagsOf()).to.deep.equal([]);
    });
  }),
);

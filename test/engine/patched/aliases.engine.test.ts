import { after, before, describe, it } from "mocha";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { suiteUnless } from "../../support/skips.js";

describe(
  "suffixAllTags",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    const publish = async (release: string, ...tags: readonly string[]): Promise<void> => {
      for (const tag of tags) await publishBase(stage.registry.open("acme/base"), tag, { release, architectures: ["amd64", "arm64"] });
    };
    const tagsOf = async () => (await stage.registry.open("acme/base").listTags()).filter((tag) => tag.includes("_"));
    before(async () => {
      stage = await openStage();
      await publish("1", "3", "3.13", "3.13.1", "3.13.1-dev");
      await publish("0", "3.12");
      await stage.declare({
        image: { repository: stage.at("base"), version: "3.13", suffix: "x", suffixAllTags: true, keepPrevious: 1, cmd: ["x"] },
      });
    });
    after(() => stage.close());

    it("publishes for every tag of the base, as preview said, and writes nothing when nothing moved", async () => {
      const preview = await stage.project.preview();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.step("image").outputs["tags"]).to.deep.equal(preview.step("image").inputs["tags"]);
      expect(await tagsOf()).to.deep.equal(["3.13.1_x", "3.13_x", "3_x"]);
      stage.project.emptyCache();
      stage.registry.seen();
      const again = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
      expect(stage.registry.seen().filter((request) => !/^(?:GET|HEAD) /.test(request))).to.deep.equal([]);
      const refresh = await stage.project.refresh({ flags: ["--expect-no-changes"] });
      expect(refresh.code, refresh.text).to.equal(0);
    });

    it("follows the tags of a base that is patched, and removes the tag that stayed behind", async () => {
      await publish("2", "3", "3.13", "3.13.2");
      const preview = await stage.project.preview();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ image: "update" });
      const digest = preview.step("image").inputs["digest"];
      expect(up.step("image").outputs["tags"]).to.deep.equal({ "3_x": digest, "3.13_x": digest, "3.13.2_x": digest });
      expect(await tagsOf()).to.deep.equal(["3.13.2_x", "3.13_x", "3_x"]);
    });

    it("removes them all on destroy", async () => {
      const destroy = await stage.project.destroy();
      expect(destroy.code, destroy.text).to.equal(0);
      expect(await tagsOf()).to.deep.equal([]);
    });
  }),
);

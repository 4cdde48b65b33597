import { after, before, describe, it } from "mocha";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect, expectThat } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

describe(
  "a tag that pulumi-dhi did not publish",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
    });
    after(() => stage.close());

    it("is rejected in preview, and taken over with overwrite", async () => {
      const foreign = await publishBase(stage.registry.open("acme/base"), "3.13_taken", { release: "foreign" });
      const image = { repository: stage.at("base"), version: "3.13", suffix: "taken", cmd: ["x"] };
      await stage.declare({ one: image });
      const refused = await stage.project.preview();
      expect(refused.code).to.not.equal(0);
      expect(refused.text, refused.text).to.include(
        `the tag 3.13_taken in ${stage.at("base")} points at ${foreign}, which this stack did not publish`,
      );
      expect(refused.text).to.match(/suffix: .*set overwrite: true to replace it/);
      expect(await stage.registry.digestOf("acme/base", "3.13_taken")).to.equal(foreign);
      await stage.declare({ one: { ...image, overwrite: true } });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(await stage.registry.digestOf("acme/base", "3.13_taken")).to.equal(up.step("one").outputs["digest"]);
    });

    it("is rejected for the second of two resources", async () => {
      const image = { repository: stage.at("base"), version: "3.13", suffix: "both", cmd: ["x"] };
      await stage.declare({ one: image, two: { ...image, suffix: "other", additionalTags: ["3.13_both"] } });
      const preview = await stage.project.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text).to.match(/another resource of this program also publishes .*:3\.13_both\. /);
    });
  }),
);

describe(
  "a change from outside",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    let digest: string | undefined;
    before(async () => {
      stage = await openStage();
      await stage.declare({
        one: { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: ["latest"], cmd: ["x"] },
      });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      digest = await pointsAt("3.13_one");
    });
    after(() => stage.close());
    const pointsAt = (tag: string) => stage.registry.digestOf("acme/base", tag);
    const move = async (tag: string) => {
      const other = await stage.registry.open("acme/base").getManifest("3.13");
      expectThat(other);
      await stage.registry.open("acme/base").putManifest(tag, other);
      return other.digest;
    };
    const remove = async (tag: string) => expect(await stage.registry.open("acme/base").deleteTag(tag)).to.deep.equal({ deleted: true });
    const settle = async () => {
      expect(await pointsAt("3.13_one")).to.equal(digest);
      expect(await pointsAt("latest")).to.equal(digest);
      const again = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
    };

    it("is repaired by a plain up when a tag is missing, and the preview shows it", async () => {
      // Done twice, as the inputs in state keep the first change.
      for (const round of ["first", "second"]) {
        await remove("latest");
        const preview = await stage.project.preview({ flags: ["--diff"] });
        expect(preview.ops["one"], round).to.equal("update");
        expect(preview.text, round).to.match(/drift\s*: \{\s*[+~]?\s*latest\s*: .*missing/);
        const up = await stage.project.up();
        expect(up.code, up.text).to.equal(0);
        expect(up.ops["one"], round).to.equal("update");
        expect(await pointsAt("latest"), round).to.equal(digest);
      }
      await settle();
    });

    it("is rejected by a plain up when a tag now belongs to another owner", async () => {
      const other = await move("latest");
      const preview = await stage.project.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text, preview.text).to.include(`points at ${other}, which this stack did not publish`);
    });

    it("shows in refresh, and a destroy or an up with overwrite then repairs it", async () => {
      const other = await move("latest");
      const refresh = await stage.project.refresh({ flags: ["--diff"] });
      expect(refresh.code, refresh.text).to.equal(0);
      expect(stage.project.state().resources[0]?.outputs["tags"]).to.deep.equal({ "3.13_one": digest, latest: other });
      expect(stage.project.state().resources[0]?.outputs["digest"]).to.equal(digest);
      const image = { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: ["latest"], cmd: ["x"] };
      await stage.declare({ one: { ...image, overwrite: true } });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      await settle();
    });

    it("is repaired by an up after a refresh when a tag is missing", async () => {
      await remove("3.13_one");
      const refresh = await stage.project.refresh();
      expect(refresh.code, refresh.text).to.equal(0);
      expect(stage.project.state().resources[0]?.outputs["tags"]).to.deep.equal({ latest: digest });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      await settle();
    });

    it("is repaired by a plain up when a tag was moved to another image of this stack", async () => {
      const images = { repository: stage.at("base"), version: "3.13", cmd: ["y"] };
      const one = { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: ["latest"], cmd: ["x"], overwrite: true };
      await stage.declare({ one, two: { ...images, suffix: "two" } });
      expect((await stage.project.up()).code).to.equal(0);
      const two = await stage.registry.open("acme/base").getManifest("3.13_two");
      expectThat(two);
      for (const round of ["first", "second"]) {
        await stage.registry.open("acme/base").putManifest("3.13_one", two);
        const up = await stage.project.up();
        expect(up.code, up.text).to.equal(0);
        expect(up.ops["one"], round).to.equal("update");
        expect(await pointsAt("3.13_one"), round).to.equal(digest);
      }
      await settle();
    });

    it("is repaired by publishing again when the whole image is missing", async () => {
      const { project } = stage;
      const drop = async () => {
        for (const tag of ["3.13_one", "latest"]) await remove(tag);
        await stage.registry.delete("acme/base", String(digest));
      };
      await drop();
      const plain = await project.up();
      expect(plain.code, plain.text).to.equal(0);
      expect(plain.ops["one"]).to.equal("update");
      await settle();
      await drop();
      const refreshed = await project.refresh();
      expect(refreshed.code, refreshed.text).to.equal(0);
      expect(project.state().resources.map(({ name }) => name)).to.deep.equal(["two"]);
      const created = await project.up();
      expect(created.ops["one"], created.text).to.equal("create");
      await settle();
    });

    // Issue 9, item 15.
    it("does not matter at a new destination", async () => {
      const one = { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: ["latest"], cmd: ["x"] };
      await stage.declare({ one: { ...one, destination: stage.at("elsewhere") } });
      const preview = await stage.project.preview({ flags: ["--diff"] });
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.text).to.match(/destination/);
      expect(preview.text).to.not.match(/drift/);
    });
  }),
);

import { after, before, describe, it } from "mocha";
import { openProject, openStage, skipWithoutEngine, type EngineProject, type Stage } from "../support/engine/index.js";
import { expect, expectThat } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

describe(
  "an image of another program",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    let other: EngineProject;
    before(async () => {
      stage = await openStage();
      await stage.declare({
        one: { repository: stage.at("base"), version: "3.13", suffix: "one", cmd: ["x"] },
        files: { type: "OciArtifact", repository: stage.at("files"), tag: "1", directories: [{ path: "/opt" }] },
      });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      other = await openProject(program("base:3.13_one"), "other");
    });
    after(async () => {
      await other.remove();
      await stage.close();
    });
    const program = (id: string): string => `
    const one = dhi.Customization.get("one", "${stage.registry.host}/acme/${id}");
    const files = dhi.OciArtifact.get("files", "${stage.registry.host}/acme/files:1");
    exports.one = { ref: one.ref, digest: one.digest, tags: one.tags, platformDigests: one.platformDigests, base: one.base.digest };
    exports.files = files.ref;
  `;

    it("has ref, digest, tags, platform digests and base", async () => {
      const up = await other.up();
      expect(up.code, up.text).to.equal(0);
      const { outputs } = other.state();
      const [one] = stage.project.state().resources.filter(({ name }) => name === "one");
      expectThat(one);
      const { ref, digest, tags, platformDigests } = one.outputs;
      expect(Object.keys(platformDigests as object)).to.deep.equal(["linux/amd64", "linux/arm64"]);
      expect(outputs["one"]).to.deep.equal({
        ref,
        digest,
        tags,
        platformDigests,
        base: await stage.registry.digestOf("acme/base", "3.13"),
      });
      expect(outputs["files"]).to.equal(`${stage.at("files")}@${String(await stage.registry.digestOf("acme/files", "1"))}`);
    });

    it("follows the image, and can be refreshed", async () => {
      await stage.declare({ one: { repository: stage.at("base"), version: "3.13", suffix: "one", cmd: ["y"] }, files: { type: "OciArtifact", repository: stage.at("files"), tag: "1", directories: [{ path: "/opt" }] } }); // prettier-ignore
      expect((await stage.project.up()).code).to.equal(0);
      const refresh = await other.refresh();
      expect(refresh.code, refresh.text).to.equal(0);
      const up = await other.up();
      expect(up.code, up.text).to.equal(0);
      expect((other.state().outputs["one"] as { readonly digest: string }).digest).to.equal(
        await stage.registry.digestOf("acme/base", "3.13_one"),
      );
    });

    it("is an error with its name when it is missing, and destroying leaves the other program's images", async () => {
      await other.program(program("base:3.13_gone"));
      const preview = await other.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text, preview.text).to.include(`${stage.at("base")}:3.13_gone does not exist`);
      expect(preview.text).to.not.match(/\n\s+at .*\.js:\d+/);
      const destroy = await other.destroy();
      expect(destroy.code, destroy.text).to.equal(0);
      expect(await stage.registry.open("acme/base").listTags()).to.include("3.13_one");
    });
  }),
);

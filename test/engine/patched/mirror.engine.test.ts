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

describe(
  "a mirror, and a customization of what it mirrors",
  suiteUnless(skipWithoutEngine, () => {
    let source: WatchedRegistry;
    let registry: WatchedRegistry;
    let project: EngineProject;
    let first = "";
    before(async () => {
      source = await startWatchedRegistry();
      registry = await startWatchedRegistry({ program: "registry" });
      first = await publishBase(source.open("dhi/python"), "3.13");
      await publishBase(source.open("dhi/python"), "4.0", { release: "four" });
      project = await openProject(`
        const mirror = new dhi.Mirror("mirror", { source: "${source.host}/dhi/python", destination: "${registry.host}/acme/python", select: ["3.*"] });
        const image = new dhi.Customization("image", { repository: mirror.repository, version: "3.13", suffix: "custom", cmd: ["x"] });
        exports.repository = mirror.repository; exports.images = mirror.images; exports.ref = image.ref;
      `);
    });
    after(async () => {
      await project.remove();
      await registry.stop();
      await source.stop();
    });
    const pointsAt = (tag: string) => registry.digestOf("acme/python", tag);
    let promised: unknown;

    it("preview together on an empty registry, and write nothing", async () => {
      registry.seen();
      const preview = await project.preview();
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.ops).to.deep.equal({ mirror: "create", image: "create" });
      const { inputs } = preview.step("mirror");
      expect(inputs["repository"]).to.equal(`${registry.host}/acme/python`);
      expect(inputs["images"]).to.deep.equal({ "3.13": first });
      expect(inputs["reasons"]).to.deep.equal([`3.13: ${first.slice(0, 19)} is new`]);
      promised = preview.step("image").inputs["digest"];
      expect(promised).to.match(/^sha256:/);
      expect(registry.seen().filter((request) => !/^(GET|HEAD) /.test(request))).to.deep.equal([]);
    });

    it("are published as previewed, and do nothing the second time", async () => {
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      expect(await pointsAt("3.13")).to.equal(first);
      expect(await pointsAt("4.0")).to.equal(undefined);
      expect(await pointsAt("3.13_custom")).to.equal(promised);
      expect(project.state().outputs["images"]).to.deep.equal({ "3.13": first });
      expect(project.state().resources.map(({ id }) => id)).to.include(`${registry.host}/acme/python`);
      const again = await project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
    });

    it("say what moves when the source moves, and then move", async () => {
      const second = await publishBase(source.open("dhi/python"), "3.13", { release: "patched" });
      const preview = await project.preview({ flags: ["--diff"] });
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.ops).to.deep.equal({ mirror: "update", image: "update" });
      expect(preview.text).to.include(`3.13: ${first.slice(0, 19)} → ${second.slice(0, 19)}`);
      expect(preview.step("image").inputs["base"]).to.include({ digest: second });
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      expect(await pointsAt("3.13")).to.equal(second);
      expect(await pointsAt("3.13_custom")).to.equal(preview.step("image").inputs["digest"]);
      first = second;
    });

    it("show in refresh a tag that went, and put it back", async () => {
      await registry.open("acme/python").deleteTag("3.13");
      const refresh = await project.refresh();
      expect(refresh.code, refresh.text).to.equal(0);
      expect(project.state().resources.find(({ name }) => name === "mirror")?.outputs["images"]).to.deep.equal({});
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops["mirror"]).to.equal("update");
      expect(await pointsAt("3.13")).to.equal(first);
      const again = await project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
    });

    it("leave the mirrored images when they are destroyed", async () => {
      const destroy = await project.destroy();
      expect(destroy.code, destroy.text).to.equal(0);
      expect(await registry.open("acme/python").listTags()).to.deep.equal(["3.13"]);
      expect(project.state().resources).to.deep.equal([]);
    });
  }),
);

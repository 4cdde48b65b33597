import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openProject, openStage, skipWithoutEngine, type EngineProject, type Stage } from "../support/engine/index.js";

describe("an image of another program", { skip: skipWithoutEngine }, () => {
  let stage: Stage;
  let other: EngineProject;
  before(async () => {
    stage = await openStage();
    await stage.declare({
      one: { repository: stage.at("base"), version: "3.13", suffix: "one", cmd: ["x"] },
      files: { type: "OciArtifact", repository: stage.at("files"), tag: "1", directories: [{ path: "/opt" }] },
    });
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
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
    assert.equal(up.code, 0, up.text);
    const { outputs } = other.state();
    const [one] = stage.project.state().resources.filter(({ name }) => name === "one");
    assert.ok(one);
    const { ref, digest, tags, platformDigests } = one.outputs;
    assert.deepEqual(Object.keys(platformDigests as object), ["linux/amd64", "linux/arm64"]);
    assert.deepEqual(outputs["one"], { ref, digest, tags, platformDigests, base: await stage.registry.digestOf("acme/base", "3.13") });
    assert.equal(outputs["files"], `${stage.at("files")}@${String(await stage.registry.digestOf("acme/files", "1"))}`);
  });

  it("follows the image, and can be refreshed", async () => {
    await stage.declare({ one: { repository: stage.at("base"), version: "3.13", suffix: "one", cmd: ["y"] }, files: { type: "OciArtifact", repository: stage.at("files"), tag: "1", directories: [{ path: "/opt" }] } }); // prettier-ignore
    assert.equal((await stage.project.up()).code, 0);
    const refresh = await other.refresh();
    assert.equal(refresh.code, 0, refresh.text);
    const up = await other.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(
      (other.state().outputs["one"] as { readonly digest: string }).digest,
      await stage.registry.digestOf("acme/base", "3.13_one"),
    );
  });

  it("is an error with its name when it is missing, and destroying leaves the other program's images", async () => {
    await other.program(program("base:3.13_gone"));
    const preview = await other.preview();
    assert.notEqual(preview.code, 0);
    assert.ok(preview.text.includes(`${stage.at("base")}:3.13_gone is not there`), preview.text);
    assert.doesNotMatch(preview.text, /\n\s+at .*\.js:\d+/);
    const destroy = await other.destroy();
    assert.equal(destroy.code, 0, destroy.text);
    assert.ok((await stage.registry.open("acme/base").listTags()).includes("3.13_one"));
  });
});

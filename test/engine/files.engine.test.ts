import { strict as assert } from "node:assert";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openRepositories } from "../../provider/registry/open.js";
import { openProject, publishBase, skipWithoutEngine, type EngineProject } from "../support/engine/index.js";

describe("local files, from one layout folder to another", { skip: skipWithoutEngine }, () => {
  let project: EngineProject;
  before(async () => {
    project = await openProject(`
      const one = new dhi.Customization("one", { repository: "oci:./images/base", version: "3.13", destination: "oci:./images/mine",
        files: [{ path: "/opt/file", source: "./local/file.txt" }], directories: [{ path: "/opt/tree", source: "./local/tree" }] });
      exports.ref = one.ref;
    `);
    await publishBase(openRepositories({ projectDirectory: project.folder }).open({ kind: "layout", path: "./images/base" }), "3.13");
    await project.write("local/file.txt", "one", 0o644);
    await project.write("local/tree/run", "#!/bin/sh\n", 0o755);
    await project.write("local/tree/sub/data", "data", 0o644);
    const up = await project.up();
    assert.equal(up.code, 0, up.text);
  });
  after(() => project.remove());
  const previewed = async () => {
    const preview = await project.preview({ flags: ["--diff"] });
    assert.equal(preview.code, 0, preview.text);
    return preview;
  };

  it("are independent of umask and checkout", async () => {
    await chmod(join(project.folder, "local/file.txt"), 0o600);
    await chmod(join(project.folder, "local/tree/run"), 0o700);
    await chmod(join(project.folder, "local/tree/sub"), 0o700);
    await project.write("local/file.txt", "one");
    assert.equal((await previewed()).ops["one"], "same");
  });

  it("show in preview when one byte changes, with the changed source", async () => {
    await project.write("local/tree/sub/data", "dato");
    const preview = await previewed();
    assert.equal(preview.ops["one"], "update");
    assert.match(String(preview.step("one").inputs["reasons"]), /^the source .*local\/tree changed from sha256:\w{12} to sha256:\w{12}$/);
    await project.write("local/tree/sub/data", "data");
    assert.equal((await previewed()).ops["one"], "same");
  });

  it("show in preview when they become executable, or a file is added or removed", async () => {
    await chmod(join(project.folder, "local/file.txt"), 0o755);
    const preview = await previewed();
    assert.match(String(preview.step("one").inputs["reasons"]), /^the source .*local\/file\.txt changed/);
    await project.write("local/tree/more", "");
    assert.equal((await previewed()).step("one").inputs["reasons"] instanceof Array, true);
    const up = await project.up();
    assert.equal(up.code, 0, up.text);
    const layout = openRepositories({ projectDirectory: project.folder }).open({ kind: "layout", path: "./images/mine" });
    assert.equal((await layout.headManifest("3.13"))?.digest, up.step("one").outputs["digest"]);
    assert.equal(project.state().outputs["ref"], `oci:./images/mine@${String(up.step("one").outputs["digest"])}`);
  });

  it("are named when they are missing", async () => {
    await project.program(
      'new dhi.Customization("one", { repository: "oci:./images/base", version: "3.13", suffix: "x", files: [{ path: "/a", source: "gone.txt" }] });',
    );
    const preview = await project.preview();
    assert.notEqual(preview.code, 0);
    assert.match(preview.text, /files\[0\]\.source: .*gone\.txt/);
  });
});

import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { openRepositories } from "../../provider/registry/open.js";
import { openProject, publishBase, skipWithoutEngine, type EngineProject } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

describe(
  "local files, from one layout folder to another",
  suiteUnless(skipWithoutEngine, () => {
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
      expect(up.code, up.text).to.equal(0);
    });
    after(() => project.remove());
    const previewed = async () => {
      const preview = await project.preview({ flags: ["--diff"] });
      expect(preview.code, preview.text).to.equal(0);
      return preview;
    };

    it("are independent of umask and checkout", async () => {
      await chmod(join(project.folder, "local/file.txt"), 0o600);
      await chmod(join(project.folder, "local/tree/run"), 0o700);
      await chmod(join(project.folder, "local/tree/sub"), 0o700);
      await project.write("local/file.txt", "one");
      expect((await previewed()).ops["one"]).to.equal("same");
    });

    it("show in preview when one byte changes, with the changed source", async () => {
      await project.write("local/tree/sub/data", "dato");
      const preview = await previewed();
      expect(preview.ops["one"]).to.equal("update");
      expect(String(preview.step("one").inputs["reasons"])).to.match(/^source .*local\/tree: sha256:\w{12} → sha256:\w{12}$/);
      await project.write("local/tree/sub/data", "data");
      expect((await previewed()).ops["one"]).to.equal("same");
    });

    it("show in preview when they become executable, or a file is added or removed", async () => {
      await chmod(join(project.folder, "local/file.txt"), 0o755);
      const preview = await previewed();
      expect(String(preview.step("one").inputs["reasons"])).to.match(/^source .*local\/file\.txt: sha256:/);
      await project.write("local/tree/more", "");
      expect((await previewed()).step("one").inputs["reasons"] instanceof Array).to.equal(true);
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      const layout = openRepositories({ projectDirectory: project.folder }).open({ kind: "layout", path: "./images/mine" });
      expect((await layout.headManifest("3.13"))?.digest).to.equal(up.step("one").outputs["digest"]);
      expect(project.state().outputs["ref"]).to.equal(`oci:./images/mine@${String(up.step("one").outputs["digest"])}`);
    });

    it("are named when they are missing", async () => {
      await project.program(
        'new dhi.Customization("one", { repository: "oci:./images/base", version: "3.13", suffix: "x", files: [{ path: "/a", source: "gone.txt" }] });',
      );
      const preview = await project.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text).to.match(/files\[0\]\.source: .*gone\.txt/);
    });
  }),
);

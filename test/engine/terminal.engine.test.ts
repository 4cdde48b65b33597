import { gzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { digestOf } from "../../provider/image/digest.js";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { directory, file, layerTar, symlink } from "../support/images/layer-tar.js";
import { storedManifest, testBlob } from "../support/registries/images.js";
import { openProject, skipWithoutEngine, type EngineProject, type Run } from "../support/engine/index.js";
import { suiteUnless } from "../support/skips.js";

/**
 * Sequences that a terminal or the CLI would interpret: a title, a colour, a colour of the CLI, an unknown one, which ends it, a
 * bidirectional mark.
 */
const hostile = "\u001b]0;pwned\u0007\u001b[31m<{%fg 1%}><{%boom%}>\u202etxt\u009b2J";

const etc = [directory("etc"), file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"), file("etc/group", "root:x:0:\n"), directory("opt")];

describe(
  "an image with terminal sequences in all its texts",
  suiteUnless(skipWithoutEngine, () => {
    let project: EngineProject;
    before(async () => {
      project = await openProject("", "terminal");
      const repositories = openRepositories({ projectDirectory: project.folder, env: {} });
      const put = (name: string, items: typeof etc, config: object): Promise<void> =>
        putImage(
          repositories.open(parseRepository(`oci:${name}`)),
          makeImage({ platforms: [{ layers: [{ tar: layerTar(items) }], config }] }),
          "1",
        );
      const config = {
        Env: [`${hostile}=${hostile}`, "PATH=/bin", `OLD=${hostile}`],
        Cmd: [hostile],
        WorkingDir: `/${hostile}`,
        Labels: { [hostile]: hostile },
      };
      await put("base", [...etc, file(`opt/${hostile}`, "1")], config);
      await put("art", [file(`opt/${hostile}`, "2"), symlink("opt/link", hostile)], { Env: [`${hostile}2=${hostile}`] });
      const tar = layerTar(etc);
      const layer = testBlob(gzipSync(tar), `application/x${hostile}`);
      const rootfs = { type: "layers", diff_ids: [digestOf(tar)] };
      const json = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64", config: {}, rootfs }));
      const blob = testBlob(json, "application/vnd.oci.image.config.v1+json");
      const repository = repositories.open(parseRepository("oci:odd"));
      for (const { descriptor, source } of [layer, blob]) await repository.putBlob(descriptor, source);
      const mediaType = "application/vnd.oci.image.manifest.v1+json";
      const manifest = storedManifest({ schemaVersion: 2, mediaType, config: blob.descriptor, layers: [layer.descriptor] });
      await repository.putManifest("1", manifest);
      await repositories.close();
    });
    after(() => project.remove());

    const assertHarmless = (run: Run): void => {
      expect(run.text).to.not.match(/panic|goroutine|Unrecognized color/);
      // Only the CLI's own colours could be left; tests turn them off.
      expect(run.text).to.not.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    };

    it("ends neither preview nor up, and moves no cursor", async () => {
      await project.program(`
      const image = new dhi.Customization("image", { repository: "oci:base", version: "1", destination: "oci:out", suffix: "c",
        artifacts: [{ image: "oci:art:1", includes: ["/"] }], cmd: ["x"], environment: { OLD: "new" }, workingDirectory: "/", labels: { a: "b" } });
      for (const key of ["notices", "reasons", "resolution", "tags", "base", "asBase", "platformDigests"]) exports[key] = image[key];`);
      const preview = await project.preview({ flags: ["--diff"] });
      expect(preview.code, preview.text).to.equal(0);
      assertHarmless(preview);
      expect(preview.row("image").join("\n")).to.match(/\\x1b\]0;pwned\\x07/);
      for (const color of ["never", "always"]) {
        const up = await project.up({ flags: ["--diff", "--color", color] });
        expect(up.code, up.text).to.equal(0);
        if (color === "never") assertHarmless(up);
      }
      const shown = await project.pulumi(["stack", "output", "--stack", "dev"]);
      expect(shown.code, shown.text).to.equal(0);
      assertHarmless(shown);
      for (const run of [await project.refresh({ flags: ["--diff"] }), await project.destroy({ flags: ["--diff"] })]) {
        expect(run.code, run.text).to.equal(0);
        assertHarmless(run);
      }
    });

    it("may have them in the program's own inputs, which are not changed", async () => {
      await project.write("<{%boom%}>", "x");
      await project.program(`
      const text = ${JSON.stringify(hostile)};
      new dhi.OciArtifact("own", { repository: "oci:own", tag: "1", platforms: ["linux/amd64"], labels: { [text]: text }, environment: { A: text }, cmd: ["a", text],
        files: [{ path: "/opt/" + text, source: "<{%boom%}>" }] });`);
      for (const run of [
        await project.preview({ flags: ["--diff", "--color", "always"] }),
        await project.up({ flags: ["--diff", "--color", "always"] }),
      ])
        expect(run.code, run.text).to.equal(0);
      const again = await project.up({ flags: ["--diff", "--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
      assertHarmless(again);
      expect((await project.destroy({ flags: ["--color", "always"] })).code).to.equal(0);
    });

    it("is quoted harmlessly in an error", async () => {
      await project.program(
        `new dhi.Customization("odd", { repository: "oci:odd", version: "1", destination: "oci:out", scripts: [{ path: "/a", content: "x", uid: 0, gid: 0, mode: "0755" }] });`,
      );
      const run = await project.preview();
      expect(run.code).to.not.equal(0);
      expect(run.text).to.match(/application\/x\\x1b/);
      assertHarmless(run);
    });
  }),
);

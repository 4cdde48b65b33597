import { after, before, describe, it } from "mocha";
import { buildArchive } from "../support/archives/archive.js";
import { makeKey } from "../support/archives/keys.js";
import { serveArchive, type ServedArchive } from "../support/archives/serve.js";
import { openProject, skipWithoutEngine, startWatchedRegistry, type EngineProject, type WatchedRegistry } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { debianBase, forBoth } from "../pipeline/packages/packages-shop.js";
import { suiteUnless } from "../support/skips.js";

describe(
  "getPackages in a program",
  suiteUnless(skipWithoutEngine, () => {
    let registry: WatchedRegistry;
    let archive: ServedArchive;
    let project: EngineProject;
    before(async () => {
      const key = await makeKey("archive");
      const packages = [...forBoth("tool"), ...forBoth("tool-doc"), ...forBoth("other")];
      archive = await serveArchive(await buildArchive([{ suite: "bookworm", packages: { main: packages }, keys: [key] }]));
      registry = await startWatchedRegistry();
      await putImage(registry.open("acme/base"), makeImage(debianBase()), "3.13");
      const image = `{ repository: "${registry.host}/acme/base", version: "3.13" }`;
      project = await openProject(`
      const found = dhi.getPackagesOutput({ ...${image}, search: pulumi.output("tool") });
      exports.names = found.apply((all) => all.map(({ name, installed }) => name + " " + installed));
      const newest = found.apply(([first]) => first.name + "=" + first.version);
      exports.digest = new dhi.Customization("made", { ...${image}, suffix: "p", packages: [newest] }).digest;
      exports.wrong = dhi.getPackages({ ...${image}, platform: "linux/s390x" }).catch((error) => error.message);
    `);
      const sources = [{ url: archive.url.replace("//", "//reader:s3cret-login@"), keys: [key.armored] }];
      await project.config({ "dhi:packageSources": JSON.stringify({ "debian:bookworm": sources }) });
    });
    after(async () => {
      await project.remove();
      await registry.stop();
      await archive.stop();
    });

    it("lists the packages of an image in preview, with the stack's sources", async () => {
      const preview = await project.preview();
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.step("made").inputs["packages"]).to.deep.equal(["tool=1.0-1"]);
    });

    it("returns what up uses, and reports errors without a stack trace or a login", async () => {
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      const { outputs } = project.state();
      expect(outputs["names"]).to.deep.equal(["tool false", "tool-doc false"]);
      expect(outputs["digest"]).to.equal(await registry.digestOf("acme/base", "3.13_p"));
      expect(String(outputs["wrong"])).to.match(/^getPackages: .*has no image for linux\/s390x; its platforms: linux\/amd64, linux\/arm64/);
      await project.program('exports.all = dhi.getPackages({ repository: "oci:nowhere", version: "1" });');
      const failed = await project.preview();
      expect(failed.code).to.not.equal(0);
      expect(failed.text).to.match(/getPackages: .*nowhere has no tag 1/);
      expect(failed.text).to.not.match(/\n\s+at .*\.js:\d+|s3cret-login/);
    });
  }),
);

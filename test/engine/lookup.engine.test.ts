import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { buildArchive } from "../support/archives/archive.js";
import { makeKey } from "../support/archives/keys.js";
import { serveArchive, type ServedArchive } from "../support/archives/serve.js";
import { openProject, skipWithoutEngine, startWatchedRegistry, type EngineProject, type WatchedRegistry } from "../support/engine/index.js";
import { makeImage, putImage } from "../support/images/image.js";
import { debianBase, forBoth } from "../pipeline/packages/packages-shop.js";

describe("getPackages in a program", { skip: skipWithoutEngine }, () => {
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
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual(preview.step("made").inputs["packages"], ["tool=1.0-1"]);
  });

  it("returns what up uses, and reports errors without a stack trace or a login", async () => {
    const up = await project.up();
    assert.equal(up.code, 0, up.text);
    const { outputs } = project.state();
    assert.deepEqual(outputs["names"], ["tool false", "tool-doc false"]);
    assert.equal(outputs["digest"], await registry.digestOf("acme/base", "3.13_p"));
    assert.match(String(outputs["wrong"]), /^getPackages: .*has no linux\/s390x; it has linux\/amd64, linux\/arm64/);
    await project.program('exports.all = dhi.getPackages({ repository: "oci:nowhere", version: "1" });');
    const failed = await project.preview();
    assert.notEqual(failed.code, 0);
    assert.match(failed.text, /getPackages: .*nowhere has no tag 1/);
    assert.doesNotMatch(failed.text, /\n\s+at .*\.js:\d+|s3cret-login/);
  });
});

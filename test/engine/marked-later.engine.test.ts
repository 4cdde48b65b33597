import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";

describe("an input that is marked as a secret later", { skip: skipWithoutEngine }, () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());

  const declare = (mark: string): Promise<void> =>
    stage.project.program(`
      const s = ${mark};
      const image = new dhi.Customization("later", { repository: "${stage.registry.host}/acme/base", version: "3.13", suffix: "later", platforms: ["linux/amd64"],
        environment: { TOKEN: s("plainsecret1") }, labels: s({ plainsecret2: "x" }), workingDirectory: s("/plainsecret3"), cmd: ["a", s("plainsecret4")],
        scripts: [{ path: "/s", content: s("echo plainsecret5"), uid: 0, gid: 0, mode: "0644" }] });
      for (const key of ["digest", "reasons", "notices"]) exports[key] = image[key];`);

  it("is an update that encrypts state, though nothing else changed", async () => {
    const { project } = stage;
    await declare("(value) => value");
    const plain = await project.up();
    assert.equal(plain.code, 0, plain.text);
    assert.match(project.state().text, /plainsecret1/);
    await declare("pulumi.secret");
    const preview = await project.preview({ flags: ["--diff"] });
    assert.equal(preview.ops["later"], "update", preview.text);
    assert.match(preview.text, /environment\.TOKEN is marked as a secret/);
    const up = await project.up({ flags: ["--diff"] });
    assert.equal(up.code, 0, up.text);
    assert.doesNotMatch(project.state().text, /plainsecret/);
    assert.equal(up.step("later").outputs["digest"], plain.step("later").outputs["digest"]);
    const again = await project.up({ flags: ["--expect-no-changes", "--refresh"] });
    assert.equal(again.code, 0, again.text);
    assert.doesNotMatch(project.state().text, /plainsecret/);
  });

  it("is an update too when it is no longer a secret", async () => {
    const { project } = stage;
    await declare("(value) => value");
    const up = await project.up({ flags: ["--diff"] });
    assert.equal(up.ops["later"], "update", up.text);
    assert.match(JSON.stringify(up.step("later").outputs["reasons"]), /environment\.TOKEN is no longer marked as a secret/);
    assert.match(project.state().text, /plainsecret1/);
    assert.equal((await project.destroy()).code, 0);
  });
});

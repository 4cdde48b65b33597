import { after, before, describe, it } from "mocha";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

describe(
  "an input that is marked as a secret later",
  suiteUnless(skipWithoutEngine, () => {
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
      expect(plain.code, plain.text).to.equal(0);
      expect(project.state().text).to.match(/plainsecret1/);
      await declare("pulumi.secret");
      const preview = await project.preview({ flags: ["--diff"] });
      expect(preview.ops["later"], preview.text).to.equal("update");
      expect(preview.text).to.match(/environment\.TOKEN is marked as a secret/);
      const up = await project.up({ flags: ["--diff"] });
      expect(up.code, up.text).to.equal(0);
      expect(project.state().text).to.not.match(/plainsecret/);
      expect(up.step("later").outputs["digest"]).to.equal(plain.step("later").outputs["digest"]);
      const again = await project.up({ flags: ["--expect-no-changes", "--refresh"] });
      expect(again.code, again.text).to.equal(0);
      expect(project.state().text).to.not.match(/plainsecret/);
    });

    it("is an update too when it is no longer a secret", async () => {
      const { project } = stage;
      await declare("(value) => value");
      const up = await project.up({ flags: ["--diff"] });
      expect(up.ops["later"], up.text).to.equal("update");
      expect(JSON.stringify(up.step("later").outputs["reasons"])).to.match(/environment\.TOKEN is no longer marked as a secret/);
      expect(project.state().text).to.match(/plainsecret1/);
      expect((await project.destroy()).code).to.equal(0);
    });
  }),
);

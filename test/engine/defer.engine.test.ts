import { after, before, describe, it } from "mocha";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";
import { withoutKept } from "../support/images/kept-tags.js";

describe(
  "one bad image among twenty",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
      await stage.project.config({ "dhi:deferFailures": "true" });
    });
    after(() => stage.close());
    const names = Array.from({ length: 20 }, (_, at) => `image-${String(at)}`);
    const bad = "image-7";
    const declare = (label: string, runAs: string) =>
      stage.declare(
        Object.fromEntries(
          names.map((name) => {
            const args = { repository: stage.at("base"), version: "3.13", suffix: name, labels: { name, label } };
            return [name, name === bad ? { ...args, runAs } : args];
          }),
        ),
      );
    const tags = async () => withoutKept(await stage.registry.open("acme/base").listTags()).filter((tag) => tag !== "3.13");
    const others = names.filter((name) => name !== bad);

    it("lets nineteen be published, and reports its error on its row", async () => {
      await declare("a", "ghost");
      const preview = await stage.project.preview();
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.row(bad).join("\n")).to.match(/runAs: .*ghost/);
      const up = await stage.project.up({ flags: ["--continue-on-error"] });
      expect(up.code, up.text).to.not.equal(0);
      expect(up.failed).to.deep.equal([bad]);
      expect(up.row(bad).join("\n")).to.match(/runAs: .*ghost/);
      expect(await tags()).to.deep.equal(others.map((name) => `3.13_${name}`).sort());
      expect(
        stage.project
          .state()
          .resources.map(({ name }) => name)
          .sort(),
      ).to.deep.equal([...others].sort());
    });

    it("is published when it is fixed, without touching the others", async () => {
      await declare("a", "nobody");
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ ...Object.fromEntries(others.map((name) => [name, "same"])), [bad]: "create" });
      expect((await tags()).length).to.equal(20);
    });

    it("keeps the published image where an update fails, and forgets the failure when it is fixed", async () => {
      const before = await stage.registry.digestOf("acme/base", `3.13_${bad}`);
      await declare("b", "ghost");
      const up = await stage.project.up({ flags: ["--continue-on-error"] });
      expect(up.code, up.text).to.not.equal(0);
      expect(up.failed).to.deep.equal([bad]);
      expect(await stage.registry.digestOf("acme/base", `3.13_${bad}`)).to.equal(before);
      expect(Object.values(up.ops).filter((op) => op === "update").length).to.equal(20);
      await declare("b", "nobody");
      const fixed = await stage.project.up();
      expect(fixed.code, fixed.text).to.equal(0);
      expect(fixed.ops[bad]).to.equal("update");
      expect(stage.project.state().text).to.not.match(/ghost/);
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
    });

    it("stops the program in check without the setting", async () => {
      await stage.project.config({});
      await declare("b", "ghost");
      const up = await stage.project.up({ flags: ["--continue-on-error"] });
      expect(up.code).to.not.equal(0);
      expect(up.text).to.match(/runAs: .*ghost/);
    });
  }),
);

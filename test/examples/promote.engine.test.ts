import { after, before, describe, it } from "mocha";
import { publishBase, skipWithoutEngine, type EngineProject } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";
import { openExample, openLayout, stackOutputs } from "./example.js";

interface Entry {
  readonly digest: string;
  readonly tag: string;
}

describe(
  "a candidate becomes stable when it is told to",
  suiteUnless(skipWithoutEngine, () => {
    let project: EngineProject;
    const tested: Entry[] = [];
    before(async () => {
      project = await openExample("promote");
      await promote("");
    });
    after(() => project.remove());
    const promote = (value: string) =>
      project.config({ "dhi-example-promote:registry": "oci:images", "dhi-example-promote:promote": value });
    const run = async (): Promise<Awaited<ReturnType<EngineProject["up"]>>> => {
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      return up;
    };
    const stableTags = async () => [...(await openLayout(project, "oci:images/python").listTags())].sort();

    it("each base gives a candidate, and there is no stable image yet", async () => {
      for (const release of ["one", "two"]) {
        await publishBase(openLayout(project, "oci:images/dhi-python"), "3.13", { release });
        await run();
        const { candidate, history, stable } = await stackOutputs(project);
        const [newest] = history as readonly Entry[];
        expect(candidate).to.equal(`oci:images/python-candidate@${newest?.digest ?? ""}`);
        expect(stable).to.equal(undefined);
        if (newest !== undefined) tested.push(newest);
      }
      expect(new Set(tested.map(({ digest }) => digest)).size).to.equal(2);
    });

    it("the one that was tested is promoted by its digest, though there is a newer one", async () => {
      const [one] = tested;
      await promote(one?.digest ?? "");
      const preview = await project.preview();
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.step("stable").inputs["images"]).to.deep.equal({ [one?.tag ?? ""]: one?.digest });
      expect((await run()).ops).to.deep.equal({ candidate: "same", stable: "create" });
      expect((await stackOutputs(project))["stable"]).to.equal(`oci:images/python@${one?.digest ?? ""}`);
      expect(await stableTags()).to.deep.equal([one?.tag]);
    });

    it("stays while candidates come, follows by a tag, and goes back to what it was", async () => {
      const [one, two] = tested;
      await publishBase(openLayout(project, "oci:images/dhi-python"), "3.13", { release: "three" });
      expect((await run()).ops).to.deep.equal({ candidate: "update", stable: "same" });
      expect((await stackOutputs(project))["stable"]).to.equal(`oci:images/python@${one?.digest ?? ""}`);
      for (const entry of [two, one]) {
        await promote(entry?.tag ?? "");
        expect((await run()).ops).to.deep.equal({ candidate: "same", stable: "update" });
        expect((await stackOutputs(project))["stable"]).to.equal(`oci:images/python@${entry?.digest ?? ""}`);
        expect(await stableTags()).to.deep.equal([one?.tag, two?.tag].sort());
      }
    });

    it("is not what was never a candidate", async () => {
      await promote("3.13-000000000000");
      const preview = await project.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text).to.match(/select\[0\]: .*python-candidate has no tag 3\.13-000000000000/);
    });
  }),
);

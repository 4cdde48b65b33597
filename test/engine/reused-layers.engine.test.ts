import { after, before, describe, it } from "mocha";
import { isDigest } from "../../provider/image/digest.js";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { forgedDigest, forgeImage } from "../pipeline/compose/forge.js";
import { expect, expectThat } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

// Issue 9, item 1.
describe(
  "layers that state records",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
    });
    after(() => stage.close());
    const declare = (round: string) =>
      stage.declare({
        one: {
          repository: stage.at("base"),
          version: "3.13",
          suffix: "one",
          scripts: [{ path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }],
          environment: { ROUND: round },
          // An old record that the engine passes on is ignored.
          opts: { ignoreChanges: ["__layers"] },
        },
      });
    const stored = () => {
      const [one] = stage.project.state().resources;
      expectThat(one !== undefined && isDigest(one.outputs["digest"]));
      return { ...one, digest: one.outputs["digest"] };
    };

    it("are in inputs and outputs of state, but never displayed", async () => {
      await declare("1");
      const preview = await stage.project.preview({ flags: ["--diff"] });
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.text).to.not.match(/__layers|diffId/);
      const up = await stage.project.up({ flags: ["--diff"] });
      expect(up.code, up.text).to.equal(0);
      expect(up.text).to.not.match(/__layers|diffId/);
      const { inputs, outputs } = stored();
      expect(inputs["__layers"]).to.deep.equal(outputs["__layers"]);
      expect(Object.keys(outputs["__layers"] as object).length).to.equal(1);
    });

    it("are used by the next image, whatever was pushed to the tag meanwhile", async () => {
      const records = stored().outputs["__layers"];
      await declare("2");
      const honest = (await stage.project.preview()).step("one").inputs["digest"];
      const repository = stage.registry.open("acme/base");
      const forged = await forgeImage(repository, stored().digest);
      await repository.putManifest("3.13_one", forged);
      const refresh = await stage.project.refresh();
      expect(refresh.code, refresh.text).to.equal(0);
      expect(stored().outputs["tags"]).to.deep.equal({ "3.13_one": forged.digest });
      expect(stored().outputs["__layers"]).to.deep.equal(records);
      stage.project.emptyCache();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(stored().digest).to.equal(honest);
      expect(await stage.registry.digestOf("acme/base", "3.13_one")).to.equal(honest);
      expect(JSON.stringify(stored()).includes(forgedDigest)).to.equal(false);
      expect(stored().outputs["__layers"]).to.deep.equal(records);
      const again = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
    });
  }),
);

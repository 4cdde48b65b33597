import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { isDigest } from "../../provider/image/digest.js";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { forgedDigest, forgeImage } from "../pipeline/compose/forge.js";

// Issue 9, item 1.
describe("layers that state records", { skip: skipWithoutEngine }, () => {
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
    assert.ok(one !== undefined && isDigest(one.outputs["digest"]));
    return { ...one, digest: one.outputs["digest"] };
  };

  it("are in inputs and outputs of state, but never displayed", async () => {
    await declare("1");
    const preview = await stage.project.preview({ flags: ["--diff"] });
    assert.equal(preview.code, 0, preview.text);
    assert.doesNotMatch(preview.text, /__layers|diffId/);
    const up = await stage.project.up({ flags: ["--diff"] });
    assert.equal(up.code, 0, up.text);
    assert.doesNotMatch(up.text, /__layers|diffId/);
    const { inputs, outputs } = stored();
    assert.deepEqual(inputs["__layers"], outputs["__layers"]);
    assert.equal(Object.keys(outputs["__layers"] as object).length, 1);
  });

  it("are used by the next image, whatever was pushed to the tag meanwhile", async () => {
    const records = stored().outputs["__layers"];
    await declare("2");
    const honest = (await stage.project.preview()).step("one").inputs["digest"];
    const repository = stage.registry.open("acme/base");
    const forged = await forgeImage(repository, stored().digest);
    await repository.putManifest("3.13_one", forged);
    const refresh = await stage.project.refresh();
    assert.equal(refresh.code, 0, refresh.text);
    assert.deepEqual(stored().outputs["tags"], { "3.13_one": forged.digest });
    assert.deepEqual(stored().outputs["__layers"], records);
    stage.project.emptyCache();
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(stored().digest, honest);
    assert.equal(await stage.registry.digestOf("acme/base", "3.13_one"), honest);
    assert.equal(JSON.stringify(stored()).includes(forgedDigest), false);
    assert.deepEqual(stored().outputs["__layers"], records);
    const again = await stage.project.up({ flags: ["--expect-no-changes"] });
    assert.equal(again.code, 0, again.text);
  });
});

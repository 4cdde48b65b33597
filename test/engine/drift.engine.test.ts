import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../support/engine/index.js";

describe("a tag that pulumi-dhi did not publish", { skip: skipWithoutEngine }, () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());

  it("is rejected in preview, and taken over with overwrite", async () => {
    const foreign = await publishBase(stage.registry.open("acme/base"), "3.13_taken", { release: "foreign" });
    const image = { repository: stage.at("base"), version: "3.13", suffix: "taken", cmd: ["x"] };
    await stage.declare({ one: image });
    const refused = await stage.project.preview();
    assert.notEqual(refused.code, 0);
    assert.ok(refused.text.includes(`the tag 3.13_taken in ${stage.at("base")} points at ${foreign}, which is not ours`), refused.text);
    assert.match(refused.text, /suffix: .*set overwrite: true to take it over/);
    assert.equal(await stage.registry.digestOf("acme/base", "3.13_taken"), foreign);
    await stage.declare({ one: { ...image, overwrite: true } });
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(await stage.registry.digestOf("acme/base", "3.13_taken"), up.step("one").outputs["digest"]);
  });

  it("is rejected for the second of two resources", async () => {
    const image = { repository: stage.at("base"), version: "3.13", suffix: "both", cmd: ["x"] };
    await stage.declare({ one: image, two: { ...image, suffix: "other", additionalTags: ["3.13_both"] } });
    const preview = await stage.project.preview();
    assert.notEqual(preview.code, 0);
    assert.match(preview.text, /another resource of this program publishes .*:3\.13_both too/);
  });
});

describe("a change from outside", { skip: skipWithoutEngine }, () => {
  let stage: Stage;
  let digest: string | undefined;
  before(async () => {
    stage = await openStage();
    await stage.declare({ one: { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: ["latest"], cmd: ["x"] } });
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    digest = await pointsAt("3.13_one");
  });
  after(() => stage.close());
  const pointsAt = (tag: string) => stage.registry.digestOf("acme/base", tag);
  const move = async (tag: string) => {
    const other = await stage.registry.open("acme/base").getManifest("3.13");
    assert.ok(other);
    await stage.registry.open("acme/base").putManifest(tag, other);
    return other.digest;
  };
  const remove = async (tag: string) => assert.deepEqual(await stage.registry.open("acme/base").deleteTag(tag), { deleted: true });
  const settle = async () => {
    assert.equal(await pointsAt("3.13_one"), digest);
    assert.equal(await pointsAt("latest"), digest);
    const again = await stage.project.up({ flags: ["--expect-no-changes"] });
    assert.equal(again.code, 0, again.text);
  };

  it("is repaired by a plain up when a tag is missing, and the preview shows it", async () => {
    // Done twice, as the inputs in state keep the first change.
    for (const round of ["first", "second"]) {
      await remove("latest");
      const preview = await stage.project.preview({ flags: ["--diff"] });
      assert.equal(preview.ops["one"], "update", round);
      assert.match(preview.text, /drift\s*: \{\s*[+~]?\s*latest\s*: .*missing/, round);
      const up = await stage.project.up();
      assert.equal(up.code, 0, up.text);
      assert.equal(up.ops["one"], "update", round);
      assert.equal(await pointsAt("latest"), digest, round);
    }
    await settle();
  });

  it("is rejected by a plain up when a tag now belongs to another owner", async () => {
    const other = await move("latest");
    const preview = await stage.project.preview();
    assert.notEqual(preview.code, 0);
    assert.ok(preview.text.includes(`points at ${other}, which is not ours`), preview.text);
  });

  it("shows in refresh, and a destroy or an up with overwrite then repairs it", async () => {
    const other = await move("latest");
    const refresh = await stage.project.refresh({ flags: ["--diff"] });
    assert.equal(refresh.code, 0, refresh.text);
    assert.deepEqual(stage.project.state().resources[0]?.outputs["tags"], { "3.13_one": digest, latest: other });
    assert.equal(stage.project.state().resources[0]?.outputs["digest"], digest);
    const image = { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: ["latest"], cmd: ["x"] };
    await stage.declare({ one: { ...image, overwrite: true } });
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    await settle();
  });

  it("is repaired by an up after a refresh when a tag is missing", async () => {
    await remove("3.13_one");
    const refresh = await stage.project.refresh();
    assert.equal(refresh.code, 0, refresh.text);
    assert.deepEqual(stage.project.state().resources[0]?.outputs["tags"], { latest: digest });
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    await settle();
  });

  it("is repaired by a plain up when a tag was moved to another image of this stack", async () => {
    const images = { repository: stage.at("base"), version: "3.13", cmd: ["y"] };
    const one = { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: ["latest"], cmd: ["x"], overwrite: true };
    await stage.declare({ one, two: { ...images, suffix: "two" } });
    assert.equal((await stage.project.up()).code, 0);
    const two = await stage.registry.open("acme/base").getManifest("3.13_two");
    assert.ok(two);
    for (const round of ["first", "second"]) {
      await stage.registry.open("acme/base").putManifest("3.13_one", two);
      const up = await stage.project.up();
      assert.equal(up.code, 0, up.text);
      assert.equal(up.ops["one"], "update", round);
      assert.equal(await pointsAt("3.13_one"), digest, round);
    }
    await settle();
  });

  it("is repaired by publishing again when the whole image is missing", async () => {
    const { project } = stage;
    const drop = async () => {
      for (const tag of ["3.13_one", "latest"]) await remove(tag);
      await stage.registry.delete("acme/base", String(digest));
    };
    await drop();
    const plain = await project.up();
    assert.equal(plain.code, 0, plain.text);
    assert.equal(plain.ops["one"], "update");
    await settle();
    await drop();
    const refreshed = await project.refresh();
    assert.equal(refreshed.code, 0, refreshed.text);
    assert.deepEqual(
      project.state().resources.map(({ name }) => name),
      ["two"],
    );
    const created = await project.up();
    assert.equal(created.ops["one"], "create", created.text);
    await settle();
  });

  // Issue 9, item 15.
  it("does not matter at a new destination", async () => {
    const one = { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: ["latest"], cmd: ["x"] };
    await stage.declare({ one: { ...one, destination: stage.at("elsewhere") } });
    const preview = await stage.project.preview({ flags: ["--diff"] });
    assert.equal(preview.code, 0, preview.text);
    assert.match(preview.text, /destination/);
    assert.doesNotMatch(preview.text, /drift/);
  });
});

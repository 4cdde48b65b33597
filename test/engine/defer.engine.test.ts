import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";

describe("one bad image among twenty", { skip: skipWithoutEngine }, () => {
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
  const tags = async () => (await stage.registry.open("acme/base").listTags()).filter((tag) => tag !== "3.13");
  const others = names.filter((name) => name !== bad);

  it("lets nineteen be published, and reports its error on its row", async () => {
    await declare("a", "ghost");
    const preview = await stage.project.preview();
    assert.equal(preview.code, 0, preview.text);
    assert.match(preview.row(bad).join("\n"), /runAs: .*ghost/);
    const up = await stage.project.up({ flags: ["--continue-on-error"] });
    assert.notEqual(up.code, 0, up.text);
    assert.deepEqual(up.failed, [bad]);
    assert.match(up.row(bad).join("\n"), /runAs: .*ghost/);
    assert.deepEqual(await tags(), others.map((name) => `3.13_${name}`).sort());
    assert.deepEqual(
      stage.project
        .state()
        .resources.map(({ name }) => name)
        .sort(),
      [...others].sort(),
    );
  });

  it("is published when it is fixed, without touching the others", async () => {
    await declare("a", "nobody");
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.ops, { ...Object.fromEntries(others.map((name) => [name, "same"])), [bad]: "create" });
    assert.equal((await tags()).length, 20);
  });

  it("keeps the published image where an update fails, and forgets the failure when it is fixed", async () => {
    const before = await stage.registry.digestOf("acme/base", `3.13_${bad}`);
    await declare("b", "ghost");
    const up = await stage.project.up({ flags: ["--continue-on-error"] });
    assert.notEqual(up.code, 0, up.text);
    assert.deepEqual(up.failed, [bad]);
    assert.equal(await stage.registry.digestOf("acme/base", `3.13_${bad}`), before);
    assert.equal(Object.values(up.ops).filter((op) => op === "update").length, 20);
    await declare("b", "nobody");
    const fixed = await stage.project.up();
    assert.equal(fixed.code, 0, fixed.text);
    assert.equal(fixed.ops[bad], "update");
    assert.doesNotMatch(stage.project.state().text, /ghost/);
    assert.equal((await stage.project.up({ flags: ["--expect-no-changes"] })).code, 0);
  });

  it("stops the program in check without the setting", async () => {
    await stage.project.config({});
    await declare("b", "ghost");
    const up = await stage.project.up({ flags: ["--continue-on-error"] });
    assert.notEqual(up.code, 0);
    assert.match(up.text, /runAs: .*ghost/);
  });
});

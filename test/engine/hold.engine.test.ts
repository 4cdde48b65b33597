import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../support/engine/index.js";

describe("a base whose tag moves", { skip: skipWithoutEngine }, () => {
  let stage: Stage;
  let before1: string | undefined;
  let digests: Readonly<Record<string, unknown>>;
  const held = { ignoreChanges: ["resolution"] };
  const declare = (suffix = "held", version = "3.13") => {
    const image = { repository: stage.at("base"), version, cmd: ["x"] };
    return stage.declare({ held: { ...image, suffix, opts: held }, free: { ...image, suffix: "free" } });
  };
  before(async () => {
    stage = await openStage();
    before1 = await stage.registry.digestOf("acme/base", "3.13");
    await declare();
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    digests = stage.project.state().outputs["digests"] as Readonly<Record<string, unknown>>;
    await publishBase(stage.registry.open("acme/base"), "3.13", { release: "2", architectures: ["amd64", "arm64"] });
  });
  after(() => stage.close());

  it("updates the image, and the reason reports that the base moved", async () => {
    const now = String(await stage.registry.digestOf("acme/base", "3.13"));
    const preview = await stage.project.preview();
    const reason = `the base 3.13 moved from ${String(before1).slice(0, 19)} to ${now.slice(0, 19)}`;
    assert.deepEqual(preview.ops, { held: "same", free: "update" });
    assert.deepEqual(preview.step("free").inputs["reasons"], [reason]);
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.ops, { held: "same", free: "update" });
    assert.deepEqual((up.step("free").outputs["base"] as { readonly digest: string }).digest, now);
  });

  it("keeps an image whose resolution is ignored, also with a changed suffix and an empty cache", async () => {
    await declare("kept");
    stage.project.emptyCache();
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(up.ops["held"], "create-replacement+replace+delete-replaced");
    assert.equal(await stage.registry.digestOf("acme/base", "3.13_kept"), digests["held"]);
    assert.equal(await stage.registry.digestOf("acme/base", "3.13_held"), undefined);
    const [one] = stage.project.state().resources.filter(({ name }) => name === "held");
    assert.equal((one?.outputs["resolution"] as { readonly base: { readonly digest: string } }).base.digest, before1);
    assert.equal((await stage.project.up({ flags: ["--expect-no-changes"] })).code, 0);
  });

  it("updates a held image on --replace, and for another version", async () => {
    const [one] = stage.project.state().resources.filter(({ name }) => name === "held");
    const up = await stage.project.up({ flags: ["--replace", one?.urn ?? ""] });
    assert.equal(up.code, 0, up.text);
    const now = await stage.registry.digestOf("acme/base", "3.13");
    const base = () => {
      const [found] = stage.project.state().resources.filter(({ name }) => name === "held");
      return found?.outputs["base"] as { readonly digest: string };
    };
    assert.equal(base().digest, now);
    const next = await publishBase(stage.registry.open("acme/base"), "3.14", { release: "3" });
    await declare("kept", "3.14");
    const moved = await stage.project.up();
    assert.equal(moved.code, 0, moved.text);
    assert.equal(base().digest, next);
  });

  it("rejects a plan that was saved before it moved", async () => {
    await declare("kept", "3.14");
    await stage.declare({ planned: { repository: stage.at("base"), version: "3.14", suffix: "planned" } });
    const preview = await stage.project.preview({ flags: ["--save-plan", "plan.json"], env: { PULUMI_EXPERIMENTAL: "true" } });
    assert.equal(preview.code, 0, preview.text);
    await publishBase(stage.registry.open("acme/base"), "3.14", { release: "4" });
    const up = await stage.project.up({ flags: ["--plan", "plan.json"], env: { PULUMI_EXPERIMENTAL: "true" } });
    assert.notEqual(up.code, 0, up.text);
    assert.match(up.text, /violates plan/);
    assert.equal(await stage.registry.digestOf("acme/base", "3.14_planned"), undefined);
  });
});

import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import type { Fault } from "../support/registries/index.js";

const answer = (status: number): Fault => ({
  kind: "status",
  status,
  headers: { "content-type": "application/json", "retry-after": "0" },
  body: JSON.stringify({ errors: [{ code: "UNAVAILABLE", message: `down for repairs, ${String(status)}` }] }),
});

/** By the kind of outage. */
const outages: Readonly<Record<string, Fault>> = { "503": answer(503), "429": answer(429), "a broken network": { kind: "reset" } };

describe("an unavailable registry", { skip: skipWithoutEngine }, () => {
  let stage: Stage;
  const image = (label: string) => ({ repository: stage.at("base"), version: "3.13", suffix: "one", labels: { label } });
  before(async () => {
    stage = await openStage();
    await stage.declare({ one: image("a") });
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    // A second run confirms what the first has made.
    assert.equal((await stage.project.up()).code, 0);
  });
  after(() => stage.close());

  for (const [how, fault] of Object.entries(outages)) {
    it(`leaves unchanged images as they are, with a notice: ${how}`, async () => {
      await stage.declare({ one: image("a") });
      stage.registry.fail(() => fault);
      const up = await stage.project.up({ flags: ["--expect-no-changes"] });
      stage.registry.fail();
      assert.equal(up.code, 0, up.text);
      const row = up.row("one").join("\n");
      assert.match(row, /^kept as it is: /);
      assert.ok(row.includes(stage.registry.host), row);
      assert.match(row, /last confirmed at \d{4}-\d\d-\d\dT/);
    });
  }

  it("fails changed images by name", async () => {
    await stage.declare({ one: image("b") });
    stage.registry.fail(() => answer(503));
    const preview = await stage.project.preview();
    stage.registry.fail();
    assert.notEqual(preview.code, 0);
    assert.ok(preview.text.includes(`${stage.registry.host} answered 503`), preview.text);
  });

  it("is an error where dhi:requireFresh says so, and only there", async () => {
    await stage.declare({ one: image("a") });
    await stage.project.config({ "dhi:requireFresh": true });
    stage.registry.fail(() => answer(503));
    const stale = await stage.project.preview();
    stage.registry.fail();
    const fresh = await stage.project.preview({ flags: ["--expect-no-changes"] });
    await stage.project.config({});
    assert.notEqual(stale.code, 0, stale.text);
    assert.ok(stale.text.includes(stage.registry.host), stale.text);
    assert.equal(fresh.code, 0, fresh.text);
  });

  it("fails an unchanged image whose login is rejected: that is not an outage", async () => {
    await stage.declare({ one: image("a") });
    stage.registry.fail(() => answer(403));
    const preview = await stage.project.preview();
    stage.registry.fail();
    assert.notEqual(preview.code, 0, preview.text);
    assert.match(preview.text, /answered 403/);
  });

  for (const status of [401, 403, 429, 500]) {
    it(`never counts as a deleted image on refresh: ${String(status)}`, async () => {
      const before = stage.project.state().resources;
      assert.equal(before.length, 1);
      stage.registry.fail(() => answer(status));
      const refresh = await stage.project.refresh();
      stage.registry.fail();
      assert.notEqual(refresh.code, 0, refresh.text);
      assert.match(refresh.text, new RegExp(`answered ${String(status)}`));
      assert.deepEqual(stage.project.state().resources, before);
    });
  }
});

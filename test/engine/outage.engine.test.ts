import { after, before, describe, it } from "mocha";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import type { Fault } from "../support/registries/index.js";
import { suiteUnless } from "../support/skips.js";

const answer = (status: number): Fault => ({
  kind: "status",
  status,
  headers: { "content-type": "application/json", "retry-after": "0" },
  body: JSON.stringify({ errors: [{ code: "UNAVAILABLE", message: `down for repairs, ${String(status)}` }] }),
});

/** By the kind of outage. */
const outages: Readonly<Record<string, Fault>> = { "503": answer(503), "429": answer(429), "a broken network": { kind: "reset" } };

describe(
  "an unavailable registry",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    const image = (label: string) => ({ repository: stage.at("base"), version: "3.13", suffix: "one", labels: { label } });
    before(async () => {
      stage = await openStage();
      await stage.declare({ one: image("a") });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      // A second run confirms what the first has made.
      expect((await stage.project.up()).code).to.equal(0);
    });
    after(() => stage.close());

    for (const [how, fault] of Object.entries(outages)) {
      it(`leaves unchanged images as they are, with a notice: ${how}`, async () => {
        await stage.declare({ one: image("a") });
        stage.registry.fail(() => fault);
        const up = await stage.project.up({ flags: ["--expect-no-changes"] });
        stage.registry.fail();
        expect(up.code, up.text).to.equal(0);
        const row = up.row("one").join("\n");
        // The engine may show the lines of a row in another order.
        expect(row).to.match(/^kept unchanged: /m);
        expect(row, row).to.include(stage.registry.host);
        expect(row).to.match(/last confirmed at \d{4}-\d\d-\d\dT/);
      });
    }

    it("fails changed images by name", async () => {
      await stage.declare({ one: image("b") });
      stage.registry.fail(() => answer(503));
      const preview = await stage.project.preview();
      stage.registry.fail();
      expect(preview.code).to.not.equal(0);
      expect(preview.text, preview.text).to.include(`${stage.registry.host} answered 503`);
    });

    it("is an error where dhi:requireFresh says so, and only there", async () => {
      await stage.declare({ one: image("a") });
      await stage.project.config({ "dhi:requireFresh": true });
      stage.registry.fail(() => answer(503));
      const stale = await stage.project.preview();
      stage.registry.fail();
      const fresh = await stage.project.preview({ flags: ["--expect-no-changes"] });
      await stage.project.config({});
      expect(stale.code, stale.text).to.not.equal(0);
      expect(stale.text, stale.text).to.include(stage.registry.host);
      expect(fresh.code, fresh.text).to.equal(0);
    });

    it("fails an unchanged image whose login is rejected: that is not an outage", async () => {
      await stage.declare({ one: image("a") });
      stage.registry.fail(() => answer(403));
      const preview = await stage.project.preview();
      stage.registry.fail();
      expect(preview.code, preview.text).to.not.equal(0);
      expect(preview.text).to.match(/answered 403/);
    });

    for (const status of [401, 403, 429, 500]) {
      it(`never counts as a deleted image on refresh: ${String(status)}`, async () => {
        const before = stage.project.state().resources;
        expect(before.length).to.equal(1);
        stage.registry.fail(() => answer(status));
        const refresh = await stage.project.refresh();
        stage.registry.fail();
        expect(refresh.code, refresh.text).to.not.equal(0);
        expect(refresh.text).to.match(new RegExp(`answered ${String(status)}`));
        expect(stage.project.state().resources).to.deep.equal(before);
      });
    }
  }),
);

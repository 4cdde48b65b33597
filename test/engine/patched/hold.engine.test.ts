import { after, before, describe, it } from "mocha";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { suiteUnless } from "../../support/skips.js";

describe(
  "a base whose tag moves",
  suiteUnless(skipWithoutEngine, () => {
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
      expect(up.code, up.text).to.equal(0);
      digests = stage.project.state().outputs["digests"] as Readonly<Record<string, unknown>>;
      await publishBase(stage.registry.open("acme/base"), "3.13", { release: "2", architectures: ["amd64", "arm64"] });
    });
    after(() => stage.close());

    it("updates the image, and the reason reports that the base moved", async () => {
      const now = String(await stage.registry.digestOf("acme/base", "3.13"));
      const preview = await stage.project.preview();
      const reason = `base 3.13: ${String(before1).slice(0, 19)} → ${now.slice(0, 19)}`;
      expect(preview.ops).to.deep.equal({ held: "same", free: "update" });
      expect(preview.step("free").inputs["reasons"]).to.deep.equal([reason]);
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ held: "same", free: "update" });
      expect((up.step("free").outputs["base"] as { readonly digest: string }).digest).to.deep.equal(now);
    });

    it("keeps an image whose resolution is ignored, also with a changed suffix and an empty cache", async () => {
      await declare("kept");
      stage.project.emptyCache();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops["held"]).to.equal("create-replacement+replace+delete-replaced");
      expect(await stage.registry.digestOf("acme/base", "3.13_kept")).to.equal(digests["held"]);
      expect(await stage.registry.digestOf("acme/base", "3.13_held")).to.equal(undefined);
      const [one] = stage.project.state().resources.filter(({ name }) => name === "held");
      expect((one?.outputs["resolution"] as { readonly base: { readonly digest: string } }).base.digest).to.equal(before1);
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
    });

    it("updates a held image on --replace, and for another version", async () => {
      const [one] = stage.project.state().resources.filter(({ name }) => name === "held");
      const up = await stage.project.up({ flags: ["--replace", one?.urn ?? ""] });
      expect(up.code, up.text).to.equal(0);
      const now = await stage.registry.digestOf("acme/base", "3.13");
      const base = () => {
        const [found] = stage.project.state().resources.filter(({ name }) => name === "held");
        return found?.outputs["base"] as { readonly digest: string };
      };
      expect(base().digest).to.equal(now);
      const next = await publishBase(stage.registry.open("acme/base"), "3.14", { release: "3" });
      await declare("kept", "3.14");
      const moved = await stage.project.up();
      expect(moved.code, moved.text).to.equal(0);
      expect(base().digest).to.equal(next);
    });

    it("rejects a plan that was saved before it moved", async () => {
      await declare("kept", "3.14");
      await stage.declare({ planned: { repository: stage.at("base"), version: "3.14", suffix: "planned" } });
      const preview = await stage.project.preview({ flags: ["--save-plan", "plan.json"], env: { PULUMI_EXPERIMENTAL: "true" } });
      expect(preview.code, preview.text).to.equal(0);
      await publishBase(stage.registry.open("acme/base"), "3.14", { release: "4" });
      const up = await stage.project.up({ flags: ["--plan", "plan.json"], env: { PULUMI_EXPERIMENTAL: "true" } });
      expect(up.code, up.text).to.not.equal(0);
      expect(up.text).to.match(/violates plan/);
      expect(await stage.registry.digestOf("acme/base", "3.14_planned")).to.equal(undefined);
    });
  }),
);

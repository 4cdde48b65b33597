import { after, before, describe, it } from "mocha";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

describe(
  "a tag survives",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    let base: Readonly<Record<string, unknown>>;
    before(async () => {
      stage = await openStage({ program: "registry" });
      base = { repository: stage.at("base"), version: "3.13", cmd: ["x"] };
    });
    after(() => stage.close());
    const pointsAt = (tag: string) => stage.registry.digestOf("acme/base", tag);
    const start = async (images: Parameters<Stage["declare"]>[0]) => {
      await stage.declare(images);
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      return up;
    };
    const settle = async (tag: string, digest: unknown) => {
      expect(String(digest)).to.match(/^sha256:/);
      expect(await pointsAt(tag)).to.equal(digest);
      const again = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
    };

    it("a rename without alias", async () => {
      await start({ one: { ...base, suffix: "name" } });
      const digest = await pointsAt("3.13_name");
      const up = await start({ two: { ...base, suffix: "name" } });
      expect(up.ops).to.deep.equal({ two: "create", one: "delete" });
      await settle("3.13_name", digest);
    });

    it("a transfer of suffixes and additional tags from one resource to another", async () => {
      await start({ a: { ...base, suffix: "a", additionalTags: ["latest"] }, b: { ...base, suffix: "b", labels: { b: "b" } } });
      const b = await pointsAt("3.13_b");
      const a = await pointsAt("3.13_a");
      expect(a).to.not.equal(b);
      // The suffixes are swapped through a third one, and the additional tag goes to the other resource.
      await start({ a: { ...base, suffix: "c" }, b: { ...base, suffix: "a", labels: { b: "b" }, additionalTags: ["latest"] } });
      expect(await pointsAt("3.13_b")).to.equal(undefined);
      expect(await pointsAt("3.13_c")).to.equal(a);
      expect(await pointsAt("latest")).to.equal(b);
      await settle("3.13_a", b);
    });

    it("a swap of two suffixes", async () => {
      await start({ a: { ...base, suffix: "left" }, b: { ...base, suffix: "right", labels: { b: "b" } } });
      const [left, right] = [await pointsAt("3.13_left"), await pointsAt("3.13_right")];
      await start({ a: { ...base, suffix: "right" }, b: { ...base, suffix: "left", labels: { b: "b" } } });
      expect(await pointsAt("3.13_left")).to.equal(right);
      await settle("3.13_right", left);
    });

    it("a requested replacement", async () => {
      await start({ one: { ...base, suffix: "again" } });
      const digest = await pointsAt("3.13_again");
      const replaced = await stage.project.up({ flags: ["--replace", stage.project.state().resources[0]?.urn ?? ""] });
      expect(replaced.code, replaced.text).to.equal(0);
      expect(replaced.ops["one"] ?? "").to.match(/replace/);
      await settle("3.13_again", digest);
    });

    it("a change under deleteBeforeReplace, which deletes the old image first", async () => {
      const opts = { deleteBeforeReplace: true };
      await start({ one: { ...base, suffix: "before", opts } });
      const old = await pointsAt("3.13_before");
      const up = await start({ one: { ...base, suffix: "after", opts } });
      expect(up.ops["one"] ?? "").to.match(/^delete-replaced\+replace\+create-replacement$/);
      expect(await pointsAt("3.13_before")).to.equal(undefined);
      await settle("3.13_after", old);
    });

    it("a pin of the same tag by digest", async () => {
      const pin = String(await pointsAt("3.13"));
      await start({ one: { ...base, suffix: "pin" } });
      const old = await pointsAt("3.13_pin");
      const up = await start({ one: { ...base, suffix: "pin", version: `3.13@${pin}` } });
      expect(up.ops["one"]).to.deep.equal("update");
      await settle("3.13_pin", old);
    });

    it("a deletion that fails because the registry does not respond, after the new image was created", async () => {
      await start({ one: { ...base, suffix: "first" } });
      const digest = await pointsAt("3.13_first");
      await stage.declare({ one: { ...base, suffix: "second" } });
      stage.registry.fail(({ method }) =>
        method === "DELETE" ? { kind: "status", status: 500, headers: { "retry-after": "0" } } : undefined,
      );
      const failed = await stage.project.up();
      expect(failed.code, failed.text).to.not.equal(0);
      expect(failed.text).to.match(/answered 500/);
      expect(stage.project.state().resources.map(({ id, pendingDelete }) => [id, pendingDelete])).to.deep.equal([
        [`${stage.at("base")}:3.13_second`, false],
        [`${stage.at("base")}:3.13_first`, true],
      ]);
      stage.registry.fail();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(await pointsAt("3.13_first")).to.equal(undefined);
      await settle("3.13_second", digest);
    });

    it("a kill between create and delete, also when the old name is declared again", async () => {
      await start({ one: { ...base, suffix: "first" } });
      const digest = await pointsAt("3.13_first");
      await stage.declare({ one: { ...base, suffix: "second" } });
      let kill = (): void => undefined;
      stage.registry.fail(({ method }) => {
        if (method !== "DELETE") return undefined;
        kill();
        return { kind: "reset" };
      });
      const killed = await stage.project.up({
        onStart: (child) => {
          kill = () => child.kill("SIGKILL");
        },
      });
      expect(killed.code).to.equal(137);
      stage.registry.fail();
      expect(await pointsAt("3.13_second")).to.equal(digest);
      await stage.project.pulumi(["cancel", "--yes", "--stack", "dev"]);
      expect(stage.project.state().resources.filter(({ pendingDelete }) => pendingDelete).length).to.equal(1);
      // The pending deletion is of the very tag that is declared again.
      await stage.declare({ one: { ...base, suffix: "first" } });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(await pointsAt("3.13_second")).to.equal(undefined);
      await settle("3.13_first", digest);
    });
  }),
);

describe(
  "moving into a component",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
    });
    after(() => stage.close());

    it("keeps the tag", async () => {
      const args = JSON.stringify({ repository: stage.at("base"), version: "3.13", suffix: "in", cmd: ["x"] });
      await stage.project.program(`new dhi.Customization("one", ${args});`);
      const first = await stage.project.up();
      expect(first.code, first.text).to.equal(0);
      await stage.project.program(`
      class Images extends pulumi.ComponentResource {
        constructor(name) { super("test:Images", name); new dhi.Customization("one", ${args}, { parent: this }); }
      }
      new Images("images");
    `);
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ images: "create", one: "create+delete" });
      expect(up.row("one").join()).to.match(/no tag moved/);
      expect(await stage.registry.digestOf("acme/base", "3.13_in")).to.equal(first.step("one").outputs["digest"]);
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
    });
  }),
);

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { suiteUnless } from "../../support/skips.js";

const short = (digest: string): string => digest.slice(0, 19);

describe(
  "a base that ripens",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    let first: string;
    let second: string;
    before(async () => {
      stage = await openStage();
      first = (await stage.registry.digestOf("acme/base", "3.13")) ?? "";
      const image = { repository: stage.at("base"), version: "3.13", cmd: ["x"] };
      await stage.declare({ slow: { ...image, suffix: "slow", minimumAge: "3d" }, fast: { ...image, suffix: "fast" } });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
    });
    after(() => stage.close());

    const baseOf = (values: Readonly<Record<string, unknown>>): unknown => (values["base"] as { readonly digest?: unknown }).digest;
    const told = (values: Readonly<Record<string, unknown>>): readonly string[] =>
      (values["notices"] as readonly { readonly kind: string; readonly message: string }[]).map(
        ({ kind, message }) => `${kind}: ${message}`,
      );

    /** Rewrites the first sights in state, as if they were so many days ago. */
    const age = async (days: number): Promise<void> => {
      const exported = await stage.project.pulumi(["stack", "export", "--stack", "dev", "--file", "state.json"]);
      expect(exported.code, exported.text).to.equal(0);
      const state = await readFile(join(stage.project.folder, "state.json"), "utf8");
      const aged = state.replace(/(?<="__firstSeen": \{\s*"sha256:\w+": ")[^"]+/g, (time) =>
        new Date(Date.parse(time) - days * 86_400_000).toISOString(),
      );
      expect(aged).to.not.equal(state);
      await stage.project.write("state.json", aged);
      const imported = await stage.project.pulumi(["stack", "import", "--stack", "dev", "--file", "state.json"]);
      expect(imported.code, imported.text).to.equal(0);
    };

    it("is told in preview with its day, and a plan of that can be carried out", async () => {
      second = await publishBase(stage.registry.open("acme/base"), "3.13", { release: "2", architectures: ["amd64", "arm64"] });
      const env = { PULUMI_EXPERIMENTAL: "true" };
      const preview = await stage.project.preview({ flags: ["--save-plan", "plan.json"], env });
      expect(preview.code, preview.text).to.equal(0);
      const change = `${short(first)} → ${short(second)}`;
      expect(preview.row("slow").join("\n")).to.include(`the base ${stage.at("base")}:3.13 ripens: ${change} will be taken on 20`);
      expect(baseOf(preview.step("slow").inputs)).to.equal(first);
      expect(baseOf(preview.step("fast").inputs)).to.equal(second);
      const before = await stage.registry.digestOf("acme/base", "3.13_slow");
      stage.registry.seen();
      const up = await stage.project.up({ flags: ["--plan", "plan.json"], env });
      expect(up.code, up.text).to.equal(0);
      expect(await stage.registry.digestOf("acme/base", "3.13_slow")).to.equal(before);
      const written = stage.registry.seen().filter((request) => /^PUT .*manifests\/3\.13_slow/.test(request));
      expect(written).to.deep.equal([]);
      expect(told(up.step("slow").outputs).map((notice) => notice.slice(0, 9))).to.deep.equal(["ripening:"]);
      expect(up.step("slow").outputs["reasons"]).to.deep.equal(["new image"]);
    });

    it("is no change until it is old enough: nothing is written, and refresh keeps when it was seen", async () => {
      stage.project.emptyCache();
      const refresh = await stage.project.refresh({ flags: ["--expect-no-changes"] });
      expect(refresh.code, refresh.text).to.equal(0);
      stage.registry.seen();
      const up = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(up.code, up.text).to.equal(0);
      expect(stage.registry.seen().filter((request) => !/^(?:GET|HEAD) /.test(request))).to.deep.equal([]);
    });

    it("is taken when it is old enough, with its reason", async () => {
      await age(3);
      const preview = await stage.project.preview();
      expect(preview.step("slow").inputs["reasons"]).to.deep.equal([`base 3.13: ${short(first)} → ${short(second)}`]);
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ slow: "update", fast: "same" });
      expect(baseOf(up.step("slow").outputs)).to.equal(second);
      expect(told(up.step("slow").outputs)).to.deep.equal([]);
      expect(up.step("slow").outputs["digest"]).to.equal(preview.step("slow").inputs["digest"]);
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
    });
  }),
);

import { dirname } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Digest } from "../../provider/image/digest.js";
import { throwAwayManifest } from "../../provider/image/throw-away-manifest.js";
import { endLeftovers } from "../support/engine/leftovers.js";
import { openStage, skipWithoutEngine, type Run, type Stage } from "../support/engine/index.js";
import { expect, expectThat } from "../support/expectations.js";
import { findHoles, readRegistry } from "../support/images/whole.js";
import { drawFrom } from "../support/session/draw.js";
import { suiteUnless } from "../support/skips.js";

const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const updates = process.env["DHI_LONG"] === undefined ? 1 : 18;

/** With interruption.peer.test.ts these are the 20 runs, or 200, that end midway; here by killing everything that the engine runs. */
describe(
  `a killed engine (DHI_SEED=${String(seed)})`,
  suiteUnless(skipWithoutEngine, () => {
    const draw = drawFrom(seed);
    const tags = ["3.13_one", "latest", "stable"];
    let stage: Stage;
    before(async () => {
      stage = await openStage();
    });
    after(() => stage.close());

    const declareNext = (): Promise<void> => {
      const scripts = [{ path: "/opt/run", content: draw.text(50_000), uid: 0, gid: 0, mode: "0755" }];
      const args = { repository: stage.at("base"), version: "3.13", suffix: "one", additionalTags: tags.slice(1), scripts };
      return stage.declare({ one: args });
    };
    const heads = async (): Promise<readonly (Digest | undefined)[]> =>
      Promise.all(tags.map((tag) => stage.registry.digestOf("acme/base", tag)));
    /** Kills everything at request `at`, before or after the registry has received it. */
    const kill = async (operation: "up" | "destroy", at: number): Promise<Run> => {
      let child: { kill(signal: "SIGKILL"): void } | undefined;
      let seen = 0;
      const lost = draw.of([true, false]);
      stage.registry.fail(() => {
        if ((seen += 1) !== at) return undefined;
        const end = (): void => {
          child?.kill("SIGKILL");
          endLeftovers(dirname(stage.project.folder));
        };
        if (lost) end();
        else setTimeout(end, 5);
        return lost ? { kind: "reset" } : undefined;
      });
      const run = await stage.project[operation]({ onStart: (started) => (child = started) });
      stage.registry.fail();
      await stage.project.pulumi(["cancel", "--yes", "--stack", "dev"]);
      return run;
    };
    const assertWhole = async (): Promise<void> => {
      const digests = new Set((await heads()).filter((digest) => digest !== undefined));
      for (const digest of digests) expect(await findHoles(readRegistry(stage.at("base")), digest)).to.deep.equal([]);
    };
    const converge = async (): Promise<Digest> => {
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      const digest = stage.project.state().resources[0]?.outputs["digest"] as Digest;
      expect(await heads()).to.deep.equal([digest, digest, digest]);
      await assertWhole();
      const same = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(same.code, same.text).to.equal(0);
      return digest;
    };

    it("leaves a create that the next up completes", async () => {
      await declareNext();
      const killed = await kill("up", 1 + draw.below(40));
      const before = await heads();
      await assertWhole();
      const digest = await converge();
      for (const head of before) expect(head === undefined || head === digest, killed.text).to.equal(true);
    });

    for (let number = 0; number < updates; number += 1) {
      it(`leaves update ${String(number)} to the next up, with each tag at the old or the new image`, async () => {
        const [old] = await heads();
        await declareNext();
        const killed = await kill("up", 1 + draw.below(40));
        const before = await heads();
        await assertWhole();
        const digest = await converge();
        expect(digest).to.not.equal(old);
        for (const head of before) expect(head === old || head === digest, killed.text).to.equal(true);
      });
    }

    it("leaves a destroy that the next destroy completes", async () => {
      const [old] = await heads();
      expectThat(old !== undefined);
      const killed = await kill("destroy", 1 + draw.below(24));
      await assertWhole();
      for (const [at, head] of (await heads()).entries()) {
        const left = throwAwayManifest({ repository: "acme/base", tag: tags[at] ?? "", former: old }).digest;
        expectThat(head === undefined || head === old || head === left, killed.text);
      }
      const again = await stage.project.destroy();
      expect(again.code, again.text).to.equal(0);
      expect(await heads()).to.deep.equal([undefined, undefined, undefined]);
      expect(stage.project.state().resources).to.deep.equal([]);
      expect(await findHoles(readRegistry(stage.at("base")), (await stage.registry.digestOf("acme/base", "3.13")) ?? "")).to.deep.equal([]);
    });
  }),
);

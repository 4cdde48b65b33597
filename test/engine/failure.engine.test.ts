import { after, before, describe, it } from "mocha";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect, expectThat } from "../support/expectations.js";
import type { Fault, SeenRequest } from "../support/registries/index.js";
import { suiteUnless } from "../support/skips.js";

const refusal = (status: number, message: string): Fault => ({
  kind: "status",
  status,
  headers: { "content-type": "application/json", "retry-after": "0" },
  body: JSON.stringify({ errors: [{ code: "DENIED", message }] }),
});

const isPut = ({ method, url }: SeenRequest, part: string): boolean => method === "PUT" && url.includes(part);

/** By what fails: which requests, how, and what the user reads. */
const faults: Readonly<Record<string, { readonly rule: (request: SeenRequest) => Fault | undefined; readonly says: RegExp }>> = {
  "a blob, by 500": {
    rule: (seen) => (isPut(seen, "/blobs/") ? refusal(500, "disk is full") : undefined),
    says: /answered 500: .*disk is full/,
  },
  "a blob, by a reset": { rule: (seen) => (isPut(seen, "/blobs/") ? { kind: "reset" } : undefined), says: /upload blob sha256:/ },
  "a manifest": { rule: (seen) => (isPut(seen, "/manifests/sha256:") ? refusal(403, "quota used up") : undefined), says: /quota used up/ },
  "the tag": {
    rule: (seen) => (isPut(seen, "/manifests/3.13_") ? refusal(403, "tags are immutable") : undefined),
    says: /tags are immutable/,
  },
};

describe(
  "a push that fails",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
    });
    after(() => stage.close());
    const image = (content: string) => ({
      repository: stage.at("base"),
      version: "3.13",
      suffix: "one",
      scripts: [{ path: "/opt/run", content, uid: 0, gid: 0, mode: "0755" }],
    });

    let round = 0;
    for (const [what, { rule, says }] of Object.entries(faults)) {
      it(`keeps state true, and the next run completes: ${what}`, async () => {
        const before = stage.project.state().resources;
        const tagged = await stage.registry.digestOf("acme/base", "3.13_one");
        round += 1;
        await stage.declare({ one: image(`${String(round)}\n`) });
        stage.registry.fail(rule);
        const failed = await stage.project.up();
        stage.registry.fail();
        expect(failed.code, failed.text).to.not.equal(0);
        expect(failed.text).to.match(says);
        expect(failed.text, "no stack trace").to.not.match(/\n\s+at .*\.js:\d+/);
        expect(failed.failed).to.deep.equal(["one"]);
        expect(await stage.registry.digestOf("acme/base", "3.13_one"), "the tag has not moved").to.equal(tagged);
        expect(stage.project.state().resources, "state is as it was").to.deep.equal(before);
        const up = await stage.project.up();
        expect(up.code, up.text).to.equal(0);
        expect(up.ops["one"]).to.equal(round === 1 ? "create" : "update");
        expect(await stage.registry.digestOf("acme/base", "3.13_one")).to.equal(up.step("one").outputs["digest"]);
      });
    }
  }),
);

describe(
  "a partial failure of tags",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
    });
    after(() => stage.close());

    it("is reported, survives a refresh in state, and is repaired", async () => {
      const image = (label: string) => ({
        repository: stage.at("base"),
        version: "3.13",
        suffix: "one",
        additionalTags: ["1", "latest"],
        labels: { label },
      });
      const failLatest = (): void =>
        stage.registry.fail((seen) => (isPut(seen, "/manifests/latest") ? refusal(403, "latest is protected") : undefined));
      const one = () => {
        const [found] = stage.project.state().resources;
        expectThat(found);
        return found;
      };
      const heads = async () => {
        const entries = ["1", "3.13_one", "latest"].map(async (tag) => [tag, await stage.registry.digestOf("acme/base", tag)] as const);
        return Object.fromEntries((await Promise.all(entries)).filter(([, digest]) => digest !== undefined));
      };

      // A creation.
      await stage.declare({ one: image("a") });
      failLatest();
      const created = await stage.project.up();
      expect(created.code, created.text).to.not.equal(0);
      expect(created.text).to.match(/latest is protected/);
      expect(created.text).to.match(/additionalTags\[1\]/);
      expect(one().outputs["tags"]).to.deep.equal(await heads());
      expect(Object.keys(await heads())).to.deep.equal(["1", "3.13_one"]);
      expect(one().initErrors.length).to.equal(1);
      const refreshed = await stage.project.refresh();
      expect(refreshed.code, refreshed.text).to.equal(0);
      expect(one().outputs["tags"]).to.deep.equal(await heads());
      expect(one().initErrors).to.deep.equal([]);
      stage.registry.fail();
      const preview = await stage.project.preview();
      expect(preview.ops["one"]).to.equal("update");
      const repaired = await stage.project.up();
      expect(repaired.code, repaired.text).to.equal(0);
      expect(Object.keys(await heads())).to.deep.equal(["1", "3.13_one", "latest"]);
      expect(one().outputs["tags"]).to.deep.equal(await heads());

      // An update, this time repaired without a refresh.
      const first = one().outputs["digest"];
      await stage.declare({ one: image("b") });
      failLatest();
      const updated = await stage.project.up();
      expect(updated.code, updated.text).to.not.equal(0);
      expect(updated.text).to.match(/latest is protected/);
      expect(one().outputs["tags"]).to.deep.equal(await heads());
      expect((await heads())["latest"]).to.equal(first);
      expect((await heads())["1"]).to.not.equal(first);
      stage.registry.fail();
      expect((await stage.project.up()).code).to.equal(0);
      expect(new Set(Object.values(await heads()))).to.deep.equal(new Set([one().outputs["digest"]]));
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
      // After the refresh, the half-done update keeps its digest, so that a destroy deletes all tags.
      expect((await stage.project.destroy()).code).to.equal(0);
      expect(await heads()).to.deep.equal({});
    });
  }),
);

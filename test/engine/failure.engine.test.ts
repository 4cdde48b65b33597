import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import type { Fault, SeenRequest } from "../support/registries/index.js";

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

describe("a push that fails", { skip: skipWithoutEngine }, () => {
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
      assert.notEqual(failed.code, 0, failed.text);
      assert.match(failed.text, says);
      assert.doesNotMatch(failed.text, /\n\s+at .*\.js:\d+/, "no stack trace");
      assert.deepEqual(failed.failed, ["one"]);
      assert.equal(await stage.registry.digestOf("acme/base", "3.13_one"), tagged, "the tag has not moved");
      assert.deepEqual(stage.project.state().resources, before, "state is as it was");
      const up = await stage.project.up();
      assert.equal(up.code, 0, up.text);
      assert.equal(up.ops["one"], round === 1 ? "create" : "update");
      assert.equal(await stage.registry.digestOf("acme/base", "3.13_one"), up.step("one").outputs["digest"]);
    });
  }
});

describe("a partial failure of tags", { skip: skipWithoutEngine }, () => {
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
      assert.ok(found);
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
    assert.notEqual(created.code, 0, created.text);
    assert.match(created.text, /latest is protected/);
    assert.match(created.text, /additionalTags\[1\]/);
    assert.deepEqual(one().outputs["tags"], await heads());
    assert.deepEqual(Object.keys(await heads()), ["1", "3.13_one"]);
    assert.equal(one().initErrors.length, 1);
    const refreshed = await stage.project.refresh();
    assert.equal(refreshed.code, 0, refreshed.text);
    assert.deepEqual(one().outputs["tags"], await heads());
    assert.deepEqual(one().initErrors, []);
    stage.registry.fail();
    const preview = await stage.project.preview();
    assert.equal(preview.ops["one"], "update");
    const repaired = await stage.project.up();
    assert.equal(repaired.code, 0, repaired.text);
    assert.deepEqual(Object.keys(await heads()), ["1", "3.13_one", "latest"]);
    assert.deepEqual(one().outputs["tags"], await heads());

    // An update, this time repaired without a refresh.
    const first = one().outputs["digest"];
    await stage.declare({ one: image("b") });
    failLatest();
    const updated = await stage.project.up();
    assert.notEqual(updated.code, 0, updated.text);
    assert.match(updated.text, /latest is protected/);
    assert.deepEqual(one().outputs["tags"], await heads());
    assert.equal((await heads())["latest"], first);
    assert.notEqual((await heads())["1"], first);
    stage.registry.fail();
    assert.equal((await stage.project.up()).code, 0);
    assert.deepEqual(new Set(Object.values(await heads())), new Set([one().outputs["digest"]]));
    assert.equal((await stage.project.up({ flags: ["--expect-no-changes"] })).code, 0);
    // After the refresh, the half-done update keeps its digest, so that a destroy deletes all tags.
    assert.equal((await stage.project.destroy()).code, 0);
    assert.deepEqual(await heads(), {});
  });
});

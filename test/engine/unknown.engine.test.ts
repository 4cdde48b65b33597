import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";

/** Unknown values as the engine's events show them. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("inputs from a resource of the same run", { skip: skipWithoutEngine }, () => {
  let stage: Stage;
  const program = (version: string, value: string) => `
    class Made extends pulumi.dynamic.Resource {
      constructor(name, value) {
        const provider = {
          diff: async (id, olds, news) => ({ replaces: olds.value === news.value ? [] : ["value"] }),
          create: async ({ value }) => ({ id: "made", outs: { value, made: value, list: [value, "b"] } }),
        };
        super(provider, name, { value, made: undefined, list: undefined });
      }
    }
    const made = new Made("made", ${JSON.stringify(value)});
    const base = { repository: ${JSON.stringify(stage.at("base"))}, version: ${JSON.stringify(version)}, platforms: ["linux/amd64"] };
    const one = new dhi.Customization("one", { ...base, suffix: "one", environment: { KNOWN: "1", MADE: made.made },
      scripts: [{ path: "/opt/run", content: made.made, uid: 0, gid: 0, mode: "0755" }], cmd: made.list });
    const named = new dhi.Customization("named", { ...base, suffix: made.made });
    new dhi.Customization("next", { repository: one.asBase.repository, version: one.asBase.version, suffix: "next" });
    exports.ref = one.ref; exports.named = named.tags;
  `;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());

  it("are unknown in preview, and so is everything derived from them", async () => {
    await stage.project.program(program("3.13", "first"));
    const preview = await stage.project.preview();
    assert.equal(preview.code, 0, preview.text);
    const base = await stage.registry.digestOf("acme/base", "3.13");
    const { inputs } = preview.step("one");
    assert.deepEqual(inputs["environment"], { KNOWN: "1", MADE: unknown });
    assert.equal(inputs["cmd"], unknown);
    assert.equal(inputs["digest"], unknown);
    assert.equal(inputs["ref"], unknown);
    assert.deepEqual(inputs["tags"], { "3.13_one": unknown });
    assert.deepEqual(inputs["platformDigests"], { "linux/amd64": unknown });
    assert.deepEqual((inputs["resolution"] as { readonly base: unknown }).base, { tag: "3.13", digest: base });
    assert.equal((inputs["base"] as { readonly digest: unknown }).digest, base);
    assert.equal(preview.step("named").inputs["tags"], unknown);
    assert.equal(preview.step("next").inputs["version"], unknown);
  });

  it("are known in up, with nothing left to do", async () => {
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(await stage.registry.open("acme/base").listTags(), ["3.13", "3.13_first", "3.13_one", "3.13_one_next"]);
    assert.deepEqual(Object.keys(stage.project.state().outputs["named"] as object), ["3.13_first"]);
    assert.equal((await stage.project.up({ flags: ["--expect-no-changes"] })).code, 0);
  });

  it("become unknown again when their resource is replaced", async () => {
    await stage.project.program(program("3.13", "second"));
    const preview = await stage.project.preview();
    assert.equal(preview.code, 0, preview.text);
    assert.equal(preview.ops["one"], "update");
    assert.deepEqual(preview.step("one").inputs["environment"], { KNOWN: "1", MADE: unknown });
    assert.equal(preview.step("one").inputs["digest"], unknown);
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(await stage.registry.open("acme/base").listTags(), ["3.13", "3.13_one", "3.13_one_next", "3.13_second"]);
  });

  it("do not hide mistakes in the others", async () => {
    await stage.project.program(program("3.99", "third"));
    const preview = await stage.project.preview();
    assert.notEqual(preview.code, 0);
    assert.match(preview.text, /version: .*has no tag 3\.99. Mirror it first/);
  });
});

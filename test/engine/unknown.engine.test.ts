import { after, before, describe, it } from "mocha";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";
import { withoutKept } from "../support/images/kept-tags.js";

/** Unknown values as the engine's events show them. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe(
  "inputs from a resource of the same run",
  suiteUnless(skipWithoutEngine, () => {
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
      expect(preview.code, preview.text).to.equal(0);
      const base = await stage.registry.digestOf("acme/base", "3.13");
      const { inputs } = preview.step("one");
      expect(inputs["environment"]).to.deep.equal({ KNOWN: "1", MADE: unknown });
      expect(inputs["cmd"]).to.equal(unknown);
      expect(inputs["digest"]).to.equal(unknown);
      expect(inputs["ref"]).to.equal(unknown);
      expect(inputs["tags"]).to.deep.equal({ "3.13_one": unknown });
      expect(inputs["platformDigests"]).to.deep.equal({ "linux/amd64": unknown });
      expect((inputs["resolution"] as { readonly base: unknown }).base).to.deep.equal({ tag: "3.13", digest: base });
      expect((inputs["base"] as { readonly digest: unknown }).digest).to.equal(base);
      expect(preview.step("named").inputs["tags"]).to.equal(unknown);
      expect(preview.step("next").inputs["version"]).to.equal(unknown);
    });

    it("are known in up, with nothing left to do", async () => {
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(withoutKept(await stage.registry.open("acme/base").listTags())).to.deep.equal([
        "3.13",
        "3.13_first",
        "3.13_one",
        "3.13_one_next",
      ]);
      expect(Object.keys(stage.project.state().outputs["named"] as object)).to.deep.equal(["3.13_first"]);
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
    });

    it("become unknown again when their resource is replaced", async () => {
      await stage.project.program(program("3.13", "second"));
      const preview = await stage.project.preview();
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.ops["one"]).to.equal("update");
      expect(preview.step("one").inputs["environment"]).to.deep.equal({ KNOWN: "1", MADE: unknown });
      expect(preview.step("one").inputs["digest"]).to.equal(unknown);
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(withoutKept(await stage.registry.open("acme/base").listTags())).to.deep.equal([
        "3.13",
        "3.13_one",
        "3.13_one_next",
        "3.13_second",
      ]);
    });

    it("do not hide mistakes in the others", async () => {
      await stage.project.program(program("3.99", "third"));
      const preview = await stage.project.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text).to.match(/version: .*has no tag 3\.99. Mirror it first/);
    });
  }),
);

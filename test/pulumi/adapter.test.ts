import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { DynamicProvider } from "../../provider/pulumi/adapter.js";
import { customization, ociArtifact } from "../../provider/index.js";
import { expect, expectThat } from "../support/expectations.js";
import { inputsOf, makeProject, provider, putBase, signatureKey, unknownOnWire } from "./stage.js";

type Properties = Readonly<Record<string, unknown>>;

const project = makeProject();
const start = process.cwd();
const config = (values: Readonly<Record<string, string>> = {}) => ({ config: { get: (key: string) => values[key] } });

const failureOf = async (
  work: Promise<unknown>,
): Promise<Error & { reasons?: readonly string[]; properties?: Properties; id?: string }> => {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expectThat(thrown instanceof Error);
  return thrown;
};

before(async () => {
  process.chdir(project.folder);
  await putBase(project.folder);
});
after(() => {
  process.chdir(start);
  project.remove();
});

// One process has one host, so a failing configuration must come before a valid one.
describe("a provider that is not configured", () => {
  const calls: readonly (readonly [string, (of: DynamicProvider) => Promise<unknown>])[] = [
    ["check", (of) => of.check({}, inputsOf("x"))],
    ["create", (of) => of.create(inputsOf("x"))],
    ["update", (of) => of.update("oci:base:1_x", inputsOf("x"), inputsOf("x"))],
    ["read", (of) => of.read("oci:base:1_x", inputsOf("x"))],
    ["delete", (of) => of.delete("oci:base:1_x", inputsOf("x"))],
  ];

  it("reports so in every method that needs it, without a stack trace", async () => {
    for (const [method, call] of calls) {
      const error = await failureOf(call(ociArtifact));
      expect(error.message, method).to.equal("the provider was called before it was configured");
      expect(error.stack).to.equal(error.message);
    }
  });

  it("reports in every method why configuring failed, however often it is called", async () => {
    await customization.configure(config({ "dhi:timeout": "soon" }));
    for (const [method, call] of [...calls, ...calls]) {
      const error = await failureOf(call(customization));
      expect(error.message, method).to.match(/^dhi:timeout is "soon", which is not a duration/);
      expect(error.stack).to.equal(error.message);
    }
  });

  it("can still diff, which needs no configuration", async () => {
    expect(await customization.diff("oci:base:1_x", inputsOf("x"), inputsOf("x"))).to.deep.equal({ changes: false });
  });
});

describe("the provider as its host drives it", () => {
  before(() => customization.configure(config({ "dhi:cacheDirectory": "./cache" })));

  const checked = async (news: Properties, before: Properties = {}): Promise<Properties> => {
    const { inputs, failures } = await customization.check(before, news);
    expect(failures).to.deep.equal([]);
    return { ...inputs, __provider: provider };
  };

  it("completes a life cycle from check to delete", async () => {
    const inputs = await checked(inputsOf("life", { cmd: ["a"] }));
    expect("__urn" in inputs || "__secrets" in inputs).to.equal(false);
    const { id, outs } = await customization.create(inputs);
    expect(id).to.equal("oci:base:1_life");
    expect(outs["__urn"]).to.equal("urn:pulumi:s::p::t::life");
    expect(outs["digest"]).to.equal(inputs["digest"]);
    expect(await customization.diff(id, outs, inputs)).to.deep.equal({ changes: false });
    const state = { ...outs, __provider: provider };
    const changed = await checked(inputsOf("life", { cmd: ["b"] }), inputs);
    expect(await customization.diff(id, state, changed)).to.deep.equal({ replaces: [] });
    expect(await customization.diff(id, state, await checked(inputsOf("other")))).to.deep.equal({ replaces: ["suffix"] });
    const updated = await customization.update(id, state, changed);
    expect(updated.outs["digest"]).to.equal(changed["digest"]);
    expect(updated.outs["__urn"]).to.equal(outs["__urn"]);
    const read = await customization.read(id, { ...updated.outs, __provider: provider });
    expect(read.id).to.equal(id);
    expect(read.props?.["__provider"]).to.equal(provider);
    expectThat(read.props !== undefined);
    expect(read.inputs?.["__provider"]).to.equal(provider);
    expect("__urn" in (read.inputs ?? {})).to.equal(false);
    expect(read.props["tags"]).to.deep.equal({ "1_life": changed["digest"] });
    // The process that deletes is not the one that checked, which claims the tag.
    await customization.delete(id, { ...updated.outs, __provider: provider });
    expect((await customization.read(id, updated.outs)).props?.["tags"]).to.deep.equal({ "1_life": changed["digest"] });
  });

  it("returns nothing that a protobuf struct cannot hold", async () => {
    const inputs = await checked(inputsOf("json", { environment: { A: null, B: "1" } }));
    const { outs } = await customization.create(inputs);
    for (const values of [inputs, outs]) expect(JSON.parse(JSON.stringify(values))).to.deep.equal(values);
    expect(outs["environment"]).to.deep.equal({ A: null, B: "1" });
  });

  it("passes unknowns through check and diff", async () => {
    const inputs = await checked(inputsOf("open", { environment: { A: unknownOnWire } }));
    expect(inputs["environment"]).to.deep.equal({ A: unknownOnWire });
    expect(inputs["digest"]).to.equal(unknownOnWire);
    expect(inputs["tags"]).to.deep.equal({ "1_open": unknownOnWire });
    expect(await customization.diff("oci:base:1_open", inputsOf("open"), inputs)).to.deep.equal({ replaces: [] });
    const whole = await checked(inputsOf("open", { environment: unknownOnWire, suffix: unknownOnWire }));
    expect(whole["tags"]).to.equal(unknownOnWire);
    expect(await customization.diff("oci:base:1_open", inputsOf("open"), whole)).to.deep.equal({ replaces: ["suffix"] });
  });

  it("returns a secret in inputs, where the engine hides it, and otherwise only in envelopes", async () => {
    const secret = "hunter2hunter2";
    const more = { environment: { TOKEN: secret, KEPT: "kept" }, labels: { copy: `has ${secret}` } };
    const news = inputsOf("secret", { ...more, __secrets: JSON.stringify([["environment", "TOKEN"]]) });
    const inputs = await checked(news);
    expect(inputs["environment"]).to.deep.equal(more.environment);
    const { environment: _e, labels: _l, ...derived } = inputs;
    const hide = (_: string, value: unknown): unknown =>
      typeof value === "object" && value !== null && signatureKey in value ? "hidden" : value;
    const shown = JSON.stringify(derived, hide);
    expect(shown.includes(secret)).to.equal(false);
    expect(shown.includes("hidden") && shown.includes("kept")).to.equal(true);
    const { outs } = await customization.create(inputs);
    expect(await customization.diff("oci:base:1_secret", outs, inputs)).to.deep.equal({ changes: false });
    const bad = await customization.check({}, { ...news, workingDirectory: secret, __secrets: JSON.stringify([["workingDirectory"]]) });
    expect(bad.failures).to.deep.equal([{ property: "", reason: 'workingDirectory: "[secret]" is not absolute. Start it with a slash' }]);
  });

  it("returns all check failures at once, without a property", async () => {
    const { failures } = await customization.check({}, inputsOf("bad", { version: "a b", runAs: -1 }));
    expect(failures.map(({ property }) => property)).to.deep.equal(["", ""]);
    expect(failures[0]?.reason ?? "").to.match(/^version: "a b" is not a valid tag/);
  });

  it("rejects paths of secrets that it cannot parse, rather than show secrets", async () => {
    const error = await failureOf(customization.check({}, inputsOf("odd", { __secrets: unknownOnWire })));
    expect(error.message).to.match(/^__secrets is not what the sdk writes/);
    expect(error.stack).to.equal(error.message);
  });

  it("reads images that other programs publish, and reports deleted ones as absent", async () => {
    const state = await customization.create(await checked(inputsOf("get")));
    const { props, inputs } = await customization.read(state.id, { __provider: provider });
    expect(props?.["digest"]).to.equal(state.outs["digest"]);
    expect(inputs).to.equal(undefined);
    expect(
      await customization.read("oci:gone:1_x", { ...inputsOf("x", { repository: "oci:gone" }), digest: state.outs["digest"] }),
    ).to.deep.equal({});
    const missing = await failureOf(customization.read("oci:base:none", { __provider: provider }));
    expect(missing.message).to.match(/^oci:base:none does not exist\. An id is the repository:tag/);
  });

  it("answers many calls at once", async () => {
    writeFileSync(join(project.folder, "shared.txt"), "shared");
    const all = await Promise.all(
      Array.from({ length: 8 }, async (_, at) =>
        customization.create(await checked(inputsOf(`many${at}`, { files: [{ path: "/f", source: "shared.txt" }] }))),
      ),
    );
    expect(new Set(all.map(({ outs }) => outs["digest"])).size).to.equal(1);
  });
});

import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DynamicProvider } from "../../provider/pulumi/adapter.js";
import { customization, ociArtifact } from "../../provider/index.js";
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
  assert.ok(thrown instanceof Error);
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
      assert.equal(error.message, "the provider was called before it was configured", method);
      assert.equal(error.stack, error.message);
    }
  });

  it("reports in every method why configuring failed, however often it is called", async () => {
    await customization.configure(config({ "dhi:timeout": "soon" }));
    for (const [method, call] of [...calls, ...calls]) {
      const error = await failureOf(call(customization));
      assert.match(error.message, /^dhi:timeout is "soon", which is not a duration/, method);
      assert.equal(error.stack, error.message);
    }
  });

  it("can still diff, which needs no configuration", async () => {
    assert.deepEqual(await customization.diff("oci:base:1_x", inputsOf("x"), inputsOf("x")), { changes: false });
  });
});

describe("the provider as its host drives it", () => {
  before(() => customization.configure(config({ "dhi:cacheDirectory": "./cache" })));

  const checked = async (news: Properties, before: Properties = {}): Promise<Properties> => {
    const { inputs, failures } = await customization.check(before, news);
    assert.deepEqual(failures, []);
    return { ...inputs, __provider: provider };
  };

  it("completes a life cycle from check to delete", async () => {
    const inputs = await checked(inputsOf("life", { cmd: ["a"] }));
    assert.equal("__urn" in inputs || "__secrets" in inputs, false);
    const { id, outs } = await customization.create(inputs);
    assert.equal(id, "oci:base:1_life");
    assert.equal(outs["__urn"], "urn:pulumi:s::p::t::life");
    assert.equal(outs["digest"], inputs["digest"]);
    assert.deepEqual(await customization.diff(id, outs, inputs), { changes: false });
    const state = { ...outs, __provider: provider };
    const changed = await checked(inputsOf("life", { cmd: ["b"] }), inputs);
    assert.deepEqual(await customization.diff(id, state, changed), { replaces: [] });
    assert.deepEqual(await customization.diff(id, state, await checked(inputsOf("other"))), { replaces: ["suffix"] });
    const updated = await customization.update(id, state, changed);
    assert.equal(updated.outs["digest"], changed["digest"]);
    assert.equal(updated.outs["__urn"], outs["__urn"]);
    const read = await customization.read(id, { ...updated.outs, __provider: provider });
    assert.equal(read.id, id);
    assert.equal(read.props?.["__provider"], provider);
    assert.equal(read.inputs?.["__provider"], provider);
    assert.equal("__urn" in (read.inputs ?? {}), false);
    assert.deepEqual(read.props["tags"], { "1_life": changed["digest"] });
    // The process that deletes is not the one that checked, which claims the tag.
    await customization.delete(id, { ...updated.outs, __provider: provider });
    assert.deepEqual((await customization.read(id, updated.outs)).props?.["tags"], { "1_life": changed["digest"] });
  });

  it("returns nothing that a protobuf struct cannot hold", async () => {
    const inputs = await checked(inputsOf("json", { environment: { A: null, B: "1" } }));
    const { outs } = await customization.create(inputs);
    for (const values of [inputs, outs]) assert.deepEqual(JSON.parse(JSON.stringify(values)), values);
    assert.deepEqual(outs["environment"], { A: null, B: "1" });
  });

  it("passes unknowns through check and diff", async () => {
    const inputs = await checked(inputsOf("open", { environment: { A: unknownOnWire } }));
    assert.deepEqual(inputs["environment"], { A: unknownOnWire });
    assert.equal(inputs["digest"], unknownOnWire);
    assert.deepEqual(inputs["tags"], { "1_open": unknownOnWire });
    assert.deepEqual(await customization.diff("oci:base:1_open", inputsOf("open"), inputs), { replaces: [] });
    const whole = await checked(inputsOf("open", { environment: unknownOnWire, suffix: unknownOnWire }));
    assert.equal(whole["tags"], unknownOnWire);
    assert.deepEqual(await customization.diff("oci:base:1_open", inputsOf("open"), whole), { replaces: ["suffix"] });
  });

  it("returns a secret in inputs, where the engine hides it, and otherwise only in envelopes", async () => {
    const secret = "hunter2hunter2";
    const more = { environment: { TOKEN: secret, KEPT: "kept" }, labels: { copy: `has ${secret}` } };
    const news = inputsOf("secret", { ...more, __secrets: JSON.stringify([["environment", "TOKEN"]]) });
    const inputs = await checked(news);
    assert.deepEqual(inputs["environment"], more.environment);
    const { environment: _e, labels: _l, ...derived } = inputs;
    const hide = (_: string, value: unknown): unknown =>
      typeof value === "object" && value !== null && signatureKey in value ? "hidden" : value;
    const shown = JSON.stringify(derived, hide);
    assert.equal(shown.includes(secret), false);
    assert.ok(shown.includes("hidden") && shown.includes("kept"));
    const { outs } = await customization.create(inputs);
    assert.deepEqual(await customization.diff("oci:base:1_secret", outs, inputs), { changes: false });
    const bad = await customization.check({}, { ...news, workingDirectory: secret, __secrets: JSON.stringify([["workingDirectory"]]) });
    assert.deepEqual(bad.failures, [{ property: "", reason: 'workingDirectory: "[secret]" is not absolute. Start it with a slash' }]);
  });

  it("returns all check failures at once, without a property", async () => {
    const { failures } = await customization.check({}, inputsOf("bad", { version: "a b", runAs: -1 }));
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["", ""],
    );
    assert.match(failures[0]?.reason ?? "", /^version: "a b" is no tag/);
  });

  it("rejects paths of secrets that it cannot parse, rather than show secrets", async () => {
    const error = await failureOf(customization.check({}, inputsOf("odd", { __secrets: unknownOnWire })));
    assert.match(error.message, /^__secrets is not what the sdk writes/);
    assert.equal(error.stack, error.message);
  });

  it("reads images that other programs publish, and reports deleted ones as absent", async () => {
    const state = await customization.create(await checked(inputsOf("get")));
    const { props, inputs } = await customization.read(state.id, { __provider: provider });
    assert.equal(props?.["digest"], state.outs["digest"]);
    assert.equal(inputs, undefined);
    assert.deepEqual(
      await customization.read("oci:gone:1_x", { ...inputsOf("x", { repository: "oci:gone" }), digest: state.outs["digest"] }),
      {},
    );
    const missing = await failureOf(customization.read("oci:base:none", { __provider: provider }));
    assert.match(missing.message, /^oci:base:none is not there\. An id is repository:tag/);
  });

  it("answers many calls at once", async () => {
    writeFileSync(join(project.folder, "shared.txt"), "shared");
    const all = await Promise.all(
      Array.from({ length: 8 }, async (_, at) =>
        customization.create(await checked(inputsOf(`many${at}`, { files: [{ path: "/f", source: "shared.txt" }] }))),
      ),
    );
    assert.equal(new Set(all.map(({ outs }) => outs["digest"])).size, 1);
  });
});

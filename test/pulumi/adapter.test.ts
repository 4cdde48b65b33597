import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { adaptLifecycle, type DynamicProvider } from "../../provider/pulumi/adapter.js";
import { customization, ociArtifact } from "../../provider/index.js";
import { DhiError } from "../../provider/errors.js";
import { PartialFailure, type Lifecycle } from "../../provider/resources/lifecycle.js";
import { unknown } from "../../provider/resources/values.js";
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

// One process has one host, so what fails to configure comes before what does not.
describe("a provider that is not configured", () => {
  const calls: readonly (readonly [string, (of: DynamicProvider) => Promise<unknown>])[] = [
    ["check", (of) => of.check({}, inputsOf("x"))],
    ["create", (of) => of.create(inputsOf("x"))],
    ["update", (of) => of.update("oci:base:1_x", inputsOf("x"), inputsOf("x"))],
    ["read", (of) => of.read("oci:base:1_x", inputsOf("x"))],
    ["delete", (of) => of.delete("oci:base:1_x", inputsOf("x"))],
  ];

  it("says so in every method that needs it, without a stack", async () => {
    for (const [method, call] of calls) {
      const error = await failureOf(call(ociArtifact));
      assert.equal(error.message, "the provider was called before it was configured", method);
      assert.equal(error.stack, error.message);
    }
  });

  it("tells in every method why configuring failed, however often it is asked", async () => {
    await customization.configure(config({ "dhi:timeout": "soon" }));
    for (const [method, call] of [...calls, ...calls]) {
      const error = await failureOf(call(customization));
      assert.match(error.message, /^dhi:timeout is "soon", which is no duration/, method);
      assert.equal(error.stack, error.message);
    }
  });

  it("can still compare, which needs nothing", async () => {
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

  it("goes from check to delete", async () => {
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
    // Deleting is done by another process than the one that has checked, which claims the tag.
    await customization.delete(id, { ...updated.outs, __provider: provider });
    assert.deepEqual((await customization.read(id, updated.outs)).props?.["tags"], { "1_life": changed["digest"] });
  });

  it("gives nothing that a struct cannot hold", async () => {
    const inputs = await checked(inputsOf("json", { environment: { A: null, B: "1" } }));
    const { outs } = await customization.create(inputs);
    for (const values of [inputs, outs]) assert.deepEqual(JSON.parse(JSON.stringify(values)), values);
    assert.deepEqual(outs["environment"], { A: null, B: "1" });
  });

  it("carries sentinels through check and diff", async () => {
    const inputs = await checked(inputsOf("open", { environment: { A: unknownOnWire } }));
    assert.deepEqual(inputs["environment"], { A: unknownOnWire });
    assert.equal(inputs["digest"], unknownOnWire);
    assert.deepEqual(inputs["tags"], { "1_open": unknownOnWire });
    assert.deepEqual(await customization.diff("oci:base:1_open", inputsOf("open"), inputs), { replaces: [] });
    const whole = await checked(inputsOf("open", { environment: unknownOnWire, suffix: unknownOnWire }));
    assert.equal(whole["tags"], unknownOnWire);
    assert.deepEqual(await customization.diff("oci:base:1_open", inputsOf("open"), whole), { replaces: ["suffix"] });
  });

  it("shows a secret in inputs, where the engine hides it, and else in envelopes only", async () => {
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

  it("has check failures on no property, all at once", async () => {
    const { failures } = await customization.check({}, inputsOf("bad", { version: "a b", runAs: -1 }));
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["", ""],
    );
    assert.match(failures[0]?.reason ?? "", /^version: "a b" is no tag/);
  });

  it("refuses paths of secrets that it cannot read, rather than show them", async () => {
    const error = await failureOf(customization.check({}, inputsOf("odd", { __secrets: unknownOnWire })));
    assert.match(error.message, /^__secrets is not what the sdk writes/);
    assert.equal(error.stack, error.message);
  });

  it("reads what other programs publish, and forgets what is gone", async () => {
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

  it("answers many at once", async () => {
    writeFileSync(join(project.folder, "shared.txt"), "shared");
    const all = await Promise.all(
      Array.from({ length: 8 }, async (_, at) =>
        customization.create(await checked(inputsOf(`many${at}`, { files: [{ path: "/f", source: "shared.txt" }] }))),
      ),
    );
    assert.equal(new Set(all.map(({ outs }) => outs["digest"])).size, 1);
  });
});

describe("a lifecycle behind the adapter", () => {
  const wrong = (): never => assert.fail("not called");
  const lifecycle = (more: Partial<Lifecycle>): DynamicProvider => {
    const made = adaptLifecycle({
      identify: () => "id",
      check: wrong,
      diff: wrong,
      create: wrong,
      update: wrong,
      read: wrong,
      delete: wrong,
      ...more,
    });
    void made.configure(config());
    return made;
  };
  const secrets = JSON.stringify([["token"]]);
  const check: Lifecycle["check"] = (_, { news }) => Promise.resolve({ inputs: news, derived: {}, failures: [] });

  it("is told its URN, plain values and secret paths, and nothing between sdk and adapter", async () => {
    let seen: unknown;
    const of = lifecycle({ check: (_session, request) => ((seen = request), Promise.resolve({ inputs: {}, derived: {}, failures: [] })) });
    const wire = { [signatureKey]: "1b47061264138c4ac30d75fd1eb44270", value: "old" };
    await of.check({ a: wire, __provider: "p" }, { a: unknownOnWire, __provider: "p", __urn: "urn:x", __secrets: secrets });
    assert.deepEqual(seen, { urn: "urn:x", olds: { a: "old" }, news: { a: unknown }, secrets: [["token"]] });
    await of.check({}, { __urn: unknownOnWire });
    assert.deepEqual(seen, { urn: undefined, olds: {}, news: {}, secrets: [] });
  });

  for (const method of ["create", "update"] as const) {
    it(`saves what is true of a ${method} that ended half way`, async () => {
      const fail = (): Promise<never> =>
        Promise.reject(new PartialFailure("id", { tags: { a: "b" }, open: unknown }, ["one: sesame", "two"], new Error("cause")));
      const of = lifecycle({ check, create: fail, update: fail });
      await of.check({}, { token: "sesame", __urn: "urn:x", __secrets: secrets });
      const news = { __provider: provider, token: "sesame" };
      const error = await failureOf(method === "create" ? of.create(news) : of.update("id", {}, news));
      assert.equal(error.message, "one: [secret]\ntwo");
      assert.equal(error.stack, error.message);
      assert.equal(error.id, "id");
      assert.deepEqual(error.reasons, ["one: [secret]", "two"]);
      assert.deepEqual(error.properties, { tags: { a: "b" }, open: unknownOnWire, __urn: "urn:x", __provider: provider });
    });
  }

  const thrown: readonly (readonly [string, unknown, string])[] = [
    ["ours", new DhiError("invalid", "m sesame", { property: "p", hint: "Do it" }), "p: m [secret]. Do it"],
    ["any error", new TypeError("broken sesame"), "broken [secret]"],
    ["a text", "just text", "just text"],
    ["nothing", undefined, "an unknown error: undefined"],
  ];
  for (const [what, error, message] of thrown) {
    it(`throws ${what} as an error with a message, no stack and no secret`, async () => {
      const reject = async (): Promise<never> => {
        throw error;
      };
      const throwNow = (): never => {
        throw error;
      };
      const of = lifecycle({ check, create: reject, update: throwNow, read: reject, diff: throwNow });
      await of.check({}, { token: "sesame", __secrets: secrets });
      for (const work of [of.create({}), of.update("id", {}, {}), of.read("id", {})]) {
        const clean = await failureOf(work);
        assert.equal(clean.message, message);
        assert.equal(clean.stack, message);
        assert.equal("properties" in clean, false);
      }
      const compared = await failureOf(of.diff("id", {}, {}));
      assert.equal(compared.stack, compared.message);
    });
  }

  it("hides secrets of failures and of what is derived", async () => {
    const of = lifecycle({
      check: (_, { news }) =>
        Promise.resolve({
          inputs: news,
          derived: { note: "has sesame", plain: "x" },
          failures: [{ property: "a[0]", reason: "sesame is wrong" }],
        }),
    });
    assert.deepEqual(await of.check({}, { token: "sesame", __secrets: secrets }), {
      inputs: { token: "sesame", note: { [signatureKey]: "1b47061264138c4ac30d75fd1eb44270", value: "has sesame" }, plain: "x" },
      failures: [{ property: "", reason: "a[0]: [secret] is wrong" }],
    });
  });

  it("without a difference says changes: false, else what replaces, and never changes: true", async () => {
    assert.deepEqual(await lifecycle({ diff: () => undefined }).diff("id", {}, {}), { changes: false });
    assert.deepEqual(await lifecycle({ diff: () => [] }).diff("id", {}, {}), { replaces: [] });
    assert.deepEqual(await lifecycle({ diff: () => ["a"] }).diff("id", {}, {}), { replaces: ["a"] });
  });

  it("takes a resource that is gone for nothing", async () => {
    assert.deepEqual(await lifecycle({ read: () => Promise.resolve(undefined) }).read("id", {}), {});
  });
});

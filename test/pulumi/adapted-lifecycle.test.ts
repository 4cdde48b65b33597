import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { adaptLifecycle, type DynamicProvider } from "../../provider/pulumi/adapter.js";
import { DhiError } from "../../provider/errors.js";
import { PartialFailure, type Lifecycle } from "../../provider/resources/lifecycle.js";
import { unknown } from "../../provider/resources/values.js";
import { makeProject, provider, signatureKey, unknownOnWire } from "./stage.js";

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

before(() => {
  process.chdir(project.folder);
});
after(() => {
  process.chdir(start);
  project.remove();
});

describe("a lifecycle behind the adapter", () => {
  const wrong = (): never => assert.fail("not called");
  const lifecycle = (more: Partial<Lifecycle>): DynamicProvider => {
    const none = new Set<string>();
    const made = adaptLifecycle({
      secrecy: { dictionaries: none, paths: none, names: new Set(["name"]) },
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
  const check: Lifecycle["check"] = (_, { news }) => Promise.resolve({ inputs: news, derived: {}, secrets: [], failures: [] });

  it("is told its URN, plain values and secret paths, and nothing between sdk and adapter", async () => {
    let seen: unknown;
    const of = lifecycle({
      check: (_session, request) => ((seen = request), Promise.resolve({ inputs: {}, derived: {}, secrets: [], failures: [] })),
    });
    const wire = { [signatureKey]: "1b47061264138c4ac30d75fd1eb44270", value: "old" };
    await of.check({ a: wire, __provider: "p" }, { token: unknownOnWire, __provider: "p", __urn: "urn:x", __secrets: secrets });
    assert.deepEqual(seen, { urn: "urn:x", olds: { a: "old" }, news: { token: unknown }, secrets: [["token"]] });
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

  it("hides secrets of failures and of what is derived, by value and by place, but not in names", async () => {
    const open = { [signatureKey]: "1b47061264138c4ac30d75fd1eb44270" };
    const of = lifecycle({
      check: (_, { news }) =>
        Promise.resolve({
          inputs: news,
          derived: { note: "has sesame", plain: "x", name: "sesame/x", place: { at: ["y"] } },
          secrets: [
            ["place", "at"],
            ["absent", 0],
          ],
          failures: [{ property: "a[0]", reason: "sesame is wrong" }],
        }),
    });
    assert.deepEqual(await of.check({}, { token: "sesame", __secrets: secrets }), {
      inputs: {
        token: "sesame",
        note: { ...open, value: "has sesame" },
        plain: "x",
        name: "sesame/x",
        place: { at: { ...open, value: ["y"] } },
      },
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

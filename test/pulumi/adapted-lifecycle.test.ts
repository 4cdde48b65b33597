import { after, before, describe, it } from "mocha";
import { adaptLifecycle, type DynamicProvider } from "../../provider/pulumi/adapter.js";
import { DhiError } from "../../provider/errors.js";
import { ERROR_BODY_LIMIT, refused } from "../../provider/http/failure.js";
import type { Lifecycle, SecretPath } from "../../provider/resources/lifecycle.js";
import { PartialFailure } from "../../provider/pipeline/partial-failure.js";
import { unknown } from "../../provider/values.js";
import { compileGlob } from "../../provider/rootfs/select/glob.js";
import { expect, expectThat } from "../support/expectations.js";
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
  expectThat(thrown instanceof Error);
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
  const wrong = (): never => expect.fail("not called");
  const lifecycle = (more: Partial<Lifecycle>): DynamicProvider => {
    const none = new Set<string>();
    const made = adaptLifecycle({
      secrecy: { dictionaries: none, paths: none, names: new Set(["name"]), anywhere: [["token"], ["absent"]] },
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

  it("receives its URN, plain values and secret paths, and no properties between sdk and adapter", async () => {
    let seen: unknown;
    const of = lifecycle({
      check: (_session, request) => ((seen = request), Promise.resolve({ inputs: {}, derived: {}, secrets: [], failures: [] })),
    });
    const wire = { [signatureKey]: "1b47061264138c4ac30d75fd1eb44270", value: "old" };
    await of.check({ a: wire, __provider: "p" }, { token: unknownOnWire, __provider: "p", __urn: "urn:x", __secrets: secrets });
    expect(seen).to.deep.equal({ urn: "urn:x", olds: { a: "old" }, news: { token: unknown }, secrets: [["token"]] });
    await of.check({}, { __urn: unknownOnWire });
    expect(seen).to.deep.equal({ urn: undefined, olds: {}, news: {}, secrets: [] });
  });

  it("is told every input that may be secret where the sdk could not look", async () => {
    let seen: readonly SecretPath[] = [];
    const of = lifecycle({ check: (session, request, row) => ((seen = request.secrets), check(session, request, row)) });
    await of.check({}, { token: "sesame", name: "n", __secrets: "*" });
    expect(seen).to.deep.equal([["token"]]);
  });

  for (const method of ["create", "update"] as const) {
    it(`saves the true outputs of a ${method} that failed half way`, async () => {
      const fail = (): Promise<never> =>
        Promise.reject(new PartialFailure("id", { tags: { a: "b" }, open: unknown }, ["one: sesame", "two"], new Error("cause")));
      const of = lifecycle({ check, create: fail, update: fail });
      await of.check({}, { token: "sesame", __urn: "urn:x", __secrets: secrets });
      const news = { __provider: provider, token: "sesame" };
      const error = await failureOf(method === "create" ? of.create(news) : of.update("id", {}, news));
      expect(error.message).to.equal("one: [secret]\ntwo");
      expect(error.stack).to.equal(error.message);
      expect(error.id).to.equal("id");
      expect(error.reasons).to.deep.equal(["one: [secret]", "two"]);
      expect(error.properties).to.deep.equal({ tags: { a: "b" }, open: unknownOnWire, __urn: "urn:x", __provider: provider });
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
        expect(clean.message).to.equal(message);
        expect(clean.stack).to.equal(message);
        expect("properties" in clean).to.equal(false);
      }
      const compared = await failureOf(of.diff("id", {}, {}));
      expect(compared.stack).to.equal(compared.message);
    });
  }

  it("hides secrets in failures and in derived outputs, by value and by path, but not in names", async () => {
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
    expect(await of.check({}, { token: "sesame", __secrets: secrets })).to.deep.equal({
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

  it("hides a secret of one resource in the texts of all, and leaves the outputs of others unchanged", async () => {
    const of = lifecycle({
      identify: ({ token }) => (typeof token === "string" ? token : "other"),
      check: (_, { news }) => Promise.resolve({ inputs: news, derived: { note: "shared-word" }, secrets: [], failures: [] }),
      delete: () => Promise.reject(new DhiError("rejected", "the server says shared-word")),
    });
    await of.check({}, { token: "shared-word", __secrets: secrets });
    expect((await of.check({}, { a: "shared-word" })).inputs).to.deep.equal({ a: "shared-word", note: "shared-word" });
    expect((await failureOf(of.delete("other", {}))).message).to.equal("the server says [secret]");
  });

  const label = "hunter2-SECRET-value-0123456789-abcdefghij";
  const lines = "first-line-sec\nsecond-line-se\nthird-line-x";
  const signs = 'ab"cd"ef12<345>&';
  const json = (message: string): string => JSON.stringify({ errors: [{ code: "X", message }] });
  const answers: readonly (readonly [string, string, string, RegExp])[] = [
    ["behind 470 characters", label, json(`${"x".repeat(470)} ${label}`), /x \[secret\]$/],
    ["behind 490 characters", label, json(`${"x".repeat(490)} ${label}`), /x \[secre…$/],
    ["truncated with the body", label, `x${label.padStart(ERROR_BODY_LIMIT + 10, "\t")}`.slice(0, ERROR_BODY_LIMIT), /: x \[secret\]$/],
    ["of short lines", lines, json(`bad label: ${lines}`), /bad label: \[secret\]$/],
    ["of short lines on one line", lines, json(`bad label: ${lines.replaceAll("\n", " ")}`), /bad label: \[secret\]$/],
    ["of short lines in plain text", lines, `bad label: ${lines}`, /bad label: \[secret\]$/],
    ["with a line feed at its end", "hunter7\n", "bad label: hunter7", /bad label: \[secret\]$/],
    ["in a URL", signs, json(`at /?a=${encodeURIComponent(signs)}`), /a=\[secret\]$/],
    ["in a form", signs, json(new URLSearchParams({ a: signs }).toString()), /a=\[secret\]$/],
    ["in JSON", signs, json(JSON.stringify({ a: signs })), /"a":"\[secret\]"\}$/],
    ["in HTML", signs, "<html><title>ab&quot;cd&quot;ef12&lt;345&gt;&amp;</title>", /: \[secret\]$/],
    ["in base64", signs, json(Buffer.from(signs).toString("base64")), /: \[secret\]$/],
    ["with a lone surrogate", "hunter8-\ud800-x", json("bad label: hunter8-\ufffd-x"), /bad label: \[secret\]$/],
  ];
  for (const [how, secret, body, expected] of answers) {
    it(`hides a secret that a server quotes ${how}`, async () => {
      const of = lifecycle({ check, create: () => Promise.reject(refused("r.example", "push", 400, {}, Buffer.from(body))) });
      await of.check({}, { token: secret, __secrets: secrets });
      expect((await failureOf(of.create({ token: secret }))).message).to.match(expected);
    });
  }

  it("hides a secret glob that an error would show the beginning of", async () => {
    const glob = "secret-glob-".repeat(400);
    const of = lifecycle({ check, create: () => Promise.resolve().then(() => expect.fail(String(compileGlob(glob)))) });
    await of.check({}, { token: glob, __secrets: secrets });
    expect((await failureOf(of.create({ token: glob }))).message).to.match(/^"\[secret\]…" is longer than/);
  });

  it("returns changes: false without a difference, else what replaces, and never changes: true", async () => {
    expect(await lifecycle({ diff: () => undefined }).diff("id", {}, {})).to.deep.equal({ changes: false });
    expect(await lifecycle({ diff: () => [] }).diff("id", {}, {})).to.deep.equal({ replaces: [] });
    expect(await lifecycle({ diff: () => ["a"] }).diff("id", {}, {})).to.deep.equal({ replaces: ["a"] });
  });

  it("reports a resource that no longer exists as absent", async () => {
    expect(await lifecycle({ read: () => Promise.resolve(undefined) }).read("id", {})).to.deep.equal({});
  });
});

import fc from "fast-check";
import { describe, it } from "mocha";
import { findPlaces } from "../../provider/pulumi/secret-texts.js";
import { SecretValues } from "../../provider/pulumi/secrets.js";
import { fromWire, secretEnvelope } from "../../provider/pulumi/wire.js";
import type { Secrecy, SecretPath } from "../../provider/resources/lifecycle.js";
import { isList, isMap, unknown, type Value, type ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";

const inputs: ValueMap = {
  environment: { TOKEN: "hunter2", PLAIN: "plain", OPEN: unknown },
  scripts: [
    { path: "/x", content: 'first line of it\nsecond "quoted" line\nend' },
    { path: "/y", content: "other" },
  ],
  users: [{ uid: 4711 }],
  flag: true,
  nothing: null,
};
const of = (...paths: readonly SecretPath[]): SecretValues => new SecretValues(inputs, paths);
const open = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

describe("redacting", () => {
  const table: readonly (readonly [readonly SecretPath[], string, string])[] = [
    [[], "hunter2", "hunter2"],
    [[["environment", "TOKEN"]], "a hunter2, hunter2b, plain", "a [secret], [secret]b, plain"],
    [[["environment"]], "hunter2 plain TOKEN", "[secret] [secret] TOKEN"],
    [[["users", 0, "uid"]], "uid 4711 is taken", "uid [secret] is taken"],
    [[["users"]], "4711", "[secret]"],
    [[["environment", "none"], ["none"], ["users", 5, "x"], ["flag", "deep"]], "hunter2 true null", "hunter2 true null"],
    [[["flag"], ["nothing"], ["environment", "OPEN"]], "true null unknown", "true null unknown"],
  ];
  for (const [paths, text, expected] of table)
    it(`replaces the values at ${JSON.stringify(paths)}`, () => expect(of(...paths).redact(text)).to.equal(expected));

  it("finds a text of several lines whole, by its long lines, and as errors quote it", () => {
    const secrets = of(["scripts", 0, "content"]);
    const content = 'first line of it\nsecond "quoted" line\nend';
    expect(secrets.redact(`<${content}>`)).to.equal("<[secret]>");
    expect(secrets.redact('line 2: second "quoted" line!')).to.equal("line 2: [secret]!");
    expect(secrets.redact(JSON.stringify(content))).to.equal('"[secret]"');
    expect(secrets.redact("the end")).to.equal("the end");
  });

  it("hides the longer of two overlapping secrets whole", () => {
    const secrets = new SecretValues({ a: "pass", b: "password" }, [["a"], ["b"]]);
    expect(secrets.redact("password pass")).to.equal("[secret] [secret]");
  });

  it("takes regular expression syntax literally", () => {
    const secrets = new SecretValues({ a: "a.b*(c)[d]$^|\\/-{2}" }, [["a"]]);
    expect(secrets.redact("<a.b*(c)[d]$^|\\/-{2}> axb")).to.equal("<[secret]> axb");
  });

  it("works for secrets of any size and number of lines", () => {
    const large = Array.from({ length: 3000 }, (_, at) => `line ${String(at)} of a large secret (with [signs])`).join("\n");
    const secrets = new SecretValues({ a: large }, [["a"]]);
    expect(secrets.redact(`<${large}> line 2999 of a large secret (with [signs])`)).to.equal("<[secret]> [secret]");
  });

  it("is idempotent: a secret that occurs in the sign of another does not garble it", () => {
    expect(new SecretValues({ a: "hunter2", b: "secr" }, [["a"], ["b"]]).redact("hunter2 secrt")).to.equal("[secret] [secret]t");
  });

  it("leaves values shorter than four characters: they match unrelated text", () => {
    const secrets = new SecretValues({ uid: 0, name: "abc", four: "abcd" }, [["uid"], ["name"], ["four"]]);
    expect(secrets.redact("0 abc abcd")).to.equal("0 abc [secret]");
    expect(secrets.protect({ a: "100", b: "abc" })).to.deep.equal({ a: "100", b: "abc" });
  });
});

describe("forms of a secret", () => {
  const secrecy: Secrecy = { dictionaries: new Set(["labels"]), paths: new Set(["files"]), names: new Set(), anywhere: [] };
  const values: ValueMap = {
    files: [{ path: "/opt//secret-place/./x/" }],
    labels: { "a-key": "a-value" },
    cmd: ["/opt//secret-place/x"],
    environment: { T: "a\u001bcode", L: "short\n   a line that is long\nend" },
  };
  const table: readonly (readonly [SecretPath, string, string])[] = [
    [
      ["files", 0, "path"],
      "/opt/secret-place/x opt/secret-place/x /opt/secret-place opt/secret-place secret-place /opt x",
      "[secret] [secret] [secret] [secret] [secret] /opt x",
    ],
    [["files"], "/opt/secret-place/x", "[secret]"],
    [["cmd", 0], "/opt/secret-place/x", "/opt/secret-place/x"],
    [["labels"], "a-key of a-value", "[secret] of [secret]"],
    [["labels", "a-key"], "a-key of a-value", "a-key of [secret]"],
    [["environment"], "T: a\\x1bcode, a\u001bcode, a line that is long, short", "T: [secret], [secret], [secret], short"],
  ];
  for (const [path, text, expected] of table)
    it(`of ${JSON.stringify(path)} are hidden in ${JSON.stringify(text)}`, () => {
      expect(new SecretValues(values, [path], secrecy).redact(text)).to.equal(expected);
    });

  it("are searched at existing paths, in every item where the path has a *", () => {
    const places = findPlaces(values, [
      ["files", "*", "path"],
      ["labels", "*"],
      ["cmd", 0],
      ["cmd", 1],
      ["users"],
      ["labels", "toString"],
      [],
    ]);
    expect(places).to.deep.equal([["files", 0, "path"], ["cmd", 0], []]);
    expect(findPlaces({ users: unknown }, [["users", 0, "name"]])).to.deep.equal([["users", 0, "name"]]);
  });
});

describe("protecting", () => {
  it("wraps whatever contains a secret in an envelope, and leaves the rest", () => {
    const secrets = of(["environment", "TOKEN"]);
    expect(secrets.protect({ a: "x hunter2", b: ["plain", "hunter2"], c: { hunter2: 1 }, d: 5, e: null, f: unknown })).to.deep.equal({
      a: secretEnvelope("x hunter2"),
      b: ["plain", secretEnvelope("hunter2")],
      c: { ...open, value: { hunter2: 1 } },
      d: 5,
      e: null,
      f: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    });
  });

  it("does not wrap a digest that contains a short secret by chance", () => {
    const digest = `sha256:${"4711".repeat(16)}`;
    const secrets = of(["users", 0, "uid"]);
    expect(secrets.protect(`ghcr.io/a@${digest}`)).to.equal(`ghcr.io/a@${digest}`);
    expect(secrets.protect(`4711@${digest}`)).to.deep.equal(secretEnvelope(`4711@${digest}`));
    const whole = new SecretValues({ a: digest }, [["a"]]);
    expect(whole.protect(digest)).to.deep.equal(secretEnvelope(digest));
  });

  it("changes nothing without secrets", () => {
    const value = { a: [1, "x", { b: null }] };
    expect(of().protect(value)).to.deep.equal(value);
  });
});

describe("arbitrary secrets", () => {
  const secret = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", '"', "\\", "\n", ".", "$"), minLength: 4, maxLength: 8 });
  const secretsOf = (values: readonly string[]): SecretValues => new SecretValues({ all: [...values] }, [["all"]]);
  const around = fc.string({ unit: fc.constantFrom("a", "b", "x", " ", "1", "\n"), maxLength: 6 });

  it("are removed from every text", () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.array(around, { minLength: 2, maxLength: 5 }), (values, parts) => {
        const text = parts.map((part, at) => `${part}${values[at % values.length] ?? ""}`).join("");
        const redacted = secretsOf(values).redact(text);
        for (const value of values) expect(redacted.includes(value), JSON.stringify([value, redacted])).to.equal(false);
        const quoted = secretsOf(values).redact(JSON.stringify(text));
        for (const value of values)
          expect(quoted.includes(JSON.stringify(value).slice(1, -1)), JSON.stringify([value, quoted])).to.equal(false);
      }),
      { numRuns: 400 },
    );
  });

  it("appear nowhere outside envelopes, and the wrapped value is unchanged", () => {
    const shown = (wire: unknown): readonly string[] => {
      if (typeof wire === "string") return [wire];
      if (Array.isArray(wire)) return wire.flatMap(shown);
      if (typeof wire !== "object" || wire === null || "4dabf18193072939515e22adb298388d" in wire) return [];
      return Object.entries(wire).flatMap(([key, item]) => [key, ...shown(item)]);
    };
    const texts = (value: Value): readonly string[] => {
      if (isList(value)) return value.flatMap(texts);
      return isMap(value)
        ? Object.entries(value).flatMap(([key, item]) => [key, ...texts(item)])
        : typeof value === "string"
          ? [value]
          : [];
    };
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(around, around), { maxLength: 4 }),
        (values, pairs) => {
          const hidden = pairs.map(([before, after], at) => `${before}${values[at % values.length] ?? ""}${after}`);
          const derived: ValueMap = {
            notices: hidden,
            config: Object.fromEntries(hidden.map((text, at) => [at % 2 === 0 ? text : `k${at}`, [text, at, null]])),
            plain: "zzzz",
          };
          const wire = secretsOf(values).protect(derived);
          for (const text of shown(wire)) for (const value of values) expect(text.includes(value), text).to.equal(false);
          expect(fromWire(wire)).to.deep.equal(derived);
          expect(shown(wire)).to.include("zzzz");
          expect(texts(derived).length).to.be.at.least(shown(wire).length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

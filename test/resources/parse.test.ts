import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { z } from "zod";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { describeFailure, parseInputs } from "../../provider/resources/parse.js";
import { list, object, tag, id } from "../../provider/pipeline/spec/schema.js";
import { unknown, type ValueMap } from "../../provider/values.js";

const schema = object({
  tag,
  more: list(tag, "tags").optional(),
  user: object({ uid: id, name: tag.optional() }).optional(),
  either: z.union([list(tag, "tags"), object({ only: tag })], { error: "is neither" }).optional(),
}).superRefine((value, context) => {
  if (value.tag === value.more?.[0]) context.addIssue({ code: "custom", path: ["more"], message: "repeats the tag" });
});

const said = (inputs: ValueMap): readonly string[] => parseInputs(schema, inputs).failures.map(describeFailure);

describe("parseInputs", () => {
  it("returns the value when all inputs are known and valid", () => {
    const inputs = { tag: "a", more: ["b"], user: { uid: 1 } };
    assert.deepEqual(parseInputs(schema, inputs), { value: inputs, failures: [] });
  });

  it("reports all failures at once, each with its path", () => {
    assert.deepEqual(said({ more: ["ok", "a b", 7], user: { uid: -1 }, extra: 1 }), [
      "tag: is missing. Give a tag",
      'more[1]: "a b" is not a valid tag. A tag has at most 128 letters, digits, dots, dashes and underscores, and does not start with a dot or dash',
      "more[2]: 7 is not a string. Give a tag",
      "user.uid: -1 is not a valid id. An id is a whole number from 0 to 4294967294",
      'has no property "extra". It has tag, more, user, either',
    ]);
  });

  it("does not report unknown values at any depth", () => {
    const cases: readonly ValueMap[] = [
      { tag: unknown },
      { tag: "a", more: unknown },
      { tag: "a", more: ["b", unknown] },
      { tag: "a", user: unknown },
      { tag: "a", user: { uid: unknown } },
      { tag: "a", either: [unknown] },
      { tag: "a", either: { only: unknown } },
      { tag: unknown, more: ["b"] },
    ];
    for (const inputs of cases) assert.deepEqual(parseInputs(schema, inputs), { value: undefined, failures: [] });
  });

  it("reports failures beside unknown values", () => {
    assert.deepEqual(said({ tag: unknown, more: ["b c"] }).length, 1);
    assert.deepEqual(said({ tag: unknown, user: { uid: "x" } }), ['user.uid: "x" is not a number. Give a number']);
    assert.deepEqual(said({ more: [unknown] }), ["tag: is missing. Give a tag"]);
    assert.deepEqual(said({ tag: "a", user: { uid: unknown, nmae: "x" } }), ['user: has no property "nmae". It has uid, name']);
  });

  it("reports the failure of the union branch that was probably meant", () => {
    assert.deepEqual(said({ tag: "a", either: ["b c"] })[0]?.startsWith('either[0]: "b c" is not a valid tag'), true);
    assert.deepEqual(said({ tag: "a", either: { only: "b c" } })[0]?.startsWith('either.only: "b c" is not a valid tag'), true);
    assert.deepEqual(said({ tag: "a", either: "b" }), ["either: is neither"]);
  });

  it("reports failures of a whole value only when all of it is known", () => {
    assert.deepEqual(said({ tag: "a", more: ["a"] }), ["more: repeats the tag"]);
    assert.deepEqual(said({ tag: "a", more: ["a", unknown] }), []);
  });

  it("reports the same failure once", () => {
    const twice = object({ tag }).superRefine((_, context) => {
      context.addIssue({ code: "custom", message: "is wrong" });
      context.addIssue({ code: "custom", message: "is wrong" });
    });
    assert.deepEqual(parseInputs(twice, { tag: "a" }).failures, [{ property: "", reason: "is wrong" }]);
  });

  it("never quotes environment, labels, annotations, arguments or scripts", () => {
    const secret = "correct-horse";
    const inputs: ValueMap = {
      repository: "ghcr.io/a",
      version: "1",
      suffix: "s",
      environment: { A: `${secret}\u0000`, B: [secret] },
      labels: { a: [secret] },
      annotations: { a: { b: secret } },
      cmd: [`${secret}\u0000`],
      entrypoint: { mode: "append", args: [{ a: secret }] },
      scripts: [{ path: "/x", content: [secret], uid: 0, gid: 0, mode: "0755" }],
    };
    const { failures } = parseInputs(customizationKind.schema, inputs);
    assert.deepEqual(failures.map(({ property }) => property).sort(), [
      "annotations.a",
      "cmd[0]",
      "entrypoint.args[0]",
      "environment.A",
      "environment.B",
      "labels.a",
      "scripts[0].content",
    ]);
    for (const failure of failures) assert.equal(describeFailure(failure).includes(secret), false, failure.property);
  });
});

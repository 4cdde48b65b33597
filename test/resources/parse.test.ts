import { describe, it } from "mocha";
import { z } from "zod";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { describeFailure, parseInputs } from "../../provider/resources/parse.js";
import { list, object, tag, id } from "../../provider/pipeline/spec/schema.js";
import { unknown, type ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";

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
    expect(parseInputs(schema, inputs)).to.deep.equal({ value: inputs, failures: [] });
  });

  it("reports all failures at once, each with its path", () => {
    expect(said({ more: ["ok", "a b", 7], user: { uid: -1 }, extra: 1 })).to.deep.equal([
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
    for (const inputs of cases) expect(parseInputs(schema, inputs)).to.deep.equal({ value: undefined, failures: [] });
  });

  it("reports failures beside unknown values", () => {
    expect(said({ tag: unknown, more: ["b c"] }).length).to.deep.equal(1);
    expect(said({ tag: unknown, user: { uid: "x" } })).to.deep.equal(['user.uid: "x" is not a number. Give a number']);
    expect(said({ more: [unknown] })).to.deep.equal(["tag: is missing. Give a tag"]);
    expect(said({ tag: "a", user: { uid: unknown, nmae: "x" } })).to.deep.equal(['user: has no property "nmae". It has uid, name']);
  });

  it("reports the failure of the union branch that was probably meant", () => {
    expect(said({ tag: "a", either: ["b c"] })[0]?.startsWith('either[0]: "b c" is not a valid tag')).to.deep.equal(true);
    expect(said({ tag: "a", either: { only: "b c" } })[0]?.startsWith('either.only: "b c" is not a valid tag')).to.deep.equal(true);
    expect(said({ tag: "a", either: "b" })).to.deep.equal(["either: is neither"]);
  });

  it("reports failures of a whole value only when all of it is known", () => {
    expect(said({ tag: "a", more: ["a"] })).to.deep.equal(["more: repeats the tag"]);
    expect(said({ tag: "a", more: ["a", unknown] })).to.deep.equal([]);
  });

  it("reports the same failure once", () => {
    const twice = object({ tag }).superRefine((_, context) => {
      context.addIssue({ code: "custom", message: "is wrong" });
      context.addIssue({ code: "custom", message: "is wrong" });
    });
    expect(parseInputs(twice, { tag: "a" }).failures).to.deep.equal([{ property: "", reason: "is wrong" }]);
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
    expect(failures.map(({ property }) => property).sort()).to.deep.equal([
      "annotations.a",
      "cmd[0]",
      "entrypoint.args[0]",
      "environment.A",
      "environment.B",
      "labels.a",
      "scripts[0].content",
    ]);
    for (const failure of failures) expect(describeFailure(failure).includes(secret), failure.property).to.equal(false);
  });
});

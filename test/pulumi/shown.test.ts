import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { hideDirectives, showable } from "../../provider/pulumi/shown.js";
import { secretEnvelope } from "../../provider/pulumi/wire.js";

const boom = "\u001b<{%boom%}>";

describe("outputs that the CLI shows", () => {
  const table: readonly (readonly [string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>])[] = [
    [
      "messages lose all that is obeyed",
      { notices: [{ message: boom, path: `/${boom}` }] },
      { notices: [{ message: "\\x1b<{ %boom%}>", path: "/\\x1b<{ %boom%}>" }] },
    ],
    [
      "values of config lose directives, its keys all",
      { config: { environment: { [boom]: { image: boom } } } },
      { config: { environment: { "\\x1b<{ %boom%}>": { image: "\u001b<{ %boom%}>" } } } },
    ],
    [
      "the resolution stays as it is, and is hidden where it would be obeyed",
      { resolution: { files: { a: "b", [boom]: "c" }, base: { tag: boom } } },
      { resolution: { files: secretEnvelope({ a: "b", [boom]: "c" }), base: { tag: secretEnvelope(boom) } } },
    ],
    ["what is no text stays", { a: 1, b: null, c: [true, {}], d: "plain\n" }, { a: 1, b: null, c: [true, {}], d: "plain\n" }],
    ["what is secret stays secret", { notices: secretEnvelope([boom]) }, { notices: secretEnvelope(["\\x1b<{ %boom%}>"]) }],
  ];
  for (const [what, outputs, shown] of table) it(what, () => assert.deepEqual(showable(outputs), shown));

  it("inputs stay as they are, and are hidden where they would be obeyed", () => {
    const inputs = {
      labels: { a: "\u001b", b: boom },
      cmd: ["x", boom],
      environment: { [boom]: "x" },
      token: secretEnvelope(boom),
      uid: 5,
    };
    assert.deepEqual(hideDirectives(inputs), {
      labels: { a: "\u001b", b: secretEnvelope(boom) },
      cmd: ["x", secretEnvelope(boom)],
      environment: secretEnvelope({ [boom]: "x" }),
      token: secretEnvelope(boom),
      uid: 5,
    });
  });
});

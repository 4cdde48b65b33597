import { describe, it } from "mocha";
import { hideDirectives, showable } from "../../provider/pulumi/shown.js";
import { secretEnvelope } from "../../provider/pulumi/wire.js";
import { expect } from "../support/expectations.js";

const boom = "\u001b<{%boom%}>";

describe("outputs that the CLI shows", () => {
  const table: readonly (readonly [string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>])[] = [
    [
      "messages lose everything that a terminal or the CLI would interpret",
      { notices: [{ message: boom, path: `/${boom}` }] },
      { notices: [{ message: "\\x1b<{ %boom%}>", path: "/\\x1b<{ %boom%}>" }] },
    ],
    [
      "values of config lose directives, its keys also control characters",
      { config: { environment: { [boom]: { image: boom } } } },
      { config: { environment: { "\\x1b<{ %boom%}>": { image: "\u001b<{ %boom%}>" } } } },
    ],
    [
      "the resolution is unchanged, and hidden where it contains directives",
      { resolution: { files: { a: "b", [boom]: "c" }, base: { tag: boom } } },
      { resolution: { files: secretEnvelope({ a: "b", [boom]: "c" }), base: { tag: secretEnvelope(boom) } } },
    ],
    [
      "values that are not text are unchanged",
      { a: 1, b: null, c: [true, {}], d: "plain\n" },
      { a: 1, b: null, c: [true, {}], d: "plain\n" },
    ],
    ["secrets stay secret", { notices: secretEnvelope([boom]) }, { notices: secretEnvelope(["\\x1b<{ %boom%}>"]) }],
  ];
  for (const [what, outputs, shown] of table) it(`are safe: ${what}`, () => expect(showable(outputs)).to.deep.equal(shown));

  it("leave inputs unchanged, and hide those with directives", () => {
    const inputs = {
      labels: { a: "\u001b", b: boom },
      cmd: ["x", boom],
      environment: { [boom]: "x" },
      token: secretEnvelope(boom),
      uid: 5,
    };
    expect(hideDirectives(inputs)).to.deep.equal({
      labels: { a: "\u001b", b: secretEnvelope(boom) },
      cmd: ["x", secretEnvelope(boom)],
      environment: secretEnvelope({ [boom]: "x" }),
      token: secretEnvelope(boom),
      uid: 5,
    });
  });
});

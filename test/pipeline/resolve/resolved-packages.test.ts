import { describe, it } from "mocha";
import { parseArchives } from "../../../provider/pipeline/resolve/resolved-packages.js";
import type { Value, ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";

describe("the archives in state", () => {
  const archive: ValueMap = {
    family: "alpine",
    url: "https://mirror.example/main/x86_64",
    suite: "",
    components: ["main"],
    origin: "base",
    digest: `sha256:${"a".repeat(64)}`,
    date: "2024-05-06T07:08:09Z",
    distribution: "alpine:3.19",
    settings: "sha256:x",
  };
  const { family: _, date: __, distribution: ___, settings: ____, ...shortest } = archive;

  const whole: readonly (readonly [string, Value, Value])[] = [
    ["with everything", archive, archive],
    ["of 0.1, which knew Debian alone", shortest, { ...shortest, family: "debian" }],
    ["with fields that do not fit", { ...shortest, date: 1, settings: null, components: ["main", 1] }, { ...shortest, family: "debian" }],
    ["with fields of a later release", { ...archive, more: 1 }, archive],
  ];
  for (const [name, value, expected] of whole) {
    it(`are parsed ${name}`, () => expect(parseArchives([archive, value])).to.deep.equal([archive, expected]));
  }

  const odd: readonly (readonly [string, Value | undefined])[] = [
    ["nothing", undefined],
    ["no list", { archive }],
    ["an empty list", []],
    ["one that is no map", [archive, "x"]],
    ["one without a URL", [{ ...archive, url: 1 }]],
    ["one without a suite", [{ ...archive, suite: null }]],
    ["one without components", [{ ...archive, components: "main" }]],
    ["one without a digest", [archive, { ...archive, digest: "sha256:x" }]],
    ["one that nobody named", [{ ...archive, origin: "somebody" }]],
  ];
  for (const [name, value] of odd) {
    it(`are ignored with ${name}`, () => expect(parseArchives(value)).to.equal(undefined));
  }
});

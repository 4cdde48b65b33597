import { describe, it } from "mocha";
import type { Descendant } from "../../../cli/descendants/descendant.js";
import { formatText } from "../../../cli/descendants/format-text.js";
import { expect } from "../../support/expectations.js";

const [one, two] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const base = { name: "reg.example/base:1", digest: two };
const behind: Descendant = {
  repository: "reg.example/app",
  tags: ["1_x", "latest"],
  digest: one,
  base: { name: "reg.example/base:1", digest: one },
  age: "behind",
  daysBehind: 12,
  evidence: "layers",
  builder: "pulumi-dhi",
};

describe("descendants as text", () => {
  it("are a table", () => {
    const current: Descendant = { repository: "reg.example/b", tags: ["1"], digest: two, base: {}, age: "unknown", evidence: "label" };
    expect(formatText({ base, images: [behind, current], warnings: [] }).split("\n")).to.deep.equal([
      "image                     base                built on             age             evidence  builder",
      "reg.example/app:1_x (+1)  reg.example/base:1  sha256:111111111111  behind 12 days  layers    pulumi-dhi",
      "reg.example/b:1                                                    unknown         label",
      "",
      "reg.example/base:1 (sha256:222222222222): 1 behind, 0 current, 1 unknown",
      "",
    ]);
  });

  it("name owners where they were asked for, and are safe for a terminal", () => {
    const owned = { ...behind, owner: "acme/prod\u001b[31m\n", tags: ["1"] };
    expect(formatText({ base, images: [owned], warnings: ["reg.example/b:1: \u202eno\nway"] }).split("\n")).to.deep.equal([
      "image              base                built on             age             evidence  builder     owner",
      "reg.example/app:1  reg.example/base:1  sha256:111111111111  behind 12 days  layers    pulumi-dhi  acme/prod\\x1b[31m",
      "",
      "warning: reg.example/b:1: \\u{202e}no way",
      "reg.example/base:1 (sha256:222222222222): 1 behind, 0 current, 0 unknown",
      "",
    ]);
  });

  it("say that there are none", () => {
    expect(formatText({ base: { name: "reg.example/base" }, images: [], warnings: [] })).to.equal(
      "reg.example/base: no images are built on it\n",
    );
  });
});

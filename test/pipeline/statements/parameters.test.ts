import { describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { MAX_PARAMETER, parametersOf } from "../../../provider/pipeline/statements/parameters.js";
import { isSecret, touchesSecret } from "../../../provider/pipeline/statements/secret-inputs.js";
import { holdLogin } from "../../../provider/text/redaction.js";
import { unknown, type ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";

describe("the inputs in provenance", () => {
  const inputs: ValueMap = {
    version: "1",
    cmd: ["a", "b", "c"],
    environment: { B: "1", A: "2" },
    sign: { key: "env:KEY" },
    rollbackTo: "x",
    __secrets: [],
  };

  it("are sorted, without those that decide nothing in the image", () => {
    expect(JSON.stringify(parametersOf(inputs, []).inputs)).to.equal('{"cmd":["a","b","c"],"environment":{"A":"2","B":"1"},"version":"1"}');
  });

  for (const [secrets, shown, secretInputs] of [
    [[["environment"]], { version: "1", cmd: ["a", "b", "c"] }, ["environment"]],
    [[["environment", "A"]], { version: "1", cmd: ["a", "b", "c"], environment: { B: "1" } }, ["environment.A"]],
    [[["cmd", 1]], { version: "1", cmd: ["a", null, "c"], environment: { A: "2", B: "1" } }, ["cmd[1]"]],
    [[["labels"]], { version: "1", cmd: ["a", "b", "c"], environment: { A: "2", B: "1" } }, []],
  ] as const) {
    it(`leave out what is secret, and name it: ${JSON.stringify(secrets)}`, () => {
      expect(parametersOf(inputs, secrets)).to.deep.equal({ inputs: shown, secretInputs });
    });
  }

  it("have no login in a URL, and no unknown", () => {
    const sources: ValueMap = { packageSources: [{ url: "https://me:hunter2@deb.example.com/" }], artifacts: unknown, links: null };
    expect(parametersOf(sources, []).inputs).to.deep.equal({ packageSources: [{ url: "https://***@deb.example.com/" }], links: null });
  });

  it("are the same whatever credentials this process uses", () => {
    holdLogin("me", "information");
    expect(parametersOf({ environment: { LEVEL: "information" } }, []).inputs).to.deep.equal({ environment: { LEVEL: "information" } });
  });

  it("name a long text by its digest", () => {
    const [longest, longer] = ["x".repeat(MAX_PARAMETER), "x".repeat(MAX_PARAMETER + 1)];
    const shown = parametersOf({ scripts: [{ content: longest }, { content: longer }] }, []).inputs;
    const named = { sha256: digestOf(longer).slice(7), length: MAX_PARAMETER + 1 };
    expect(shown).to.deep.equal({ scripts: [{ content: longest }, { content: named }] });
  });
});

describe("a secret input", () => {
  it("is secret with everything below it, and touches what is above", () => {
    const secrets = [["scripts", 1, "content"]] as const;
    expect(
      [["scripts"], ["scripts", 1], ["scripts", 1, "content"], ["scripts", 1, "content", 0]].map((path) => isSecret(secrets, path)),
    ).to.deep.equal([false, false, true, true]);
    expect([["scripts"], ["scripts", 1], ["scripts", 0], ["files"]].map((path) => touchesSecret(secrets, path))).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });
});

import { describe, it } from "mocha";
import { editConfig } from "../../../provider/image/config-edits.js";
import { configTable, type ConfigInputs } from "../../../provider/image/config-table.js";
import type { ImageConfig } from "../../../provider/image/config.js";
import type { JsonObject } from "../../../provider/image/json.js";
import { configChanges } from "../../../provider/pipeline/state/config-changes.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";

const configOf = (execution: JsonObject): ImageConfig => ({
  platform: { os: "linux", architecture: "amd64" },
  created: undefined,
  execution,
  diffIds: [],
  history: [],
  rest: {},
});

/** By input: what a base has, what is declared, and what the output `config` says. */
const table: Readonly<Record<keyof ConfigInputs, readonly [base: JsonObject, inputs: ConfigInputs, changes: ValueMap]>> = {
  runAs: [{ User: "root" }, { runAs: "1001" }, { user: { base: "root", image: "1001" } }],
  environment: [
    { Env: ["A=1", "B=2", "KEPT=k"] },
    { environment: { declared: { A: "3", B: null, C: "4" }, inherited: [["PATH=/opt/bin"]] } },
    { environment: { A: { base: "1", image: "3" }, B: { base: "2" }, C: { image: "4" }, PATH: { image: "/opt/bin" } } },
  ],
  entrypoint: [{ Entrypoint: ["a"] }, { entrypoint: { mode: "clear", args: [] } }, { entrypoint: { base: ["a"] } }],
  cmd: [{ Cmd: ["a"] }, { cmd: { mode: "append", args: ["b"] } }, { cmd: { base: ["a"], image: ["a", "b"] } }],
  workingDirectory: [{ WorkingDir: "" }, { workingDirectory: "/srv" }, { workingDirectory: { image: "/srv" } }],
  stopSignal: [{ StopSignal: "SIGINT" }, { stopSignal: "SIGTERM" }, { stopSignal: { base: "SIGINT", image: "SIGTERM" } }],
  exposedPorts: [
    { ExposedPorts: { "443/tcp": {} } },
    { exposedPorts: ["53/udp", "443/tcp"] },
    { exposedPorts: { base: ["443/tcp"], image: ["443/tcp", "53/udp"] } },
  ],
  volumes: [{}, { volumes: ["/data"] }, { volumes: { image: ["/data"] } }],
  labels: [{ Labels: { a: "1", b: "2" } }, { labels: { b: "3", c: "4" } }, { labels: { b: { base: "2", image: "3" }, c: { image: "4" } } }],
};

describe("the output config", () => {
  it("is tested for each input of the table", () => {
    expect(Object.keys(table).sort()).to.deep.equal(configTable.map(({ input }) => input).sort());
  });

  for (const [input, [execution, inputs, changes]] of Object.entries(table)) {
    it(`shows the change by ${input}, and nothing without a change`, () => {
      const base = configOf(execution);
      const image = editConfig(base, inputs);
      expect(configChanges(base, image)).to.deep.equal(changes);
      expect(configChanges(image, image)).to.deep.equal({});
      expect(configChanges(base, editConfig(base, {}))).to.deep.equal({});
    });
  }

  it("has all fields of an image without a base", () => {
    const image = configOf({ User: "1", Cmd: [], Labels: { a: "1" }, Future: 1 });
    expect(configChanges(undefined, image)).to.deep.equal({ user: { image: "1" }, cmd: { image: [] }, labels: { a: { image: "1" } } });
  });
});

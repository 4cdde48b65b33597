import fc from "fast-check";
import { describe, it } from "mocha";
import { editConfig } from "../../provider/image/config-edits.js";
import type { ConfigInputs } from "../../provider/image/config-table.js";
import { encodeConfig, variablesOf, type ImageConfig } from "../../provider/image/config.js";
import type { EnvironmentEdit } from "../../provider/image/field-edits.js";
import type { JsonObject } from "../../provider/image/json.js";
import { expect } from "../support/expectations.js";

const base: ImageConfig = {
  platform: { os: "linux", architecture: "amd64" },
  created: "2020-01-01T00:00:00Z",
  diffIds: [],
  history: [],
  execution: { StopSignal: "SIGTERM", Env: ["PATH=/usr/bin:/bin", "A=1", "EMPTY="], Labels: { kept: "k", changed: "old" } },
  rest: { author: "them" },
};
const edit = (execution: JsonObject, inputs: ConfigInputs): JsonObject => editConfig({ ...base, execution }, inputs).execution;

describe("commands", () => {
  const bases = [undefined, [], ["b1", "b2"]] as const;
  const table = [
    ["append", ["x"], [["x"], ["x"], ["b1", "b2", "x"]]],
    ["prepend", ["x"], [["x"], ["x"], ["x", "b1", "b2"]]],
    ["replace", ["x"], [["x"], ["x"], ["x"]]],
    ["append", [], [[], [], ["b1", "b2"]]],
    ["replace", [], [[], [], []]],
    ["clear", [], [undefined, undefined, undefined]],
  ] as const;
  for (const [mode, args, results] of table) {
    it(`${mode} ${JSON.stringify(args)} to each base`, () => {
      bases.forEach((command, at) => {
        const execution = command === undefined ? {} : { Entrypoint: command, Cmd: command };
        const edited = edit(execution, { entrypoint: { mode, args }, cmd: { mode, args } });
        expect(edited["Entrypoint"]).to.deep.equal(results[at]);
        expect(edited["Cmd"]).to.deep.equal(results[at]);
        expect("Cmd" in edited).to.equal(results[at] !== undefined);
      });
    });
  }

  it("that are not declared are kept, each independently", () => {
    const commands = { Entrypoint: ["e"], Cmd: ["c"] };
    expect(edit(commands, {})).to.deep.equal(commands);
    expect(edit(commands, { cmd: { mode: "append", args: ["d"] } })).to.deep.equal({ Entrypoint: ["e"], Cmd: ["c", "d"] });
  });
});

describe("environment", () => {
  const given = variablesOf(base);
  const env = (more: Partial<EnvironmentEdit>, from = given): readonly string[] =>
    variablesOf(editConfig({ ...base, execution: { Env: from } }, { environment: { declared: {}, inherited: [], ...more } }));

  const table: readonly (readonly [string, Partial<EnvironmentEdit>, readonly string[]])[] = [
    ["nothing", {}, given],
    ["a new variable", { declared: { Z: "z" } }, [...given, "Z=z"]],
    ["a changed one, in its place", { declared: { A: "2" } }, ["PATH=/usr/bin:/bin", "A=2", "EMPTY="]],
    ["an unset one", { declared: { A: null } }, ["PATH=/usr/bin:/bin", "EMPTY="]],
    ["unset what is not there", { declared: { NOT: null } }, given],
    ["in byte order", { declared: { b: "", a: "", B: "" } }, [...given, "B=", "a=", "b="]],
    ["values with an equals sign", { declared: { O: "a=b=" } }, [...given, "O=a=b="]],
    ["an artifact's where there is none", { inherited: [["N=n"]] }, [...given, "N=n"]],
    ["an artifact's where it is empty", { inherited: [["EMPTY=e"]] }, ["PATH=/usr/bin:/bin", "A=1", "EMPTY=e"]],
    ["not an artifact's over the base's", { inherited: [["A=9"]] }, given],
    ["not an artifact's over a declared one", { declared: { N: "d" }, inherited: [["N=n"]] }, [...given, "N=d"]],
    ["an artifact's over a declared empty one", { declared: { N: "" }, inherited: [["N=n"]] }, [...given, "N=n"]],
    ["not what is unset", { declared: { A: null }, inherited: [["A=9"]] }, ["PATH=/usr/bin:/bin", "EMPTY="]],
    ["the last artifact's", { inherited: [["N=1"], ["N=2"]] }, [...given, "N=2"]],
    ["not the last artifact's empty one", { inherited: [["N=1"], ["N="]] }, [...given, "N=1"]],
    [
      "paths to the front, once each",
      { inherited: [["PATH=/opt/a/bin:/usr/bin"], ["PATH=/opt/b/bin:/opt/a/bin"]] },
      ["PATH=/opt/a/bin:/usr/bin:/opt/b/bin:/bin", "A=1", "EMPTY="],
    ],
    [
      "paths before a declared PATH",
      { declared: { PATH: "/mine" }, inherited: [["PATH=/opt/bin"]] },
      ["PATH=/opt/bin:/mine", "A=1", "EMPTY="],
    ],
    ["no PATH where it is unset", { declared: { PATH: null }, inherited: [["PATH=/opt/bin"]] }, ["A=1", "EMPTY="]],
    ["no empty path", { inherited: [["PATH=:/opt/bin:"]] }, ["PATH=/opt/bin:/usr/bin:/bin", "A=1", "EMPTY="]],
    ["nothing from an empty PATH", { inherited: [["PATH="]] }, given],
  ];
  for (const [what, more, expected] of table) it(`has ${what}`, () => expect(env(more)).to.deep.equal(expected));

  it("has only the PATH of artifacts when the base has none", () => {
    expect(env({ inherited: [["PATH=/opt/bin"]] }, [])).to.deep.equal(["PATH=/opt/bin"]);
  });

  it("supports variables named like object members", () => {
    const more = { declared: Object.fromEntries([["__proto__", "p"]]), inherited: [["constructor=c"], ["toString=t"]] };
    expect(env(more, [])).to.deep.equal(["__proto__=p", "constructor=c", "toString=t"]);
  });

  it("has each declared value once, and keeps the others of the base", () => {
    const name = fc.constantFrom("A", "B", "C", "PATH", "D");
    const value = fc.string({ maxLength: 4 });
    const declarations = fc.dictionary(name, fc.option(value), { noNullPrototype: true });
    const from = fc.dictionary(name, value, { noNullPrototype: true }).map((map) => Object.entries(map).map((pair) => pair.join("=")));
    fc.assert(
      fc.property(from, declarations, (before, declared) => {
        const result = new Map(env({ declared }, before).map((text) => [text.split("=", 1)[0], text]));
        for (const [key, wanted] of Object.entries(declared)) {
          expect(result.get(key)).to.equal(wanted === null ? undefined : `${key}=${wanted}`);
        }
        for (const text of before) {
          const key = text.split("=", 1)[0] ?? "";
          if (!(key in declared)) expect(result.get(key)).to.equal(text);
        }
        expect(result.size).to.equal(env({ declared }, before).length);
      }),
    );
  });
});

describe("the other fields", () => {
  it("are merged for labels", () => {
    expect(editConfig(base, { labels: { changed: "new", added: "a" } }).execution["Labels"]).to.deep.equal({
      kept: "k",
      changed: "new",
      added: "a",
    });
  });

  it("are replaced for user and working directory", () => {
    const before = { User: "root", WorkingDir: "/" };
    expect(edit(before, { runAs: "1001" })).to.deep.equal({ User: "1001", WorkingDir: "/" });
    expect(edit(before, { workingDirectory: "/srv" })).to.deep.equal({ User: "root", WorkingDir: "/srv" });
    expect(edit(before, {})).to.deep.equal(before);
    expect(edit({}, {})).to.deep.equal({});
  });

  it("are otherwise kept in place, and the base is not modified", () => {
    const before = structuredClone(base);
    const environment = { declared: { A: "2" }, inherited: [] };
    const edited = editConfig(base, { environment, labels: { x: "y" }, cmd: { mode: "append", args: ["z"] } });
    expect(base).to.deep.equal(before);
    for (const key of ["platform", "created", "diffIds", "history", "rest"] as const) expect(edited[key]).to.deep.equal(base[key]);
    expect(Object.keys(edited.execution)).to.deep.equal(["StopSignal", "Env", "Cmd", "Labels"]);
  });
});

describe("the bytes of a config that is edited", () => {
  const execution = {
    Labels: { z: "1", a: "2", number: 3 },
    Healthcheck: { Test: ["NONE"] },
    WorkingDir: "/work",
    Cmd: null,
    Volumes: { "/data": {} },
    Entrypoint: [],
    Env: ["A=1", 2, "A=3", "B"],
    StopSignal: "SIGINT",
    User: "",
    Future: { Labels: null },
  };
  const environment = { declared: {}, inherited: [] };

  it("have the fields of layout version 1 last, in fixed order and without empty ones, and keep all others", () => {
    const others = '"Healthcheck":{"Test":["NONE"]},"Volumes":{"/data":{}},"StopSignal":"SIGINT","Future":{"Labels":null}';
    expect(JSON.stringify(edit(execution, { environment }))).to.equal(
      `{${others},"Env":["A=3","B="],"Entrypoint":[],"WorkingDir":"/work","Labels":{"a":"2","z":"1"}}`,
    );
    const cmd = { mode: "append", args: ["c"] } as const;
    expect(
      JSON.stringify(
        edit({ Cmd: ["b"], Future: 1 }, { runAs: "7", environment, cmd, entrypoint: cmd, workingDirectory: "/", labels: { l: "m" } }),
      ),
    ).to.equal('{"Future":1,"User":"7","Entrypoint":["c"],"Cmd":["b","c"],"WorkingDir":"/","Labels":{"l":"m"}}');
  });

  it("are the same after another edit without inputs", () => {
    const once = editConfig({ ...base, execution }, { environment });
    expect(encodeConfig(editConfig(once, { environment }))).to.deep.equal(encodeConfig(once));
  });

  it("are the same for any order of declared labels", () => {
    const words = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(fc.dictionary(words, words, { maxKeys: 3, noNullPrototype: true }), (labels) => {
        const of = (entries: readonly (readonly [string, string])[]): string =>
          JSON.stringify(edit({}, { labels: Object.fromEntries(entries) }));
        expect(of(Object.entries(labels))).to.equal(of(Object.entries(labels).reverse()));
      }),
    );
  });
});

import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ImageConfig } from "../../provider/image/config.js";
import { editConfig, type ConfigEdits } from "../../provider/image/config-edits.js";

const base: ImageConfig = {
  platform: { os: "linux", architecture: "amd64" },
  created: "2020-01-01T00:00:00Z",
  diffIds: [],
  history: [],
  env: ["PATH=/usr/bin:/bin", "A=1", "EMPTY="],
  labels: { kept: "k", changed: "old" },
  rest: { author: "them" },
  restOfConfig: { StopSignal: "SIGTERM" },
};
const none: ConfigEdits = { environment: {}, artifactEnvironments: [], labels: {} };

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
        const config = { ...base, ...(command === undefined ? {} : { entrypoint: command, cmd: command }) };
        const edited = editConfig(config, { ...none, entrypoint: { mode, args }, cmd: { mode, args } });
        assert.deepEqual(edited.entrypoint, results[at]);
        assert.deepEqual(edited.cmd, results[at]);
        assert.equal("cmd" in edited, results[at] !== undefined);
      });
    });
  }

  it("that nobody declares stay, each by itself", () => {
    const config = { ...base, entrypoint: ["e"], cmd: ["c"] };
    assert.deepEqual(editConfig(config, none).entrypoint, ["e"]);
    const edited = editConfig(config, { ...none, cmd: { mode: "append", args: ["d"] } });
    assert.deepEqual([edited.entrypoint, edited.cmd], [["e"], ["c", "d"]]);
  });
});

describe("environment", () => {
  const env = (edits: Partial<ConfigEdits>, from: readonly string[] = base.env): readonly string[] =>
    editConfig({ ...base, env: from }, { ...none, ...edits }).env;

  const table: readonly (readonly [string, Partial<ConfigEdits>, readonly string[]])[] = [
    ["nothing", {}, base.env],
    ["a new variable", { environment: { Z: "z" } }, [...base.env, "Z=z"]],
    ["a changed one, in its place", { environment: { A: "2" } }, ["PATH=/usr/bin:/bin", "A=2", "EMPTY="]],
    ["an unset one", { environment: { A: null } }, ["PATH=/usr/bin:/bin", "EMPTY="]],
    ["unset what is not there", { environment: { NOT: null } }, base.env],
    ["in byte order", { environment: { b: "", a: "", B: "" } }, [...base.env, "B=", "a=", "b="]],
    ["values with an equals sign", { environment: { O: "a=b=" } }, [...base.env, "O=a=b="]],
    ["an artifact's where there is none", { artifactEnvironments: [["N=n"]] }, [...base.env, "N=n"]],
    ["an artifact's where it is empty", { artifactEnvironments: [["EMPTY=e"]] }, ["PATH=/usr/bin:/bin", "A=1", "EMPTY=e"]],
    ["not an artifact's over the base's", { artifactEnvironments: [["A=9"]] }, base.env],
    ["not an artifact's over a declared one", { environment: { N: "d" }, artifactEnvironments: [["N=n"]] }, [...base.env, "N=d"]],
    ["an artifact's over a declared empty one", { environment: { N: "" }, artifactEnvironments: [["N=n"]] }, [...base.env, "N=n"]],
    ["not what is unset", { environment: { A: null }, artifactEnvironments: [["A=9"]] }, ["PATH=/usr/bin:/bin", "EMPTY="]],
    ["the last artifact's", { artifactEnvironments: [["N=1"], ["N=2"]] }, [...base.env, "N=2"]],
    ["not the last artifact's empty one", { artifactEnvironments: [["N=1"], ["N="]] }, [...base.env, "N=1"]],
    [
      "paths to the front, once each",
      { artifactEnvironments: [["PATH=/opt/a/bin:/usr/bin"], ["PATH=/opt/b/bin:/opt/a/bin"]] },
      ["PATH=/opt/a/bin:/usr/bin:/opt/b/bin:/bin", "A=1", "EMPTY="],
    ],
    [
      "paths before a declared PATH",
      { environment: { PATH: "/mine" }, artifactEnvironments: [["PATH=/opt/bin"]] },
      ["PATH=/opt/bin:/mine", "A=1", "EMPTY="],
    ],
    ["no PATH where it is unset", { environment: { PATH: null }, artifactEnvironments: [["PATH=/opt/bin"]] }, ["A=1", "EMPTY="]],
    ["no empty path", { artifactEnvironments: [["PATH=:/opt/bin:"]] }, ["PATH=/opt/bin:/usr/bin:/bin", "A=1", "EMPTY="]],
    ["nothing from an empty PATH", { artifactEnvironments: [["PATH="]] }, base.env],
  ];
  for (const [what, edits, expected] of table) it(`has ${what}`, () => assert.deepEqual(env(edits), expected));

  it("has a PATH of artifacts alone where the base has none", () => {
    assert.deepEqual(env({ artifactEnvironments: [["PATH=/opt/bin"]] }, []), ["PATH=/opt/bin"]);
  });

  it("knows no names of objects", () => {
    const edits = { environment: Object.fromEntries([["__proto__", "p"]]), artifactEnvironments: [["constructor=c"], ["toString=t"]] };
    assert.deepEqual(env(edits, []), ["__proto__=p", "constructor=c", "toString=t"]);
  });

  it("ends with each declared value once, and leaves the rest of the base", () => {
    const name = fc.constantFrom("A", "B", "C", "PATH", "D");
    const value = fc.string({ maxLength: 4 });
    const declared = fc.dictionary(name, fc.option(value), { noNullPrototype: true });
    const from = fc.dictionary(name, value, { noNullPrototype: true }).map((map) => Object.entries(map).map((pair) => pair.join("=")));
    fc.assert(
      fc.property(from, declared, (given, environment) => {
        const result = new Map(env({ environment }, given).map((text) => [text.split("=", 1)[0], text]));
        for (const [key, wanted] of Object.entries(environment)) {
          assert.equal(result.get(key), wanted === null ? undefined : `${key}=${wanted}`);
        }
        for (const text of given) {
          const key = text.split("=", 1)[0] ?? "";
          if (!(key in environment)) assert.equal(result.get(key), text);
        }
        assert.equal(result.size, env({ environment }, given).length);
      }),
    );
  });
});

describe("the other fields", () => {
  it("labels merge", () => {
    assert.deepEqual(editConfig(base, { ...none, labels: { changed: "new", added: "a" } }).labels, {
      kept: "k",
      changed: "new",
      added: "a",
    });
  });

  it("user and folder are replaced where declared", () => {
    const config = { ...base, user: "root", workingDirectory: "/" };
    assert.equal(editConfig(config, { ...none, user: "1001" }).user, "1001");
    assert.equal(editConfig(config, none).user, "root");
    assert.equal(editConfig(config, { ...none, workingDirectory: "/srv" }).workingDirectory, "/srv");
    assert.equal(editConfig(config, none).workingDirectory, "/");
    assert.equal("user" in editConfig(base, none), false);
  });

  it("everything else stays, and the base is not touched", () => {
    const before = structuredClone(base);
    const edited = editConfig(base, { ...none, environment: { A: "2" }, labels: { x: "y" }, cmd: { mode: "append", args: ["z"] } });
    assert.deepEqual(base, before);
    for (const key of ["platform", "created", "diffIds", "history", "rest", "restOfConfig"] as const)
      assert.deepEqual(edited[key], base[key]);
  });
});

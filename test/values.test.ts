import fc from "fast-check";
import { describe, it } from "mocha";
import { changedPaths, equalValues, formatPath, hasUnknown, isList, isMap, omit, unknown, type Value } from "../provider/values.js";
import { expect } from "./support/expectations.js";

const key = fc.constantFrom("a", "b", "c", "x y", "__proto__", "constructor");
const { value: known } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Value>(null, true, false, 0, 1, "", "text"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map((entries): Value => Object.fromEntries(entries)),
  ),
}));

/** The same with its keys the other way round. */
const turned = (value: Value): Value => {
  if (isList(value)) return value.map(turned);
  return isMap(value)
    ? Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, item]) => [name, turned(item)]),
      )
    : value;
};

const canonical = (value: Value): string => {
  if (isList(value)) return `[${value.map(canonical).join()}]`;
  if (!isMap(value)) return value === unknown ? "unknown" : JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`)
    .join()}}`;
};

describe("kinds of values", () => {
  it("are told apart", () => {
    const table: readonly (readonly [Value | undefined, boolean, boolean, boolean])[] = [
      [undefined, false, false, false],
      [null, false, false, false],
      ["x", false, false, false],
      [unknown, false, false, true],
      [[], false, true, false],
      [[1, [unknown]], false, true, true],
      [{}, true, false, false],
      [{ a: { b: [unknown] } }, true, false, true],
      [{ a: [null, 1, "x"] }, true, false, false],
    ];
    for (const [value, map, list, open] of table) {
      expect([isMap(value), isList(value)]).to.deep.equal([map, list]);
      if (value !== undefined) expect(hasUnknown(value)).to.equal(open);
    }
  });
});

describe("equality", () => {
  const different: readonly (readonly [Value | undefined, Value | undefined])[] = [
    [unknown, unknown],
    [{ a: unknown }, { a: unknown }],
    [[], {}],
    [null, {}],
    [undefined, null],
    ["1", 1],
    [0, false],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 1]],
    [{ a: 1 }, { a: 1, b: null }],
    [{ a: 1 }, { b: 1 }],
    [Object.fromEntries([["__proto__", {}]]), { a: {} }],
    [Object.fromEntries([["constructor", {}]]), { a: {} }],
  ];
  for (const [a, b] of different) {
    it(`tells ${canonical(a ?? null)} from ${canonical(b ?? null)}`, () => {
      expect(equalValues(a, b)).to.equal(false);
      expect(equalValues(b, a)).to.equal(false);
    });
  }

  it("is that of JSON without an order of keys", () => {
    fc.assert(
      fc.property(known, known, (a, b) => {
        expect(equalValues(a, turned(a))).to.equal(true);
        expect(equalValues(a, b)).to.equal(canonical(a) === canonical(b));
        expect(equalValues(a, b)).to.equal(equalValues(b, a));
      }),
      { numRuns: 400 },
    );
  });
});

describe("paths", () => {
  const table: readonly (readonly [readonly PropertyKey[], string])[] = [
    [[], ""],
    [["a"], "a"],
    [["artifacts", 0, "includes", 1], "artifacts[0].includes[1]"],
    [["environment", "LOG_LEVEL"], "environment.LOG_LEVEL"],
    [["labels", "org.example/x"], 'labels["org.example/x"]'],
    [["labels", ""], 'labels[""]'],
    [["labels", 'a"b'], 'labels["a\\"b"]'],
    [["labels", "1"], 'labels["1"]'],
    [["$a", "_b"], "$a._b"],
    [[0], "[0]"],
  ];
  for (const [path, text] of table) it(text === "" ? "of the whole" : text, () => expect(formatPath(path)).to.equal(text));

  const changes: readonly (readonly [Value | undefined, Value | undefined, readonly string[]])[] = [
    [{ a: 1 }, { a: 1 }, []],
    [{ a: 1 }, { a: 2 }, ["a"]],
    [{ a: 1 }, {}, ["a"]],
    [{}, { b: null }, ["b"]],
    [{ e: { A: "1", B: "2" } }, { e: { A: "1", B: "3", C: "4" } }, ["e.B", "e.C"]],
    [{ l: [1, 2] }, { l: [1, 3] }, ["l[1]"]],
    [{ l: [1, 2] }, { l: [1] }, ["l"]],
    [{ l: [{ a: 1, b: 2 }] }, { l: [{ a: 1, b: 3 }] }, ["l[0].b"]],
    [{ a: {} }, { a: [] }, ["a"]],
    [{ a: unknown, b: 1 }, { a: unknown, b: 1 }, ["a"]],
    [{ b: 1, a: 1 }, { a: 2, b: 2 }, ["a", "b"]],
    [undefined, { a: 1 }, [""]],
  ];
  for (const [a, b, paths] of changes) it(`of what changed: ${paths.join(", ")}`, () => expect(changedPaths(a, b)).to.deep.equal(paths));

  it("a key that is named like a member of objects is one", () => {
    const odd = JSON.parse('{ "__proto__": {} }') as Parameters<typeof changedPaths>[0];
    expect(changedPaths(odd, {})).to.deep.equal(["__proto__"]);
    expect(changedPaths({}, odd)).to.deep.equal(["__proto__"]);
  });

  it("there are some exactly where values differ", () => {
    fc.assert(
      fc.property(known, known, (a, b) => {
        expect(changedPaths(a, b).length === 0).to.equal(equalValues(a, b));
        expect(changedPaths(a, turned(a))).to.deep.equal([]);
      }),
    );
  });
});

describe("omit", () => {
  it("leaves out what is named, and the map as it was", () => {
    const map = { a: 1, b: 2, c: 3 };
    expect(omit(map, new Set(["a", "c", "z"]))).to.deep.equal({ b: 2 });
    expect(map).to.deep.equal({ a: 1, b: 2, c: 3 });
  });
});

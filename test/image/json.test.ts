import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import {
  compareBytes,
  isObject,
  MAX_JSON_DEPTH,
  parseJson,
  parseObject,
  readJson,
  sortKeys,
  stringMap,
} from "../../provider/image/json.js";

describe("parseObject", () => {
  it("takes an object, with __proto__ as a plain key", () => {
    const parsed = parseObject(Buffer.from('{"a":1,"__proto__":{"polluted":true}}'), "it");
    assert.equal(parsed["a"], 1);
    assert.equal(Object.hasOwn(parsed, "__proto__"), true);
    assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
  });

  it("names what it refuses", () => {
    const refused = [
      ["", /^the file is not JSON$/],
      ["{", /^the file is not JSON$/],
      ['{"a":1} x', /^the file is not JSON$/],
      ["[]", /^the file is not a JSON object$/],
      ["null", /^the file is not a JSON object$/],
      ['"text"', /^the file is not a JSON object$/],
    ] as const;
    for (const [text, message] of refused) assert.throws(() => parseObject(Buffer.from(text), "the file"), { code: "invalid", message });
  });

  it("refuses bytes that are no UTF-8, and never quotes them", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    assert.throws(() => parseObject(bytes, "it"), { code: "invalid", message: "it is not JSON" });
  });
});

describe("JSON of a shape", () => {
  const schema = z.strictObject({
    name: z.string(),
    size: z.int().optional(),
    flag: z.boolean().optional(),
    kind: z.enum(["a", "b"]).optional(),
    hosts: z.record(z.string(), z.object({ login: z.string() })).optional(),
    list: z.array(z.string().refine((text) => text !== "", "is empty")).optional(),
    pattern: z.string().regex(/^x/).optional(),
  });
  const whole = { name: "n", size: 1, flag: true, kind: "a", hosts: { "ghcr.io": { login: "x" } }, list: ["y"], pattern: "x" };

  it("is given as it is", () => {
    assert.deepEqual(parseJson(JSON.stringify(whole), schema, "/etc/x.json"), whole);
    assert.deepEqual(parseJson(Buffer.from(JSON.stringify(whole)), schema, "/etc/x.json"), whole);
    assert.deepEqual(readJson(JSON.stringify(whole), schema), whole);
  });

  const misfits: readonly (readonly [object | string, string])[] = [
    ["[]", " is not an object"],
    ["", " is not JSON"],
    ["geheim", " is not JSON"],
    [`\ufeff${JSON.stringify(whole)}`, " is not JSON"],
    [{}, ": name is missing"],
    [{ ...whole, name: ["geheim"] }, ": name is not a string"],
    [{ ...whole, size: 1.5 }, ": size is not a whole number"],
    [{ ...whole, size: "geheim" }, ": size is not a number"],
    [{ ...whole, flag: "geheim" }, ": flag is not true or false"],
    [{ ...whole, kind: "geheim" }, ': kind is not "a" or "b"'],
    [{ ...whole, hosts: [] }, ": hosts is not an object"],
    [{ ...whole, hosts: { "ghcr.io": { login: { geheim: 1 } } } }, ': hosts["ghcr.io"].login is not a string'],
    [{ ...whole, hosts: { "user:geheim@ghcr.io": {} } }, ': hosts["***@ghcr.io"].login is missing'],
    [{ ...whole, hosts: { "a\u001b\n": {} } }, ': hosts["a\\u001b\\n"].login is missing'],
    [{ ...whole, list: "geheim" }, ": list is not a list"],
    [{ ...whole, list: ["y", ""] }, ": list[1] is empty"],
    [{ ...whole, pattern: "geheim" }, ": pattern is not what it should be"],
    [{ ...whole, other: "geheim" }, ' has the unknown field "other"'],
    [{ ...whole, other: "geheim", "a:geheim@b": 1 }, ' has the unknown fields "other", "***@b"'],
  ];
  for (const [value, message] of misfits) {
    it(`that does not fit is refused: it${message}`, () => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      const refused = (thrown: Error): boolean => {
        assert.equal(thrown.message, `/etc/x.json${message}`);
        assert.equal("code" in thrown && thrown.code, "invalid");
        // The parser's own error would quote the text.
        assert.equal(thrown.cause, undefined);
        return true;
      };
      assert.throws(() => parseJson(text, schema, "/etc/x.json"), refused);
      assert.equal(readJson(text, schema), undefined);
    });
  }

  it("says nothing where it is nested too deep", () => {
    assert.equal(readJson("[".repeat(1_000_000), z.unknown()), undefined);
  });
});

describe("isObject and stringMap", () => {
  it("tells objects from the rest", () => {
    for (const value of [{}, { a: 1 }, Object.create(null)]) assert.equal(isObject(value), true);
    for (const value of [undefined, null, [], "x", 1, true, () => 1]) assert.equal(isObject(value), false);
  });

  it("keeps strings alone", () => {
    assert.deepEqual(stringMap({ a: "x", b: 1, c: null, d: ["x"], e: "" }), { a: "x", e: "" });
    for (const value of [undefined, null, [], "x"]) assert.equal(stringMap(value), undefined);
  });
});

describe("order of bytes", () => {
  const anyText = fc.string({ unit: "binary", maxLength: 4 });

  it("is that of UTF-8, which is not that of UTF-16", () => {
    // U+FF5E sorts after the surrogates of U+1F600 as UTF-16, and before it as UTF-8.
    const [tilde, face] = [String.fromCodePoint(0xff5e), String.fromCodePoint(0x1f600)];
    assert.ok(compareBytes(tilde, face) < 0);
    assert.deepEqual([tilde, face].toSorted(), [face, tilde]);
  });

  it("is an order", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        assert.equal(Math.sign(compareBytes(a, b)), Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
        assert.equal(Math.sign(compareBytes(a, b)), -Math.sign(compareBytes(b, a)) + 0);
      }),
    );
  });

  it("makes equal maps equal bytes", () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.string(), { noNullPrototype: true }), fc.nat(), (map, seed) => {
        const entries = Object.entries(map);
        const turned = Object.fromEntries([
          ...entries.slice(seed % (entries.length + 1)),
          ...entries.slice(0, seed % (entries.length + 1)),
        ]);
        assert.equal(JSON.stringify(sortKeys(turned)), JSON.stringify(sortKeys(map)));
        assert.deepEqual(sortKeys(map), map);
      }),
    );
  });
});

describe("the depth of JSON", () => {
  const nested = (depth: number): Buffer => Buffer.from(`{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`);

  it("has a limit", () => {
    const parsed = parseObject(nested(MAX_JSON_DEPTH), "it");
    assert.equal(JSON.stringify(parsed).length, nested(MAX_JSON_DEPTH).length);
    for (const depth of [MAX_JSON_DEPTH + 1, 1_000_000])
      assert.throws(() => parseObject(nested(depth), "the config"), {
        code: "limit",
        message: "the config is JSON that is nested deeper than 128 arrays and objects",
      });
  });

  it("counts no brackets in strings, and what is closed no more", () => {
    for (const text of [`{"a":"${"[".repeat(200)}"}`, `{"a\\"${"{".repeat(200)}":1}`, `{"a":[${"[],".repeat(200)}{}]}`, `{"\\\\":[]}`])
      assert.deepEqual(parseObject(Buffer.from(text), "it"), JSON.parse(text));
  });
});

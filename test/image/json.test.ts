import fc from "fast-check";
import { describe, it } from "mocha";
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
import { expect } from "../support/expectations.js";

describe("parseObject", () => {
  it("accepts an object, with __proto__ as a plain key", () => {
    const parsed = parseObject(Buffer.from('{"a":1,"__proto__":{"polluted":true}}'), "it");
    expect(parsed["a"]).to.equal(1);
    expect(Object.hasOwn(parsed, "__proto__")).to.equal(true);
    expect(Object.hasOwn(Object.prototype, "polluted")).to.equal(false);
  });

  it("names the source that it rejects", () => {
    const refused = [
      ["", /^the file is not JSON$/],
      ["{", /^the file is not JSON$/],
      ['{"a":1} x', /^the file is not JSON$/],
      ["[]", /^the file is not a JSON object$/],
      ["null", /^the file is not a JSON object$/],
      ['"text"', /^the file is not a JSON object$/],
    ] as const;
    for (const [text, message] of refused)
      expect(() => parseObject(Buffer.from(text), "the file")).to.throwError({ code: "invalid", message });
  });

  it("rejects bytes that are not UTF-8, without quoting them", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => parseObject(bytes, "it")).to.throwError({ code: "invalid", message: "it is not JSON" });
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

  it("is returned unchanged", () => {
    expect(parseJson(JSON.stringify(whole), schema, "/etc/x.json")).to.deep.equal(whole);
    expect(parseJson(Buffer.from(JSON.stringify(whole)), schema, "/etc/x.json")).to.deep.equal(whole);
    expect(readJson(JSON.stringify(whole), schema)).to.deep.equal(whole);
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
    [{ ...whole, pattern: "geheim" }, ": pattern is not valid"],
    [{ ...whole, other: "geheim" }, ' has the unknown field "other"'],
    [{ ...whole, other: "geheim", "a:geheim@b": 1 }, ' has the unknown fields "other", "***@b"'],
  ];
  for (const [value, message] of misfits) {
    it(`is rejected when it is invalid: it${message}`, () => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      const refused = (thrown: Error): boolean => {
        expect(thrown.message).to.equal(`/etc/x.json${message}`);
        expect("code" in thrown && thrown.code).to.equal("invalid");
        // The message of the parser would quote the text.
        expect(thrown.cause).to.equal(undefined);
        return true;
      };
      expect(() => parseJson(text, schema, "/etc/x.json")).to.throwError(refused);
      expect(readJson(text, schema)).to.equal(undefined);
    });
  }

  it("is ignored by the lenient parser when it is nested too deep", () => {
    expect(readJson("[".repeat(1_000_000), z.unknown())).to.equal(undefined);
  });
});

describe("isObject and stringMap", () => {
  it("distinguishes objects from other values", () => {
    for (const value of [{}, { a: 1 }, Object.create(null)]) expect(isObject(value)).to.equal(true);
    for (const value of [undefined, null, [], "x", 1, true, () => 1]) expect(isObject(value)).to.equal(false);
  });

  it("keeps only strings", () => {
    expect(stringMap({ a: "x", b: 1, c: null, d: ["x"], e: "" })).to.deep.equal({ a: "x", e: "" });
    for (const value of [undefined, null, [], "x"]) expect(stringMap(value)).to.equal(undefined);
  });
});

describe("order of bytes", () => {
  const anyText = fc.string({ unit: "binary", maxLength: 4 });

  it("is that of UTF-8, which is not that of UTF-16", () => {
    // U+FF5E sorts after the surrogates of U+1F600 as UTF-16, and before it as UTF-8.
    const [tilde, face] = [String.fromCodePoint(0xff5e), String.fromCodePoint(0x1f600)];
    expect(compareBytes(tilde, face)).to.be.below(0);
    expect([tilde, face].toSorted()).to.deep.equal([face, tilde]);
  });

  it("is an order", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).to.equal(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
        expect(Math.sign(compareBytes(a, b))).to.equal(-Math.sign(compareBytes(b, a)) + 0);
      }),
    );
  });

  it("encodes equal maps to equal bytes", () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.string(), { noNullPrototype: true }), fc.nat(), (map, seed) => {
        const entries = Object.entries(map);
        const turned = Object.fromEntries([
          ...entries.slice(seed % (entries.length + 1)),
          ...entries.slice(0, seed % (entries.length + 1)),
        ]);
        expect(JSON.stringify(sortKeys(turned))).to.equal(JSON.stringify(sortKeys(map)));
        expect(sortKeys(map)).to.deep.equal(map);
      }),
    );
  });
});

describe("the depth of JSON", () => {
  const nested = (depth: number): Buffer => Buffer.from(`{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`);

  it("has a limit", () => {
    const parsed = parseObject(nested(MAX_JSON_DEPTH), "it");
    expect(JSON.stringify(parsed).length).to.equal(nested(MAX_JSON_DEPTH).length);
    for (const depth of [MAX_JSON_DEPTH + 1, 1_000_000])
      expect(() => parseObject(nested(depth), "the config")).to.throwError({
        code: "limit",
        message: "the config is JSON that is nested deeper than 128 arrays and objects",
      });
  });

  it("does not count brackets in strings, nor closed ones", () => {
    for (const text of [`{"a":"${"[".repeat(200)}"}`, `{"a\\"${"{".repeat(200)}":1}`, `{"a":[${"[],".repeat(200)}{}]}`, `{"\\\\":[]}`])
      expect(parseObject(Buffer.from(text), "it")).to.deep.equal(JSON.parse(text));
  });
});

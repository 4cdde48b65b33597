import fc from "fast-check";
import { describe, it } from "mocha";
import { fromWire, secretEnvelope, toWire } from "../../provider/pulumi/wire.js";
import { unknown, type Value, type ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";

const sentinels = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];
const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

describe("values from the wire", () => {
  it("turn every sentinel into the one unknown, at any depth", () => {
    for (const sentinel of sentinels) {
      expect(fromWire({ a: sentinel, b: [sentinel, { c: sentinel }], d: `${sentinel} ` })).to.deep.equal({
        a: unknown,
        b: [unknown, { c: unknown }],
        d: `${sentinel} `,
      });
    }
  });

  it("unwrap secrets, at any depth, also nested ones", () => {
    const wire = { a: { ...signature, value: "s" }, b: [{ ...signature, value: { ...signature, value: [{ ...signature, value: 1 }] } }] };
    expect(fromWire(wire)).to.deep.equal({ a: "s", b: [[1]] });
    expect(fromWire({ a: secretEnvelope({ b: secretEnvelope("x") }) })).to.deep.equal({ a: { b: "x" } });
    expect(fromWire({ a: { ...signature, value: sentinels[0] } })).to.deep.equal({ a: unknown });
  });

  it("leave out properties between sdk and provider, only at the top", () => {
    expect(fromWire({ __provider: "p", __urn: "u", __secrets: "[]", __defaults: [], a: { __b: 1 } })).to.deep.equal({ a: { __b: 1 } });
  });

  it("round-trip properties that the provider hides from users' displays", () => {
    const records = { key: { digest: "d", size: 1, diffId: "d" } };
    expect(fromWire({ __urn: "u", ...(toWire({ __layers: records, a: 1 }) as object) })).to.deep.equal({ __layers: records, a: 1 });
  });

  it("leave out undefined, and turn values that are not JSON into null", () => {
    expect(fromWire({ a: undefined, b: [undefined, 1], c: null, d: () => 1, e: { f: undefined } })).to.deep.equal({
      b: [null, 1],
      c: null,
      d: null,
      e: {},
    });
    for (const none of [undefined, null, "x", 7, [1]]) expect(fromWire(none)).to.deep.equal({});
  });

  it("leave values that only resemble a secret", () => {
    const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", path: "x" };
    expect(fromWire({ asset })).to.deep.equal({ asset });
    expect(fromWire({ a: { value: 1 } })).to.deep.equal({ a: { value: 1 } });
  });
});

describe("values to the wire and back", () => {
  const { value } = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<Value>(null, true, 0, -1.5, "", "text", unknown),
      fc.string(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  const map: fc.Arbitrary<ValueMap> = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), value, { maxKeys: 4, noNullPrototype: true });

  it("round-trip", () => {
    fc.assert(
      fc.property(map, (values) => {
        const wire = toWire(values);
        expect(fromWire(wire)).to.deep.equal(values);
        expect(fromWire(JSON.parse(JSON.stringify(wire)))).to.deep.equal(values);
        expect(fromWire({ whole: secretEnvelope(wire) })).to.deep.equal({ whole: values });
      }),
      { numRuns: 300 },
    );
  });
});

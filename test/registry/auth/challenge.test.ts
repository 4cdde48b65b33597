import fc from "fast-check";
import { it } from "mocha";
import { parseChallenges, type Challenge } from "../../../provider/registry/auth/challenge.js";
import { expect } from "../../support/expectations.js";

const cases: readonly (readonly [string, readonly Challenge[]])[] = [
  ["", []],
  ['Basic realm="x"', [{ scheme: "basic", parameters: { realm: "x" } }]],
  ['Basic realm="a, b=c, Bearer d"', [{ scheme: "basic", parameters: { realm: "a, b=c, Bearer d" } }]],
  [
    'Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push repository:c:pull"',
    [
      {
        scheme: "bearer",
        parameters: { realm: "https://auth.example/token", service: "registry", scope: "repository:a/b:pull,push repository:c:pull" },
      },
    ],
  ],
  ['bearer  Realm = "r" ,  Service=s', [{ scheme: "bearer", parameters: { realm: "r", service: "s" } }]],
  ['Basic realm="a", Bearer realm="b",service="c"', [{ scheme: "basic", parameters: { realm: "a" } }, { scheme: "bearer", parameters: { realm: "b", service: "c" } }]], // prettier-ignore
  ['Negotiate, Basic realm="a"', [{ scheme: "negotiate", parameters: {} }, { scheme: "basic", parameters: { realm: "a" } }]], // prettier-ignore
  ["Basic", [{ scheme: "basic", parameters: {} }]],
  ['Basic realm="with \\"quotes\\" and \\\\"', [{ scheme: "basic", parameters: { realm: 'with "quotes" and \\' } }]],
  ['Bearer realm="r",error="insufficient_scope"', [{ scheme: "bearer", parameters: { realm: "r", error: "insufficient_scope" } }]],
  ['realm="no scheme"', []],
];
for (const [header, expected] of cases) {
  it(`the header "${header}" is parsed`, () => expect(parseChallenges(header)).to.deep.equal(expected)); // prettier-ignore
}

it("parsing of challenges ends for any header", () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => Array.isArray(parseChallenges(text))));
});

it("parsing of challenges unescapes every quoted value", () => {
  const value = fc.string({ unit: "grapheme-ascii", maxLength: 40 });
  fc.assert(
    fc.property(value, value, (realm, scope) => {
      const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
      const read = parseChallenges(`Bearer realm=${quote(realm)},scope=${quote(scope)}, Basic realm=${quote(scope)}`);
      expect(read).to.deep.equal([{ scheme: "bearer", parameters: { realm, scope } }, { scheme: "basic", parameters: { realm: scope } }]); // prettier-ignore
    }),
  );
});

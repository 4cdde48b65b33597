import { describe, it } from "mocha";
import { sign } from "../../../provider/pipeline/spec/sign.js";
import { expect } from "../../support/expectations.js";
import { cosignPrivateKey } from "../../attestation/keys/cosign-keys.js";

const reasonOf = (value: unknown): string => {
  const { error } = sign.safeParse(value);
  const told = JSON.stringify(error?.issues ?? []);
  expect(told).to.not.include(cosignPrivateKey.split("\n")[1]);
  return told;
};

describe("the input sign", () => {
  const cases: readonly (readonly [object, object])[] = [
    [{ key: "keys/a.key" }, { is: "key", key: { is: "file", path: "keys/a.key" } }],
    [{ key: "env:KEY" }, { is: "key", key: { is: "variable", name: "KEY" } }],
    [{ key: "exec:./sign.sh a" }, { is: "key", key: { is: "command", words: ["./sign.sh", "a"] } }],
    [{ keyless: {} }, { is: "keyless", sigstore: {} }],
    [
      { keyless: { fulcioUrl: "https://fulcio.test", tsaUrl: "https://tsa.test" } },
      { is: "keyless", sigstore: { fulcioUrl: "https://fulcio.test", tsaUrl: "https://tsa.test" } },
    ],
    [{ keyless: { signingConfig: "signing.json" } }, { is: "keyless", sigstore: { signingConfig: "signing.json" } }],
  ];
  for (const [value, expected] of cases) {
    it(`is taken: ${JSON.stringify(value)}`, () => {
      expect(sign.parse(value)).to.deep.equal(expected);
    });
  }

  const faults: readonly (readonly [unknown, RegExp])[] = [
    [{}, /does not say who signs/],
    ["cosign.key", /does not say who signs/],
    [{ key: "a", keyless: {} }, /has no property|does not say who signs/],
    [{ key: "" }, /does not name a key/],
    [{ key: cosignPrivateKey }, /is a private key, which would be kept in state/],
    [{ keyless: { fulcioUrl: "ftp://x" } }, /is not an http or https URL/],
    [{ keyless: { fulcioUrl: "https://user:word@x.test" } }, /has credentials in its URL/],
    [{ keyless: { signingConfig: "a.json", rekorUrl: "https://x.test" } }, /is set beside a signingConfig/],
  ];
  for (const [value, message] of faults) {
    it(`is refused: ${message.source}, ${JSON.stringify(value).length.toString()}`, () => {
      expect(reasonOf(value)).to.match(message);
    });
  }
});

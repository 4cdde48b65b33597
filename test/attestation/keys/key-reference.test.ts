import { describe, it } from "mocha";
import { formatKeyReference, parseKeyReference } from "../../../provider/attestation/keys/key-reference.js";
import { expect } from "../../support/expectations.js";
import { cosignPrivateKey } from "./cosign-keys.js";

describe("where a key is", () => {
  const cases: readonly (readonly [string, object, string])[] = [
    ["keys/cosign.key", { is: "file", path: "keys/cosign.key" }, "keys/cosign.key"],
    ["/etc/keys/a key", { is: "file", path: "/etc/keys/a key" }, "/etc/keys/a key"],
    ["env:COSIGN_PRIVATE_KEY", { is: "variable", name: "COSIGN_PRIVATE_KEY" }, "env:COSIGN_PRIVATE_KEY"],
    ["exec:./sign.sh", { is: "command", words: ["./sign.sh"] }, "exec:./sign.sh"],
    // Its arguments may be secret.
    ["exec:kms sign  --token abc", { is: "command", words: ["kms", "sign", "--token", "abc"] }, "exec:kms"],
  ];
  for (const [text, expected, shown] of cases) {
    it(`is read: ${text}`, () => {
      const reference = parseKeyReference(text);
      expect(reference).to.deep.equal(expected);
      expect(formatKeyReference(reference)).to.equal(shown);
    });
  }

  const faults: readonly (readonly [string, RegExp])[] = [
    ["", /does not name a key/],
    ["a\u0000b", /does not name a key/],
    ["env:", /does not name a variable/],
    ["env:1A", /does not name a variable/],
    ["exec: ", /has no command/],
  ];
  for (const [text, message] of faults) {
    it(`is refused: ${JSON.stringify(text)}`, () => {
      expect(() => parseKeyReference(text)).to.throwError({ code: "invalid", message });
    });
  }

  it("is never the key itself, which would be kept in state, and which the error does not repeat", () => {
    expect(() => parseKeyReference(cosignPrivateKey)).to.throwError({
      code: "invalid",
      message: /^is a private key, which would be kept in state$/,
      hint: /env:NAME/,
    });
  });
});

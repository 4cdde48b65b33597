import { judgeBundle } from "../../provider/attestation/verification/bundle.js";
import { judgeSimpleSignature } from "../../provider/attestation/verification/simple-signature.js";
import { judgeStoredStatement } from "../../provider/attestation/verification/stored-statement.js";
import { parseTrustedKeys } from "../../provider/attestation/verification/trusted-key.js";
import { trustKeys } from "../../provider/attestation/verification/trust.js";
import { digestOf } from "../../provider/image/digest.js";
import { makeSigner, makeStatement, signBundle, signSimple } from "../support/attestations/signer.js";
import { expect } from "../support/expectations.js";
import type { Target } from "./target.js";

const image = digestOf("image");
const [own, other] = [makeSigner(), makeSigner()];
const trust = trustKeys(parseTrustedKeys(own.pem, "a key"));
const statement = makeStatement(image);

/** What is attached to images: anybody may write it. Nothing that another key has signed may hold, however it is changed. */
export const signatures: Target = {
  name: "signatures",
  seeds: [signSimple(other, image).payload, statement, JSON.stringify(signBundle(other, statement)), '{"messageSignature":{}}'],
  words: [
    '"',
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    '"sha256"',
    '"dsseEnvelope":',
    '"messageSignature":',
    '"signature":',
    '"__proto__":',
    image,
  ],
  limit: 4096,
  run: (input) => {
    expect(judgeBundle(input, image, input, trust)).to.have.property("refusal");
    expect(judgeSimpleSignature(input, { "dev.sigstore.cosign/certificate": input.toString("latin1") }, image, trust)).to.have.property(
      "refusal",
    );
    // Its manifest is what is signed: whatever the statement is, only its subject and its digest matter.
    const manifest = Buffer.from(JSON.stringify({ layers: [{ digest: digestOf(input) }] }));
    judgeStoredStatement(manifest, input, image, "the signer");
  },
};

import fc from "fast-check";
import { describe, it } from "mocha";
import { describeEnvelope, envelopeOf, signedBytes } from "../../../provider/attestation/formats/dsse.js";
import { IN_TOTO, SIGNATURE_ANNOTATION } from "../../../provider/attestation/formats/media-types.js";
import { SPDX } from "../../../provider/attestation/formats/predicate-types.js";
import { parseStatement } from "../../../provider/attestation/formats/statement.js";
import { judgeBundle } from "../../../provider/attestation/verification/bundle.js";
import { judgeSimpleSignature } from "../../../provider/attestation/verification/simple-signature.js";
import { judgeStoredStatement } from "../../../provider/attestation/verification/stored-statement.js";
import { parseTrustedKeys } from "../../../provider/attestation/verification/trusted-key.js";
import { trustKeys, type Trust } from "../../../provider/attestation/verification/trust.js";
import { digestOf, hexOf } from "../../../provider/image/digest.js";
import { flip, makeSigner, makeStatement, signBundle, signBytes, signSimple, type Signer } from "../../support/attestations/signer.js";
import { expect } from "../../support/expectations.js";

const [own, other] = [makeSigner(), makeSigner()];
const [image, another] = [digestOf("image"), digestOf("another image")];
const by = (...signers: readonly Signer[]): Trust => trustKeys(signers.flatMap(({ pem }) => parseTrustedKeys(pem, "a key")));
const nameOf = ({ pem }: Signer): string => parseTrustedKeys(pem, "a key")[0].name;

const anotherKey = /^it is signed by another key, or was changed after it was signed$/;

describe("a signature of cosign, by a key", () => {
  const { payload, signature } = signSimple(own, image);
  const judge = (bytes = payload, sign = signature.toString("base64"), digest = image, trust = by(own)) =>
    judgeSimpleSignature(bytes, { [SIGNATURE_ANNOTATION]: sign }, digest, trust);

  it("holds, and says by which key", () => {
    expect(judge()).to.deep.equal({ signer: nameOf(own) });
  });

  it("holds with one key of several: a rotation is old, both, new", () => {
    const renewed = signSimple(other, image);
    const judgeBoth = (trust: Trust) => [
      judge(payload, signature.toString("base64"), image, trust),
      judge(renewed.payload, renewed.signature.toString("base64"), image, trust),
    ];
    expect(judgeBoth(by(own)).map((verdict) => "signer" in verdict)).to.deep.equal([true, false]);
    expect(judgeBoth(by(own, other))).to.deep.equal([{ signer: nameOf(own) }, { signer: nameOf(other) }]);
    expect(judgeBoth(by(other)).map((verdict) => "signer" in verdict)).to.deep.equal([false, true]);
  });

  const refusals = {
    "of another key": [judge(payload, signature.toString("base64"), image, by(other)), anotherKey],
    "whose signature was changed": [judge(payload, flip(signature).toString("base64")), anotherKey],
    "that was stripped": [judge(payload, ""), /^its signature is empty$/],
    "that was moved to another image": [
      judge(payload, signature.toString("base64"), another),
      /^its payload is about sha256:.*, not about /,
    ],
    "that is an older one of another image": [
      judge(payload, signature.toString("base64"), digestOf("a newer image")),
      /^its payload is about /,
    ],
    "whose payload was made to fit": [judge(signSimple(other, another).payload, signature.toString("base64"), another), anotherKey],
    "whose payload is not one": [judge(Buffer.from("{}")), /^its payload: critical is missing/],
    "whose payload is not JSON": [judge(Buffer.from("x")), /^its payload is not JSON$/],
  } as const;
  for (const [name, [verdict, message]] of Object.entries(refusals)) {
    it(`does not hold ${name}`, () => {
      expect("refusal" in verdict ? verdict.refusal : verdict).to.match(message);
    });
  }
});

describe("a bundle, by a key", () => {
  const statement = makeStatement(image);
  const bundle = signBundle(own, statement) as { dsseEnvelope: { payload: string; signatures: { sig: string }[]; payloadType: string } };
  const judge = (json: object = bundle, digest = image, trust = by(own), manifest?: Buffer) =>
    judgeBundle(Buffer.from(JSON.stringify(json)), digest, manifest, trust);
  const { dsseEnvelope } = bundle;
  const [{ sig } = { sig: "" }] = dsseEnvelope.signatures;

  it("holds with a statement of a signature, and with another one", () => {
    expect(judge()).to.deep.equal({ signer: nameOf(own), statement: parseStatement(statement, "it") });
    expect(judge(signBundle(own, makeStatement(image, SPDX)))).to.include({ signer: nameOf(own) });
  });

  it("holds with a mere signature of the manifest", () => {
    const manifest = Buffer.from("the manifest");
    const digest = digestOf(manifest);
    const messageSignature = {
      messageDigest: { algorithm: "SHA2_256", digest: Buffer.from(hexOf(digest), "hex").toString("base64") },
      signature: signBytes(own, manifest).toString("base64"),
    };
    expect(judge({ messageSignature }, digest, by(own), manifest)).to.deep.equal({ signer: nameOf(own) });
    expect(judge({ messageSignature }, digest, by(other), manifest))
      .to.have.property("refusal")
      .that.matches(anotherKey);
    expect(judge({ messageSignature }, image, by(own), manifest))
      .to.have.property("refusal")
      .that.matches(/^it is about sha256:/);
    expect(judge({ messageSignature }, digest, by(own))).to.have.property("refusal", "what it signs is not there");
  });

  const withEnvelope = (change: object): object => ({ ...bundle, dsseEnvelope: { ...dsseEnvelope, ...change } });
  const summary = (verificationResult: string): Buffer =>
    makeStatement(image, "https://slsa.dev/verification_summary/v1", { verificationResult });
  const refusals = {
    "of another key": [judge(bundle, image, by(other)), anotherKey],
    "whose signature was changed": [
      judge(withEnvelope({ signatures: [{ sig: flip(Buffer.from(sig, "base64")).toString("base64") }] })),
      anotherKey,
    ],
    "whose statement was made to fit": [judge(withEnvelope({ payload: makeStatement(another).toString("base64") }), another), anotherKey],
    "that was moved to another image": [judge(bundle, another), /^its statement is about sha256:.*, not about /],
    "whose payload is something else": [
      judge(withEnvelope({ payloadType: "text/plain" })),
      /^its payload is "text\/plain", which is not a statement$/,
    ],
    "whose payload is not a statement": [judge(withEnvelope({ payload: Buffer.from("{}").toString("base64") })), /^its payload: _type /],
    "that was stripped of its signature": [judge(withEnvelope({ signatures: [] })), /^its envelope: signatures /],
    "that has neither envelope nor signature": [judge({}), /^it has not one of an envelope and a signature$/],
    "that says that the image failed": [judge(signBundle(own, summary("FAILED"))), /^its statement says that the image failed a check/],
    "with a certificate": [
      judge({ ...signBundle(other, statement), verificationMaterial: { certificate: { rawBytes: "AAAA" } } }),
      /^it is signed with a certificate, and not by a key of the policy$/,
    ],
  } as const;
  for (const [name, [verdict, message]] of Object.entries(refusals)) {
    it(`does not hold ${name}`, () => {
      expect("refusal" in verdict ? verdict.refusal : verdict).to.match(message);
    });
  }

  it("holds when it says that the image passed", () => {
    expect(judge(signBundle(own, summary("PASSED")))).to.include({ signer: nameOf(own) });
  });
});

describe("any other byte", () => {
  const at = (bytes: Buffer): fc.Arbitrary<Buffer> =>
    fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([index, mask]) => {
      const copy = Buffer.from(bytes);
      copy[index] = (copy[index] ?? 0) ^ mask;
      return copy;
    });
  const { payload, signature } = signSimple(own, image);
  const statement = makeStatement(image, SPDX);
  const signed = signBytes(own, signedBytes(IN_TOTO, statement));
  const holds = (bytes: Buffer, sign: Buffer): boolean =>
    "signer" in judgeSimpleSignature(bytes, { [SIGNATURE_ANNOTATION]: sign.toString("base64") }, image, by(own));
  const holdsIn = (bytes: Buffer, sign: Buffer): boolean =>
    "signer" in
    judgeBundle(Buffer.from(JSON.stringify({ dsseEnvelope: describeEnvelope(envelopeOf(bytes, sign)) })), image, undefined, by(own));

  it("of a payload or a signature of cosign does not hold", () => {
    expect(holds(payload, signature)).to.equal(true);
    fc.assert(fc.property(at(payload), (changed) => !holds(changed, signature)));
    fc.assert(fc.property(at(signature), (changed) => !holds(payload, changed)));
  });

  it("of a statement or its signature does not hold", () => {
    expect(holdsIn(statement, signed)).to.equal(true);
    fc.assert(fc.property(at(statement), (changed) => !holdsIn(changed, signed)));
    fc.assert(fc.property(at(signed), (changed) => !holdsIn(statement, changed)));
  });
});

describe("a statement in the product's form", () => {
  const statement = makeStatement(image, SPDX);
  const manifestOf = (...layers: readonly Buffer[]): Buffer =>
    Buffer.from(JSON.stringify({ layers: layers.map((layer) => ({ digest: digestOf(layer) })) }));
  const judge = (bytes = statement, digest = image, manifest = manifestOf(statement)) =>
    judgeStoredStatement(manifest, bytes, digest, "the signer");

  it("holds, by whoever has signed its manifest", () => {
    expect(judge()).to.deep.equal({ signer: "the signer", statement: parseStatement(statement, "it") });
  });

  const refusals = {
    "that was changed": [judge(flip(statement)), /^its statement is not the one that was signed: sha256:/],
    "about another image": [judge(statement, another), /^its statement is about sha256:.*, not about /],
    "that is one of several": [judge(statement, image, manifestOf(statement, statement)), /^its manifest: layers is not one statement$/],
    "that is none": [judge(Buffer.from("[]"), image, manifestOf(Buffer.from("[]"))), /^its statement is not /],
  } as const;
  for (const [name, [verdict, message]] of Object.entries(refusals)) {
    it(`does not hold ${name}`, () => {
      expect("refusal" in verdict ? verdict.refusal : verdict).to.match(message);
    });
  }
});

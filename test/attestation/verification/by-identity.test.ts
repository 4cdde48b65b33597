import { before, describe, it } from "mocha";
import { SIGNATURE_ANNOTATION } from "../../../provider/attestation/formats/media-types.js";
import { judgeBundle } from "../../../provider/attestation/verification/bundle.js";
import { judgeStoredEnvelope } from "../../../provider/attestation/verification/envelope.js";
import { parseEnvelope } from "../../../provider/attestation/formats/dsse.js";
import { trustIdentity } from "../../../provider/attestation/verification/identity.js";
import { judgeSimpleSignature } from "../../../provider/attestation/verification/simple-signature.js";
import type { Trust } from "../../../provider/attestation/verification/trust.js";
import type { Verdict } from "../../../provider/attestation/verification/verdict.js";
import { digestOf } from "../../../provider/image/digest.js";
import { startSigstore, type KeylessBundle, type Sigstore } from "../../support/attestations/keyless.js";
import { flip, makeSigner, makeStatement, signBundle, signSimple } from "../../support/attestations/signer.js";
import { expect } from "../../support/expectations.js";

const [image, another] = [digestOf("image"), digestOf("another image")];
const refusalOf = (verdict: Verdict): string => ("refusal" in verdict ? verdict.refusal : `held: ${verdict.signer}`);
const flipText = (base64: string): string => flip(Buffer.from(base64, "base64")).toString("base64");

describe("a keyless signature", () => {
  let sigstore: Sigstore;
  let trust: Trust;
  let bundle: KeylessBundle;
  before(async () => {
    sigstore = await startSigstore();
    trust = trustIdentity(sigstore, sigstore.root, "root.json");
    bundle = await sigstore.signStatement(makeStatement(image));
  });
  const judge = (change: Partial<KeylessBundle> = {}, digest = image, by = trust): Verdict =>
    judgeBundle(Buffer.from(JSON.stringify({ ...bundle, ...change })), digest, undefined, by);
  const refused = (change: Partial<KeylessBundle>, digest = image, by = trust): string => refusalOf(judge(change, digest, by));

  it("in a bundle holds for just its identity and issuer", () => {
    const name = `${sigstore.identity} of ${sigstore.issuer}`;
    expect(judge()).to.include({ signer: name });
    const { identity, issuer } = sigstore;
    for (const wanted of [
      { identity: identity.replace(".pipeline", "xpipeline"), issuer },
      { identity: ".*", issuer },
      { identity: identity.slice(0, -1), issuer },
      { identity, issuer: "https://ci.example.org" },
    ])
      expect(refused({}, image, trustIdentity(wanted, sigstore.root, "root.json"))).to.equal(`it is signed by ${name}`);
  });

  it("in the form of cosign 2 holds too, in annotations of a layer", async () => {
    const { payload, annotations } = await sigstore.signSimple(image);
    const judgeIt = (change: Record<string, string> = {}, digest = image, bytes = payload): Verdict =>
      judgeSimpleSignature(bytes, { ...annotations, ...change }, digest, trust);
    expect(judgeIt()).to.deep.equal({ signer: `${sigstore.identity} of ${sigstore.issuer}` });
    expect(refusalOf(judgeIt({}, another))).to.match(/^its payload is about /);
    expect(refusalOf(judgeIt({ [SIGNATURE_ANNOTATION]: flipText(annotations[SIGNATURE_ANNOTATION] ?? "") }))).to.equal(
      "its signature does not match what it signs",
    );
    expect(refusalOf(judgeIt({}, another, (await sigstore.signSimple(another)).payload))).to.equal(
      "its signature does not match what it signs",
    );
    const other = await sigstore.signSimple(image);
    const swapped = { "dev.sigstore.cosign/bundle": other.annotations["dev.sigstore.cosign/bundle"] ?? "" };
    expect(refusalOf(judgeIt(swapped))).to.match(/^its entry in the transparency log does not hold: /);
    expect(refusalOf(judgeIt({ "dev.sigstore.cosign/bundle": "{}" }))).to.match(/^its log entry: SignedEntryTimestamp /);
    expect(refusalOf(judgeIt({ "dev.sigstore.cosign/certificate": "x" }))).to.match(/^it cannot be read: /);
  });

  it("in an envelope of cosign 2 needs a certificate and a log entry too", async () => {
    const { annotations } = await sigstore.signSimple(image);
    const envelope = parseEnvelope(JSON.stringify(bundle.dsseEnvelope), "it");
    expect(refusalOf(judgeStoredEnvelope(envelope, {}, image, trust))).to.equal("it is signed by a key, and not with a certificate");
    expect(refusalOf(judgeStoredEnvelope(envelope, annotations, image, trust))).to.equal("its signature does not match what it signs");
  });

  it("does not hold with a changed signature, statement, certificate, log entry or time", () => {
    const { dsseEnvelope, verificationMaterial } = bundle;
    const { payload, signatures, payloadType } = dsseEnvelope as { payload: string; payloadType: string; signatures: { sig: string }[] };
    const changed = flipText(signatures[0]?.sig ?? "");
    const withMaterial = (change: object): Partial<KeylessBundle> => ({ verificationMaterial: { ...verificationMaterial, ...change } });
    const entryWith = (change: object): Partial<KeylessBundle> =>
      withMaterial({ tlogEntries: verificationMaterial.tlogEntries.map((entry) => ({ ...entry, ...change })) });
    expect(refused({ dsseEnvelope: { payloadType, payload, signatures: [{ sig: changed }] } })).to.equal(
      "its signature does not match what it signs",
    );
    const moved = { payloadType, payload: makeStatement(another).toString("base64"), signatures };
    expect(refused({ dsseEnvelope: moved })).to.match(/^its statement is about sha256:/);
    expect(refused({ dsseEnvelope: moved }, another)).to.equal("its signature does not match what it signs");
    const der = Buffer.from(verificationMaterial.certificate.rawBytes, "base64");
    // The last byte is of the authority's signature.
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
    expect(refused(withMaterial({ certificate: { rawBytes: der.toString("base64") } }))).to.match(
      /^its certificate does not hold under the trusted root: /,
    );
    expect(refused(withMaterial({ certificate: { rawBytes: "AAAA" } }))).to.equal("its certificate cannot be read");
    expect(refused(entryWith({ canonicalizedBody: Buffer.from("{}").toString("base64") }))).to.match(/^its entry in the transparency log /);
    expect(refused(entryWith({ integratedTime: "1" }))).to.match(/^its certificate does not hold under the trusted root: /);
    expect(refused(withMaterial({ tlogEntries: [] }))).to.match(/^its time of signing is not proven: /);
  });

  it("needs a timestamp where the log has no time of its own", async () => {
    const timed = await sigstore.signTimed(makeStatement(image));
    expect(judge(timed)).to.include({ signer: `${sigstore.identity} of ${sigstore.issuer}` });
    const { timestampVerificationData: _, ...timeless } = timed.verificationMaterial;
    expect(refused({ ...timed, verificationMaterial: timeless })).to.match(
      /^its time of signing is not proven: expected 1 timestamps, got 0$/,
    );
    const other = await sigstore.signTimed(makeStatement(image));
    const { timestampVerificationData } = other.verificationMaterial;
    expect(
      refused({ ...timed, verificationMaterial: { ...timeless, ...(timestampVerificationData && { timestampVerificationData }) } }),
    ).to.match(/^its time of signing is not proven: /);
  });

  it("does not hold under the root of another Sigstore, and not by a key", async () => {
    const elsewhere = await startSigstore();
    expect(refused({}, image, trustIdentity(sigstore, elsewhere.root, "root.json"))).to.match(/^its certificate does not hold under /);
    const byKey = makeSigner();
    const json = Buffer.from(JSON.stringify(signBundle(byKey, makeStatement(image))));
    expect(refusalOf(judgeBundle(json, image, undefined, trust))).to.equal("it is signed by a key, and not with a certificate");
    const { payload, signature } = signSimple(byKey, image);
    const annotations = { [SIGNATURE_ANNOTATION]: signature.toString("base64") };
    expect(refusalOf(judgeSimpleSignature(payload, annotations, image, trust))).to.equal(
      "it is signed by a key, and not with a certificate",
    );
  });

  it("needs a trusted root that can be read", () => {
    const open = (json: string) => () => trustIdentity(sigstore, json, "root.json");
    expect(open("x")).to.throwError({ code: "invalid", message: /^root\.json is not JSON$/, hint: /cosign trusted-root create/ });
    expect(open("{}")).to.throwError({ code: "invalid", message: /^root\.json is not a trusted root: it has no certificate authority$/ });
    expect(open('{"tlogs":[{"publicKey":{}}]}')).to.throwError({ code: "invalid", message: /^root\.json is not a trusted root: / });
  });
});

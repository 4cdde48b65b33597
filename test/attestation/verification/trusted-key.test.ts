import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { productKeys } from "../../../provider/attestation/verification/product-keys.js";
import { isSignedBy, MINIMUM_RSA_BITS, parseTrustedKeys } from "../../../provider/attestation/verification/trusted-key.js";
import { flip, makeSigner, signBytes, type KeyKind } from "../../support/attestations/signer.js";
import { expect } from "../../support/expectations.js";

const pemOf = (modulusLength: number): string =>
  generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ type: "spki", format: "pem" }).toString();

describe("a trusted key", () => {
  for (const kind of ["P-256", "P-384", "P-521", "RSA", "Ed25519"] satisfies KeyKind[]) {
    it(`of ${kind} accepts its own signature, and neither another one nor one of other bytes`, () => {
      const signer = makeSigner(kind);
      const [{ key }] = parseTrustedKeys(signer.pem, "it");
      const bytes = Buffer.from("what is signed");
      const signature = signBytes(signer, bytes, kind);
      expect(isSignedBy(key, bytes, signature)).to.equal(true);
      expect(isSignedBy(key, flip(bytes), signature)).to.equal(false);
      expect(isSignedBy(key, bytes, flip(signature))).to.equal(false);
      expect(isSignedBy(key, bytes, Buffer.alloc(0))).to.equal(false);
      expect(isSignedBy(parseTrustedKeys(makeSigner(kind).pem, "it")[0].key, bytes, signature)).to.equal(false);
    });
  }

  it("on a longer curve accepts SHA-256 too, which cosign 2 takes for every key", () => {
    const signer = makeSigner("P-384");
    const bytes = Buffer.from("what is signed");
    expect(isSignedBy(parseTrustedKeys(signer.pem, "it")[0].key, bytes, signBytes(signer, bytes, "P-256"))).to.equal(true);
  });

  it("may stand beside others in one text", () => {
    expect(parseTrustedKeys(`${makeSigner().pem}\n${makeSigner("Ed25519").pem}`, "it")).to.have.length(2);
  });

  it("is named by its fingerprint", () => {
    expect(parseTrustedKeys(productKeys, "it")[0].name).to.equal("key sha256:118ba556dd52");
  });

  const secret = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  for (const [name, pem, message] of [
    ["nothing", "", /^cosign\.pub has no public key$/],
    ["a private key", secret, /^cosign\.pub has a private key, which is not a public key$/],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", /has a certificate, which is not a public key/],
    ["damaged text", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", /has a public key that cannot be read/],
    ["a weak RSA key", pemOf(MINIMUM_RSA_BITS - 1024), /has an RSA key of 1024 bits, which is too weak/],
    ["a key for X25519", exported("x25519"), /has a key of the type x25519, which does not sign/],
    ["another curve", curve("secp256k1"), /has a key on the curve secp256k1, which signatures do not use/],
  ] as const) {
    it(`is not ${name}, and the error does not quote it`, () => {
      expect(() => parseTrustedKeys(pem, "cosign.pub")).to.throwError({ code: "invalid", message });
    });
  }

  it("may be of the least size for RSA", () => {
    expect(parseTrustedKeys(pemOf(MINIMUM_RSA_BITS), "it")).to.have.length(1);
  });
});

describe("the product's key", () => {
  const folder = process.env["DHI_FIXTURES"];
  it("is the active one of its keyring", function () {
    if (folder === undefined) return this.skip();
    expect(productKeys).to.equal(readFileSync(join(folder, "dhi-keyring", "2.pub"), "utf8"));
  });
});

function exported(type: "x25519"): string {
  return generateKeyPairSync(type).publicKey.export({ type: "spki", format: "pem" }).toString();
}

function curve(namedCurve: string): string {
  return generateKeyPairSync("ec", { namedCurve }).publicKey.export({ type: "spki", format: "pem" }).toString();
}

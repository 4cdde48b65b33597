import { afterEach, beforeEach, describe, it } from "mocha";
import { describeEnvelope, envelopeOf, signedBytes } from "../../../provider/attestation/formats/dsse.js";
import { BUNDLE, DSSE_ENVELOPE, IN_TOTO } from "../../../provider/attestation/formats/media-types.js";
import { SPDX } from "../../../provider/attestation/formats/predicate-types.js";
import { digestOf, type Digest } from "../../../provider/image/digest.js";
import { parseReference, parseRepository } from "../../../provider/image/reference.js";
import { parseVerify } from "../../../provider/pipeline/spec/verify.js";
import type { Outcome } from "../../../provider/pipeline/verify/verify-image.js";
import { verifyImage } from "../../../provider/pipeline/verify/verify-image.js";
import { openPolicy } from "../../../provider/pipeline/verify/policy.js";
import { verifyNamed } from "../../../provider/pipeline/verify/verify-named.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import {
  asDigest,
  attachBundle,
  attachLayers,
  attachStatement,
  openNamed,
  signByReferrer,
  signUnderTag,
  simpleLayer,
} from "../../support/attestations/attach.js";
import { startSigstore } from "../../support/attestations/keyless.js";
import { makeSigner, makeStatement, signBundle, signBytes } from "../../support/attestations/signer.js";
import { expect } from "../../support/expectations.js";
import { baseParts, Workshop } from "../workshop.js";

const [own, other] = [makeSigner(), makeSigner()];

describe("verifying an image in a repository", () => {
  let shop: Workshop;
  let digest: Digest;
  let at: ImageRepository;
  beforeEach(async () => {
    shop = await Workshop.open();
    digest = asDigest(await shop.put("oci:base", "1", baseParts("1")));
    at = openNamed(shop.session().repositories, "oci:base");
  });
  afterEach(() => shop.remove());

  const verifyBy = async (policy: object, ref = "oci:base:1"): Promise<Outcome> => {
    const { repositories } = shop.session();
    return (await verifyNamed(repositories, shop.folder, parseReference(ref), parseVerify(policy, "verify"))).outcome;
  };
  const found = async (policy: object = { keys: [own.pem] }): Promise<readonly string[]> => {
    const outcome = await verifyBy(policy);
    return "found" in outcome ? outcome.found : [`signed by ${outcome.signer}`];
  };
  const signedBy = async (policy: object = { keys: [own.pem] }): Promise<boolean> => "signer" in (await verifyBy(policy));

  it("finds nothing where nothing is", async () => {
    expect(await found()).to.deep.equal(["no signature in oci:base", "linux/amd64: no signature in oci:base"]);
  });

  it("accepts a signature under a tag, by a referrer, and in a bundle", async () => {
    for (const sign of [
      () => signUnderTag(at, own, digest),
      () => signByReferrer(at, own, digest),
      () => attachBundle(at, own, digest, makeStatement(digest)),
      () => attachBundle(at, own, digest, makeStatement(digest, SPDX)),
      () => attachStatement(at, own, digest, makeStatement(digest, SPDX)),
    ]) {
      await shop.put("oci:base", "1", baseParts("1"));
      expect(await signedBy()).to.equal(false);
      await sign();
      expect(await signedBy()).to.equal(true);
      expect(await signedBy({ keys: [other.pem] })).to.equal(false);
      await shop.remove();
    }
  });

  it("accepts an envelope under a tag", async () => {
    const statement = makeStatement(digest, SPDX);
    const bytes = Buffer.from(JSON.stringify(describeEnvelope(envelopeOf(statement, signBytes(own, signedBytes(IN_TOTO, statement))))));
    await attachLayers(at, { tag: `sha256-${digest.slice(7)}.att` }, [{ bytes, mediaType: DSSE_ENVELOPE }]);
    expect(await signedBy()).to.equal(true);
    expect((await found({ keys: [other.pem] }))[0]).to.match(/^sha256-[0-9a-f]{64}\.att: it is signed by another key/);
  });

  it("accepts the signatures of all manifests that are used, where the index has none", async () => {
    const index = JSON.parse((await at.getManifest(digest))?.bytes.toString() ?? "") as { manifests: { digest: Digest }[] };
    const [amd64, arm64] = index.manifests.map((child) => child.digest);
    await attachStatement(at, own, asDigest(amd64), makeStatement(asDigest(amd64), SPDX));
    expect(await found()).to.deep.equal(["no signature in oci:base", "linux/arm64: no signature in oci:base"]);
    const { repositories } = shop.session();
    const policy = await openPolicy(shop.folder, parseVerify({ keys: [own.pem] }, "verify"));
    const repository = parseRepository("oci:base");
    const subject = { repository, digest, places: [repository] };
    expect(await verifyImage(repositories, { ...subject, platforms: ["linux/amd64"] }, policy)).to.have.property("signer");
    expect(await verifyImage(repositories, { ...subject, platforms: ["linux/arm64"] }, policy)).to.have.property("found");
    expect(await verifyImage(repositories, { ...subject, platforms: ["linux/s390x"] }, policy)).to.have.property("found");
    await signByReferrer(at, own, asDigest(arm64));
    expect(await signedBy()).to.equal(true);
  });

  it("says of everything that it finds why it does not hold", async () => {
    const another = asDigest(await shop.put("oci:base", "2", baseParts("2")));
    await attachLayers(at, { tag: `sha256-${digest.slice(7)}.sig` }, [simpleLayer(own, another), simpleLayer(other, digest)]);
    await attachStatement(at, undefined, digest, makeStatement(digest, SPDX));
    await attachLayers(at, { subject: digest, artifactType: BUNDLE }, [{ bytes: Buffer.from("{"), mediaType: BUNDLE }]);
    const lines = (await found()).filter((line) => !line.startsWith("linux/"));
    expect(lines.slice(0, 2)).to.deep.equal([
      `sha256-${digest.slice(7)}.sig, layer 1: its payload is about ${another}, not about ${digest}`,
      `sha256-${digest.slice(7)}.sig, layer 2: it is signed by another key, or was changed after it was signed`,
    ]);
    expect(
      lines
        .slice(2)
        .sort()
        .map((line) => line.replace(/^the referrer sha256:[0-9a-f]{12}: /, "")),
    ).to.have.members(["it is not JSON", "it is not signed"]);
  });

  it("refuses a statement that has the signature of another one", async () => {
    const forged = await attachStatement(at, undefined, digest, makeStatement(digest, SPDX, { forged: true }));
    const signed = digestOf("the manifest of a signed statement");
    await signByReferrer(at, own, forged.digest, signed);
    expect((await found())[0]).to.match(
      new RegExp(`, signed by sha256:[0-9a-f]{12}: its payload is about ${signed}, not about ${forged.digest}$`),
    );
  });

  it("looks in a second repository", async () => {
    await attachStatement(openNamed(shop.session().repositories, "oci:signatures"), own, digest, makeStatement(digest, SPDX));
    expect(await signedBy()).to.equal(false);
    expect(await signedBy({ keys: [own.pem], source: "oci:signatures" })).to.equal(true);
    expect((await found({ keys: [other.pem], source: "oci:signatures" }))[0]).to.match(
      /^the referrer .* in oci:signatures: it is signed by another key/,
    );
  });

  it("accepts the identity of a keyless signature, by a trusted root in a file", async () => {
    const sigstore = await startSigstore();
    await shop.write("root.json", sigstore.root);
    const { identity, issuer } = sigstore;
    const policy = { identity, issuer, sigstore: { trustedRoot: "root.json" } };
    const { payload, annotations } = await sigstore.signSimple(digest);
    const layer = { bytes: payload, mediaType: simpleLayer(own, digest).mediaType, annotations };
    await attachLayers(at, { tag: `sha256-${digest.slice(7)}.sig` }, [layer]);
    expect(await verifyBy(policy)).to.deep.equal({ signer: `${identity} of ${issuer}` });
    expect((await found({ ...policy, identity: "someone" }))[0]).to.match(/\.sig: it is signed by https:\/\/ci\.example\.com/);
    expect((await found())[0]).to.match(/\.sig: it is signed with a certificate, and not by a key of the policy$/);
  });

  it("rotates keys: old, both, new", async () => {
    await shop.write("old.pub", own.pem);
    await shop.write("new.pub", other.pem);
    const policies = [{ keys: ["old.pub"] }, { keys: ["old.pub", "new.pub"] }, { keys: ["new.pub"] }];
    const holds = async (): Promise<readonly boolean[]> => [
      await signedBy(policies[0]),
      await signedBy(policies[1]),
      await signedBy(policies[2]),
    ];
    await attachBundle(at, own, digest, makeStatement(digest));
    expect(await holds()).to.deep.equal([true, true, false]);
    await attachBundle(at, other, digest, makeStatement(digest));
    expect(await holds()).to.deep.equal([true, true, true]);
    const next = asDigest(await shop.put("oci:base", "1", baseParts("2")));
    await attachBundle(at, other, next, makeStatement(next));
    expect(await holds()).to.deep.equal([false, true, true]);
  });

  it("says that an image is not there", async () => {
    await expect(verifyBy({ keys: [own.pem] }, "oci:base:none")).to.be.rejectedWithError({
      code: "not-found",
      message: /oci:base:none does not exist/,
    });
    await expect(verifyBy({ keys: [own.pem] }, `oci:base@${digestOf("none")}`)).to.be.rejectedWithError({ code: "not-found" });
  });

  it("does not believe a hint of a key", async () => {
    const bundle = { ...signBundle(other, makeStatement(digest)), verificationMaterial: { publicKey: { hint: own.pem } } };
    await attachLayers(at, { subject: digest, artifactType: BUNDLE }, [{ bytes: Buffer.from(JSON.stringify(bundle)), mediaType: BUNDLE }]);
    expect(await signedBy()).to.equal(false);
  });
});

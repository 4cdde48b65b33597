import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { describe, it } from "mocha";
import { parseEnvelope, signedBytes } from "../../../provider/attestation/formats/dsse.js";
import { BUNDLE, IN_TOTO } from "../../../provider/attestation/formats/media-types.js";
import { COSIGN_SIGN, OPENVEX, SPDX } from "../../../provider/attestation/formats/predicate-types.js";
import { encodeStatement } from "../../../provider/attestation/formats/statement.js";
import { localKey } from "../../../provider/attestation/keys/signing-key.js";
import { keySigner } from "../../../provider/attestation/signing/key-signer.js";
import type { Signer } from "../../../provider/attestation/signing/signer.js";
import { DhiError } from "../../../provider/errors.js";
import { hexOf, isDigest, type Digest } from "../../../provider/image/digest.js";
import { parseManifest } from "../../../provider/image/manifest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { attachAttestations, detachAttestations } from "../../../provider/pipeline/attest/attach.js";
import type { AttestedSubject } from "../../../provider/pipeline/attest/attested-subject.js";
import { describeAttached, parseAttached, type Attached } from "../../../provider/pipeline/attest/attached.js";
import { findLostAttestations } from "../../../provider/pipeline/attest/find-lost.js";
import { subjectsOf } from "../../../provider/pipeline/attest/subjects.js";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect, expectThat } from "../../support/expectations.js";
import { attach } from "../../support/images/referrer.js";
import { publishImage, readAll, testImage, type TestImage } from "../../support/registries/images.js";
import { cleanup } from "../../support/running-test.js";
import { failing } from "../../support/session/failing.js";
import { keepRow, makeWorkplace, openSession } from "../../support/session/session.js";

const destination = parseRepository("oci:images");
const makeKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const signerOf = (key = makeKey()): Signer => keySigner(localKey(key, "the key"));

function statement(predicateType: string, subject: Digest, predicate: object = {}) {
  const bytes = encodeStatement({
    subjects: [{ name: "image", digest: { sha256: hexOf(subject) } }],
    predicateType,
    predicate: { ...predicate },
  });
  return { predicateType, bytes, subject };
}

interface Stage {
  readonly session: Session;
  readonly repository: ImageRepository;
  readonly image: TestImage;
  readonly subjects: (vex?: object) => readonly AttestedSubject[];
}

async function openStage(): Promise<Stage> {
  const place = await makeWorkplace();
  cleanup(place.remove);
  const session = openSession(place);
  const repository = session.repositories.open(destination);
  const image = testImage(100);
  await publishImage(repository, image, "1");
  const subjects = (vex: object = { version: 1 }) =>
    subjectsOf(image.index, [statement(SPDX, image.manifest.digest, { name: "sbom" }), statement(OPENVEX, image.index.digest, vex)]);
  return { session, repository, image, subjects };
}

const tagOf = (subject: Digest, ending = "") => `sha256-${hexOf(subject)}${ending}`;

async function layersAt(
  repository: ImageRepository,
  tag: string,
): Promise<readonly { type: string | undefined; bytes: Buffer; signature: string | undefined }[]> {
  const stored = await repository.getManifest(tag);
  if (stored === undefined) return [];
  return Promise.all(
    parseManifest(stored.bytes, tag).layers.map(async (layer) => ({
      type: layer.annotations?.["predicateType"],
      signature: layer.annotations?.["dev.cosignproject.cosign/signature"],
      bytes: await readAll(repository.readBlob(layer)),
    })),
  );
}

/** Predicate types of the bundles that refer to a subject, sorted. */
async function referrerTypes(repository: ImageRepository, subject: Digest): Promise<readonly string[]> {
  const listed = await repository.listReferrers(subject);
  const found = await Promise.all((listed ?? []).map((digest) => repository.getManifest(digest)));
  return found
    .map((stored) => {
      const { artifactType, annotations } = JSON.parse(stored?.bytes.toString() ?? "") as {
        artifactType: string;
        annotations: Record<string, string>;
      };
      return artifactType === BUNDLE || artifactType === IN_TOTO
        ? `${artifactType === BUNDLE ? "" : "unsigned "}${annotations["in-toto.io/predicate-type"] ?? ""}`
        : artifactType;
    })
    .sort();
}

describe("attaching", () => {
  it("signs each subject, and writes each statement as bundle and envelope", async () => {
    const { session, repository, image, subjects } = await openStage();
    const key = makeKey();
    const attached = await attachAttestations(session, destination, subjects(), signerOf(key), {}, keepRow());
    expect(Object.keys(attached).sort()).to.deep.equal([image.index.digest, image.manifest.digest].sort());
    expect(await referrerTypes(repository, image.index.digest)).to.deep.equal([OPENVEX, COSIGN_SIGN]);
    expect(await referrerTypes(repository, image.manifest.digest)).to.deep.equal([COSIGN_SIGN, SPDX]);
    const [signature, ...rest] = await layersAt(repository, tagOf(image.index.digest, ".sig"));
    expectThat(signature !== undefined && rest.length === 0);
    expect(JSON.parse(signature.bytes.toString())).to.have.nested.property("critical.image.docker-manifest-digest", image.index.digest);
    const publicKey = createPublicKey(key);
    expect(verify("sha256", signature.bytes, publicKey, Buffer.from(signature.signature ?? "", "base64"))).to.equal(true);
    const [envelope] = await layersAt(repository, tagOf(image.manifest.digest, ".att"));
    expect(envelope?.type).to.equal(SPDX);
    const { payload, signatures } = parseEnvelope(envelope?.bytes ?? "", "the envelope");
    expect(verify("sha256", signedBytes(IN_TOTO, payload), publicKey, signatures[0] ?? Buffer.alloc(0))).to.equal(true);
    expect(envelope?.bytes.toString()).to.not.include("keyid");
  });

  it("leaves the image as it was", async () => {
    const { session, repository, image, subjects } = await openStage();
    await attachAttestations(session, destination, subjects(), signerOf(), {}, keepRow());
    expect((await repository.headManifest("1"))?.digest).to.equal(image.index.digest);
  });

  it("writes nothing where all is there, also where state says nothing of it", async () => {
    const { session, repository, image, subjects } = await openStage();
    const signer = signerOf();
    const attached = await attachAttestations(session, destination, subjects(), signer, {}, keepRow());
    const before = await everything(repository, image);
    const readOnly = failing(session, (method) =>
      method.startsWith("put") || method.startsWith("delete") ? new DhiError("rejected", method) : undefined,
    );
    expect(await attachAttestations(readOnly, destination, subjects(), signer, attached, keepRow())).to.deep.equal(attached);
    // An interrupted create has written all and kept nothing.
    expect(await attachAttestations(readOnly, destination, subjects(), signer, {}, keepRow())).to.deep.equal(attached);
    expect(await everything(repository, image)).to.deep.equal(before);
  });

  it("replaces its own statement, and leaves those of others", async () => {
    const { session, repository, image, subjects } = await openStage();
    const [ours, theirs] = [signerOf(), signerOf()];
    const other = statement(OPENVEX, image.index.digest, { author: "others" });
    await attachAttestations(session, destination, subjectsOf(image.index, [other]), theirs, {}, keepRow());
    const foreign = await attach(repository, image.index, "application/vnd.other");
    const first = await attachAttestations(session, destination, subjects({ version: 1 }), ours, {}, keepRow());
    const second = await attachAttestations(session, destination, subjects({ version: 2 }), ours, first, keepRow());
    const texts = (await layersAt(repository, tagOf(image.index.digest, ".att"))).map(({ bytes }) =>
      parseEnvelope(bytes, "it").payload.toString(),
    );
    expect(texts).to.have.length(2);
    expect(texts[0]).to.include("others");
    expect(texts[1]).to.include('"version":2');
    expect(await layersAt(repository, tagOf(image.index.digest, ".sig"))).to.have.length(2);
    expect(await referrerTypes(repository, image.index.digest)).to.deep.equal([
      "application/vnd.other",
      OPENVEX,
      OPENVEX,
      COSIGN_SIGN,
      COSIGN_SIGN,
    ]);
    expect(await repository.listReferrers(image.index.digest)).to.include(foreign.digest);
    // What has not changed was not signed again.
    expect(second[image.manifest.digest]).to.deep.equal(first[image.manifest.digest]);
    // A layout has the fallback tag too, for tools that look there.
    const list = await repository.getManifest(tagOf(image.index.digest));
    expect(list?.bytes.toString()).to.include(`"artifactType":"${BUNDLE}"`);
    for (const { referrer } of second[image.index.digest]?.statements ?? []) expect(list?.bytes.toString()).to.include(referrer);
    for (const { referrer, type } of first[image.index.digest]?.statements ?? []) {
      if (type === OPENVEX) expect(list?.bytes.toString()).to.not.include(referrer);
    }
  });

  it("signs again with another key, and takes the earlier signatures away", async () => {
    const { session, repository, image, subjects } = await openStage();
    const [before, after] = [makeKey(), makeKey()];
    const first = await attachAttestations(session, destination, subjects(), signerOf(before), {}, keepRow());
    const second = await attachAttestations(session, destination, subjects(), signerOf(after), first, keepRow());
    const [signature, ...rest] = await layersAt(repository, tagOf(image.index.digest, ".sig"));
    expectThat(signature !== undefined && rest.length === 0);
    const value = Buffer.from(signature.signature ?? "", "base64");
    expect(verify("sha256", signature.bytes, createPublicKey(after), value)).to.equal(true);
    expect(await referrerTypes(repository, image.index.digest)).to.deep.equal([OPENVEX, COSIGN_SIGN]);
    expect(second[image.index.digest]?.signer).to.not.equal(first[image.index.digest]?.signer);
  });

  it("attaches statements without a signature where nobody signs", async () => {
    const { session, repository, image, subjects } = await openStage();
    const attached = await attachAttestations(session, destination, subjects(), undefined, {}, keepRow());
    expect(await referrerTypes(repository, image.index.digest)).to.deep.equal([`unsigned ${OPENVEX}`]);
    expect(await repository.listTags()).to.not.include(tagOf(image.index.digest, ".att"));
    // Signed later, the unsigned ones go.
    await attachAttestations(session, destination, subjects(), signerOf(), attached, keepRow());
    expect(await referrerTypes(repository, image.index.digest)).to.deep.equal([OPENVEX, COSIGN_SIGN]);
  });

  it("goes on where it was interrupted, at each write", async () => {
    const { session, repository, image, subjects } = await openStage();
    const signer = signerOf();
    let kept: Attached = {};
    let failures = 0;
    for (let allowed = 0; ; allowed += 1) {
      let left = allowed;
      const broken = failing(session, (method) =>
        method === "putManifest" && left-- <= 0 ? new DhiError("unavailable", "the wire is cut") : undefined,
      );
      try {
        kept = await attachAttestations(broken, destination, subjects(), signer, kept, keepRow(), (now) => (kept = now));
        break;
      } catch (thrown) {
        expect(thrown).to.be.instanceOf(DhiError).with.property("origin", "destination");
        failures += 1;
      }
    }
    expect(failures).to.be.above(2);
    for (const digest of [image.index.digest, image.manifest.digest]) {
      expect(await layersAt(repository, tagOf(digest, ".sig"))).to.have.length(1);
      expect(await layersAt(repository, tagOf(digest, ".att"))).to.have.length(1);
      expect(await repository.listReferrers(digest)).to.have.length(2);
    }
  });

  it("tells what is lost, and brings it back", async () => {
    const { session, repository, image, subjects } = await openStage();
    const signer = signerOf();
    const attached = await attachAttestations(session, destination, subjects(), signer, {}, keepRow());
    expect(await findLostAttestations(session, destination, attached)).to.deep.equal([]);
    await repository.deleteTag(tagOf(image.index.digest, ".att"));
    const [statementOfManifest] = attached[image.manifest.digest]?.statements ?? [];
    expectThat(statementOfManifest !== undefined);
    await repository.deleteManifest(statementOfManifest.referrer);
    expect([...(await findLostAttestations(session, destination, attached))].sort()).to.deep.equal(
      [image.index.digest, image.manifest.digest].sort(),
    );
    const again = await attachAttestations(session, destination, subjects(), signer, attached, keepRow());
    expect(await findLostAttestations(session, destination, again)).to.deep.equal([]);
    expect(await layersAt(repository, tagOf(image.index.digest, ".att"))).to.have.length(1);
    expect(await repository.listReferrers(image.manifest.digest)).to.have.length(2);
  });

  it("takes away what was attached, and nothing of others", async () => {
    const { session, repository, image, subjects } = await openStage();
    const foreign = await attach(repository, image.manifest, "application/vnd.other");
    const attached = await attachAttestations(session, destination, subjects(), signerOf(), {}, keepRow());
    const left = await detachAttestations(session, destination, new Set([image.index.digest]), attached, keepRow());
    expect(Object.keys(left)).to.deep.equal([image.manifest.digest]);
    expect(await repository.listReferrers(image.index.digest)).to.deep.equal([]);
    expect(await repository.listTags()).to.deep.equal(["1", ...["", ".att", ".sig"].map((ending) => tagOf(image.manifest.digest, ending))]);
    expect(await detachAttestations(session, destination, new Set([image.manifest.digest]), left, keepRow())).to.deep.equal({});
    expect(await repository.listTags()).to.deep.equal(["1"]);
    expect(await repository.listReferrers(image.manifest.digest)).to.deep.equal([foreign.digest]);
  });

  it("refuses a tag that has something else, and leaves it", async () => {
    const { session, repository, image, subjects } = await openStage();
    await repository.putManifest(tagOf(image.index.digest, ".sig"), image.index);
    await expect(attachAttestations(session, destination, subjects(), signerOf(), {}, keepRow())).to.be.rejectedWithError({
      code: "conflict",
      message: /\.sig is a .*index/,
      hint: /Remove the tag/,
    });
    expect((await repository.headManifest(tagOf(image.index.digest, ".sig")))?.digest).to.equal(image.index.digest);
  });

  it("two images of one digest attach once, each in its turn", async () => {
    const { session, repository, image, subjects } = await openStage();
    const signer = signerOf();
    const [one, other] = await Promise.all([1, 2].map(() => attachAttestations(session, destination, subjects(), signer, {}, keepRow())));
    expect(one).to.deep.equal(other);
    expect(await layersAt(repository, tagOf(image.index.digest, ".sig"))).to.have.length(1);
  });

  it("is kept in state and read from there", async () => {
    const { session, subjects } = await openStage();
    const attached = await attachAttestations(session, destination, subjects(), signerOf(), {}, keepRow());
    const value = JSON.parse(JSON.stringify(describeAttached(attached))) as Readonly<Record<string, unknown>>;
    expect(parseAttached(value["__attached"])).to.deep.equal(attached);
    expect(describeAttached({})).to.deep.equal({});
    for (const other of [undefined, null, "x", { x: {} }]) expect(parseAttached(other)).to.deep.equal({});
  });

  it("is about the image: a statement about another is refused", async () => {
    const { image } = await openStage();
    const stray = statement(SPDX, `sha256:${"0".repeat(64)}`);
    expect(() => subjectsOf(image.index, [stray])).to.throwError({ code: "mismatch", message: /is not part of/ });
  });
});

/** What the repository has: tags, and what refers to both subjects. */
async function everything(repository: ImageRepository, { index, manifest }: TestImage): Promise<object> {
  const tags = await repository.listTags();
  const heads = await Promise.all(tags.map(async (tag) => [tag, (await repository.headManifest(tag))?.digest] as const));
  const referrers = await Promise.all([index, manifest].map(({ digest }) => repository.listReferrers(digest)));
  expect(heads.every(([, digest]) => isDigest(digest))).to.equal(true);
  return { heads: Object.fromEntries(heads), referrers };
}

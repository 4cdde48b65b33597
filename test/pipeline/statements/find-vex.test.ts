import { beforeEach, describe, it } from "mocha";
import { describeEnvelope, envelopeOf } from "../../../provider/attestation/formats/dsse.js";
import { BUNDLE, DSSE_ENVELOPE, IN_TOTO } from "../../../provider/attestation/formats/media-types.js";
import { OPENVEX } from "../../../provider/attestation/formats/predicate-types.js";
import { encodeStatement } from "../../../provider/attestation/formats/statement.js";
import { hexOf, type Digest } from "../../../provider/image/digest.js";
import { OCI_INDEX, OCI_MANIFEST } from "../../../provider/image/media-types.js";
import { parseReference } from "../../../provider/image/reference.js";
import { findVex } from "../../../provider/pipeline/statements/find-vex.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository, Repositories, StoredManifest } from "../../../provider/registry/repository.js";
import { expect } from "../../support/expectations.js";
import { storedManifest, testBlob } from "../../support/registries/images.js";
import { cleanup } from "../../support/running-test.js";
import { makeWorkplace } from "../../support/session/session.js";

const document = (name: string, timestamp = "2026-01-01T00:00:00Z"): object => ({
  "@context": OPENVEX,
  "@id": name,
  timestamp,
  statements: [],
});
const statementOf = (about: Digest, name: string, fields: object = {}): Buffer =>
  encodeStatement({
    subjects: [{ name: "", digest: { sha256: hexOf(about) } }],
    predicateType: OPENVEX,
    predicate: { ...document(name) },
    ...fields,
  });
const envelope = (statement: Buffer): object => describeEnvelope(envelopeOf(statement, Buffer.from("signature")));

/** The bytes of a statement in one of the forms in which it is attached. */
const forms: Readonly<Record<string, (statement: Buffer) => Buffer>> = {
  [BUNDLE]: (statement) => Buffer.from(JSON.stringify({ mediaType: BUNDLE, dsseEnvelope: envelope(statement) })),
  [DSSE_ENVELOPE]: (statement) => Buffer.from(JSON.stringify(envelope(statement))),
  [IN_TOTO]: (statement) => statement,
};

let repositories: Repositories;
let to: ImageRepository;
let manifest: StoredManifest;
let index: StoredManifest;

async function put(
  layers: readonly (readonly [type: string, bytes: Buffer])[],
  subject: StoredManifest | undefined,
  tag?: string,
): Promise<StoredManifest> {
  const blobs = layers.map(([type, bytes]) => testBlob(bytes, type));
  const config = testBlob(Buffer.from("{}"), "application/vnd.oci.empty.v1+json");
  for (const { descriptor, source } of [...blobs, config]) await to.putBlob(descriptor, source);
  const stored = storedManifest({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...(subject === undefined
      ? {}
      : {
          artifactType: layers[0]?.[0] ?? "",
          subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.bytes.length },
        }),
    config: config.descriptor,
    layers: blobs.map(({ descriptor }) => descriptor),
  });
  await to.putManifest(tag ?? stored.digest, stored);
  return stored;
}

const attach = (form: string, statement: Buffer, subject = index): Promise<StoredManifest> =>
  put([[form, forms[form]?.(statement) ?? statement]], subject);

const found = async (ref = "oci:layout:1", platform?: string): Promise<unknown> =>
  (await findVex(repositories, parseReference(ref), platform))["@id"];

describe("the VEX that is attached to an image", () => {
  beforeEach(async () => {
    const place = await makeWorkplace();
    cleanup(place.remove);
    repositories = openRepositories({ projectDirectory: place.folder });
    cleanup(() => repositories.close());
    to = repositories.open(parseReference("oci:layout").repository);
    manifest = await put([["application/octet-stream", Buffer.from("image")]], undefined);
    const entry = {
      mediaType: OCI_MANIFEST,
      digest: manifest.digest,
      size: manifest.bytes.length,
      platform: { os: "linux", architecture: "arm64" },
    };
    index = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry] }, OCI_INDEX);
    await to.putManifest("1", index);
  });

  for (const form of Object.keys(forms)) {
    it(`is found as ${form}`, async () => {
      await attach(form, statementOf(index.digest, "it"));
      expect(await found()).to.equal("it");
      expect(await found(`oci:layout@${index.digest}`)).to.equal("it");
    });
  }

  it("is found under the tag of attestations", async () => {
    await put(
      [[DSSE_ENVELOPE, Buffer.from(JSON.stringify(envelope(statementOf(index.digest, "it"))))]],
      undefined,
      `sha256-${hexOf(index.digest)}.att`,
    );
    expect(await found()).to.equal("it");
  });

  it("is that of a bundle before any other", async () => {
    await attach(IN_TOTO, statementOf(index.digest, "statement"));
    await attach(BUNDLE, statementOf(index.digest, "bundle"));
    expect(await found()).to.equal("bundle");
  });

  it("is the newest of several", async () => {
    for (const [name, timestamp] of [
      ["young", "2026-02-01T00:00:00Z"],
      ["old", "2026-01-01T00:00:00Z"],
    ] as const)
      await attach(BUNDLE, statementOf(index.digest, name, { predicate: document(name, timestamp) }));
    expect(await found()).to.equal("young");
  });

  it("is that of a platform, where one is given", async () => {
    await attach(IN_TOTO, statementOf(manifest.digest, "arm"), manifest);
    expect(await found("oci:layout:1", "linux/arm64")).to.equal("arm");
    await expect(found()).to.be.rejectedWithError({
      code: "not-found",
      message: /^no OpenVEX document is attached to oci:layout@sha256:/,
      hint: /--platform/,
    });
    await expect(found("oci:layout:1", "linux/amd64")).to.be.rejectedWithError({
      code: "not-found",
      message: /has no image for linux\/amd64$/,
    });
  });

  it("is not one about another image, of another kind, or that cannot be read", async () => {
    await attach(BUNDLE, statementOf(manifest.digest, "moved"));
    await attach(BUNDLE, statementOf(index.digest, "SBOM", { predicateType: "https://spdx.dev/Document" }));
    await put([[BUNDLE, Buffer.from("{}")]], index);
    await expect(found()).to.be.rejectedWithError({ code: "not-found", message: /^no OpenVEX document is attached/ });
    await expect(found("oci:layout:2")).to.be.rejectedWithError({ code: "not-found", message: "oci:layout:2 does not exist" });
  });
});

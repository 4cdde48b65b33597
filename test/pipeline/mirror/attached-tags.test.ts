import { describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { OCI_INDEX } from "../../../provider/image/media-types.js";
import {
  cosignTags,
  fallbackTag,
  isAttachedTag,
  referrersOf,
  withoutReferrers,
  withReferrers,
} from "../../../provider/pipeline/mirror/attached-tags.js";
import { expect } from "../../support/expectations.js";
import { storedManifest } from "../../support/registries/images.js";

const subject = digestOf("subject");
const hex = subject.slice(7);
const config = { mediaType: "application/vnd.example.config+json", digest: digestOf("{}"), size: 2 };
const sbom = storedManifest({ schemaVersion: 2, artifactType: "application/spdx+json", config, layers: [], annotations: { a: "b" } });
const plain = storedManifest({ schemaVersion: 2, config, layers: [] });
const contentOf = (bytes: Buffer): unknown => JSON.parse(bytes.toString());

describe("tags of what is attached to an image", () => {
  it("are named after its digest", () => {
    expect(fallbackTag(subject)).to.equal(`sha256-${hex}`);
    expect(cosignTags(subject)).to.deep.equal([`sha256-${hex}.sig`, `sha256-${hex}.att`, `sha256-${hex}.sbom`]);
    for (const tag of [fallbackTag(subject), ...cosignTags(subject)]) expect(isAttachedTag(tag), tag).to.equal(true);
    for (const tag of ["3.13", "sha256-abc", `sha256-${hex}-x`, `sha256-${hex.toUpperCase()}`])
      expect(isAttachedTag(tag), tag).to.equal(false);
  });

  // Distribution spec, "Referrers Tag Schema": the artifactType, else the config's type; annotations of the manifest.
  it("list referrers with their types and annotations", () => {
    const index = withReferrers(undefined, [sbom, plain]);
    expect(index.mediaType).to.equal(OCI_INDEX);
    expect(index.digest).to.equal(digestOf(index.bytes));
    expect(contentOf(index.bytes)).to.deep.equal({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [
        {
          mediaType: sbom.mediaType,
          digest: sbom.digest,
          size: sbom.bytes.length,
          artifactType: "application/spdx+json",
          annotations: { a: "b" },
        },
        { mediaType: plain.mediaType, digest: plain.digest, size: plain.bytes.length, artifactType: config.mediaType },
      ],
    });
    expect(referrersOf(index)).to.deep.equal([sbom.digest, plain.digest]);
  });

  it("keep what others have listed, with fields that we do not know", () => {
    const entry = { mediaType: plain.mediaType, digest: digestOf("other"), size: 5, "x-of-others": true };
    const before = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry], annotations: { kept: "yes" } }, OCI_INDEX);
    const after = contentOf(withReferrers(before, [sbom]).bytes) as { manifests: object[]; annotations: object };
    expect(after.manifests[0]).to.deep.equal(entry);
    expect(after.manifests).to.have.length(2);
    expect(after.annotations).to.deep.equal({ kept: "yes" });
    const whole = withReferrers(before, [sbom]);
    expect(withReferrers(whole, [sbom])).to.equal(whole);
  });

  it("list nothing where they are something else", () => {
    expect(referrersOf(plain)).to.deep.equal([]);
  });

  it("lose the referrers that are gone, and keep the descriptors of others as they are", () => {
    const both = withReferrers(undefined, [sbom, plain]);
    const left = withoutReferrers(both, new Set([plain.digest]));
    expect(left).to.deep.equal(withReferrers(undefined, [sbom]));
    expect(withoutReferrers(left, new Set([plain.digest]))).to.equal(left);
    expect(referrersOf(withoutReferrers(left, new Set([sbom.digest])))).to.deep.equal([]);
  });
});

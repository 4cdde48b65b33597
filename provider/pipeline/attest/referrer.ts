import {
  BUNDLE,
  BUNDLE_CONTENT_ANNOTATION,
  BUNDLE_PREDICATE_TYPE_ANNOTATION,
  IN_TOTO,
  PREDICATE_TYPE_ANNOTATION,
} from "../../attestation/formats/media-types.js";
import type { Descriptor } from "../../image/descriptor.js";
import { digestOf } from "../../image/digest.js";
import { OCI_MANIFEST } from "../../image/media-types.js";
import { emptyDescriptor } from "../../image/throw-away-manifest.js";
import type { StoredManifest } from "../../registry/repository.js";

/** What is attached: one blob, and the manifest that refers to the subject. */
export interface Referrer {
  readonly manifest: StoredManifest;
  readonly layer: Descriptor;
  readonly bytes: Buffer;
}

/** A signed statement (sigstore/cosign, specs/BUNDLE_SPEC.md). Scanners look for the second annotation, verifiers for the first. */
export function bundleReferrer(subject: Descriptor, predicateType: string, bundle: Buffer): Referrer {
  return referrerOf(subject, BUNDLE, bundle, {
    [BUNDLE_CONTENT_ANNOTATION]: "dsse-envelope",
    [BUNDLE_PREDICATE_TYPE_ANNOTATION]: predicateType,
    [PREDICATE_TYPE_ANNOTATION]: predicateType,
  });
}

/** A statement that nobody has signed. */
export function statementReferrer(subject: Descriptor, predicateType: string, statement: Buffer): Referrer {
  return referrerOf(subject, IN_TOTO, statement, { [PREDICATE_TYPE_ANNOTATION]: predicateType });
}

function referrerOf(subject: Descriptor, type: string, bytes: Buffer, annotations: Readonly<Record<string, string>>): Referrer {
  const layer = { mediaType: type, digest: digestOf(bytes), size: bytes.length };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: type,
      config: emptyDescriptor,
      layers: [layer],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      annotations,
    }),
  );
  return { manifest: { mediaType: OCI_MANIFEST, digest: digestOf(manifest), bytes: manifest }, layer, bytes };
}

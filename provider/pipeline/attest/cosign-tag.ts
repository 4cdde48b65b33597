import { parseManifest } from "../../image/manifest.js";
import type { Descriptor } from "../../image/descriptor.js";
import { digestOf, type Digest } from "../../image/digest.js";
import { isManifestType, OCI_CONFIG, OCI_MANIFEST } from "../../image/media-types.js";
import { DhiError } from "../../errors.js";
import { SIGNATURE_ANNOTATION } from "../../attestation/formats/media-types.js";
import type { StoredManifest } from "../../registry/repository.js";

/** What cosign keeps under a tag: an image whose layers are signatures, or envelopes of statements. */
export interface CosignTag {
  readonly layers: readonly Descriptor[];
}

/** One layer, with its bytes. */
export interface CosignLayer {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** A layer that is told from others: signatures of one payload differ only in an annotation. */
export function markOf({ digest, annotations }: Descriptor): Digest {
  return digestOf(JSON.stringify([digest, annotations?.[SIGNATURE_ANNOTATION] ?? ""]));
}

/** `what` names the tag in errors. Throws `DhiError` "conflict" where the tag has something else. */
export function parseCosignTag(stored: StoredManifest | undefined, what: string): CosignTag {
  if (stored === undefined) return { layers: [] };
  if (isManifestType(stored.mediaType)) return { layers: parseManifest(stored.bytes, what).layers };
  throw new DhiError("conflict", `${what} is a ${stored.mediaType}, where tools look for signatures`, { hint: "Remove the tag" });
}

/** The manifest and config of such an image, which has nothing but layers (sigstore/cosign, specs/SIGNATURE_SPEC.md). */
export function encodeCosignTag({ layers }: CosignTag): { readonly manifest: StoredManifest; readonly config: CosignLayer } {
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
  const configBytes = Buffer.from(JSON.stringify({ architecture: "", os: "", config: {}, rootfs }));
  const config = { mediaType: OCI_CONFIG, digest: digestOf(configBytes), size: configBytes.length };
  const fields = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers };
  const bytes = Buffer.from(JSON.stringify(fields));
  return {
    manifest: { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes },
    config: { descriptor: config, bytes: configBytes },
  };
}

/** A layer of one media type, with annotations. */
export function cosignLayer(mediaType: string, bytes: Buffer, annotations: Readonly<Record<string, string>>): CosignLayer {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length, annotations }, bytes };
}

import type { Digest } from "../../../provider/image/digest.js";
import { OCI_INDEX, OCI_MANIFEST } from "../../../provider/image/media-types.js";
import type { ImageRepository, StoredManifest } from "../../../provider/registry/repository.js";
import { storedManifest, testBlob } from "../registries/images.js";

/** A referrer of a manifest, as `oras attach` or cosign make one. */
export async function attach(to: ImageRepository, subject: StoredManifest, artifactType: string): Promise<StoredManifest> {
  const blob = testBlob(Buffer.from(`${artifactType} of ${subject.digest}`), "application/octet-stream");
  const config = testBlob(Buffer.from("{}"), "application/vnd.oci.empty.v1+json");
  for (const one of [blob, config]) await to.putBlob(one.descriptor, one.source);
  const manifest = storedManifest({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: config.descriptor,
    layers: [blob.descriptor],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.bytes.length },
  });
  await to.putManifest(manifest.digest, manifest);
  return manifest;
}

/** Lists a referrer under the fallback tag, as a tool does where a registry has no referrers API. */
export async function listUnderTag(to: ImageRepository, subject: Digest, { digest, bytes }: StoredManifest): Promise<void> {
  const entry = { mediaType: OCI_MANIFEST, digest, size: bytes.length, artifactType: "x/y", annotations: { of: "others" } };
  const list = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry] }, OCI_INDEX);
  await to.putManifest(`sha256-${subject.slice(7)}`, list);
}

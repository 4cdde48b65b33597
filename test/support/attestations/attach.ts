import { parseRepository } from "../../../provider/image/reference.js";
import { isDigest, type Digest } from "../../../provider/image/digest.js";
import { OCI_CONFIG, OCI_MANIFEST } from "../../../provider/image/media-types.js";
import {
  BUNDLE,
  COSIGN_SIGNATURE,
  IN_TOTO,
  OCI_EMPTY,
  SIGNATURE_ANNOTATION,
  SIMPLE_SIGNING,
} from "../../../provider/attestation/formats/media-types.js";
import type { ImageRepository, Repositories, StoredManifest } from "../../../provider/registry/repository.js";
import { storedManifest, testBlob } from "../registries/images.js";
import { signBundle, signSimple, type Signer } from "./signer.js";

/** A layer of what is attached to an image. */
export interface AttachedLayer {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Stores what is attached to an image: under a tag of cosign, or as a referrer of `subject`. */
export async function attachLayers(
  to: ImageRepository,
  at: { readonly tag: string } | { readonly subject: Digest; readonly artifactType: string },
  layers: readonly AttachedLayer[],
): Promise<StoredManifest> {
  const isTag = "tag" in at;
  const config = testBlob(Buffer.from("{}"), isTag ? OCI_CONFIG : OCI_EMPTY);
  const blobs = layers.map(({ bytes, mediaType, annotations }) => ({ blob: testBlob(bytes, mediaType), annotations }));
  for (const { descriptor, source } of [config, ...blobs.map(({ blob }) => blob)]) await to.putBlob(descriptor, source);
  const head = isTag ? undefined : await to.headManifest(at.subject);
  const manifest = storedManifest({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...(isTag ? {} : { artifactType: at.artifactType }),
    config: config.descriptor,
    layers: blobs.map(({ blob, annotations }) => ({ ...blob.descriptor, ...(annotations === undefined ? {} : { annotations }) })),
    ...(isTag ? {} : { subject: { mediaType: head?.mediaType ?? OCI_MANIFEST, digest: at.subject, size: head?.size ?? 1 } }),
  });
  await to.putManifest(isTag ? at.tag : manifest.digest, manifest);
  return manifest;
}

export function simpleLayer(signer: Signer, digest: Digest): AttachedLayer {
  const { payload, signature } = signSimple(signer, digest);
  return { bytes: payload, mediaType: SIMPLE_SIGNING, annotations: { [SIGNATURE_ANNOTATION]: signature.toString("base64") } };
}

/** As `cosign sign --key` of cosign 2. */
export function signUnderTag(to: ImageRepository, signer: Signer, digest: Digest): Promise<StoredManifest> {
  return attachLayers(to, { tag: `sha256-${digest.slice(7)}.sig` }, [simpleLayer(signer, digest)]);
}

/** As `cosign sign --key` of cosign 2 with `--registry-referrers-mode=oci-1-1`, and the product. */
export function signByReferrer(to: ImageRepository, signer: Signer, digest: Digest, about = digest): Promise<StoredManifest> {
  return attachLayers(to, { subject: digest, artifactType: COSIGN_SIGNATURE }, [simpleLayer(signer, about)]);
}

/** As cosign 3. */
export function attachBundle(to: ImageRepository, signer: Signer, digest: Digest, statement: Buffer): Promise<StoredManifest> {
  const bytes = Buffer.from(JSON.stringify(signBundle(signer, statement)));
  return attachLayers(to, { subject: digest, artifactType: BUNDLE }, [{ bytes, mediaType: BUNDLE }]);
}

/** As the product: a statement without an envelope, and a referrer of that which signs it. */
export async function attachStatement(
  to: ImageRepository,
  signer: Signer | undefined,
  digest: Digest,
  statement: Buffer,
): Promise<StoredManifest> {
  const attached = await attachLayers(to, { subject: digest, artifactType: IN_TOTO }, [{ bytes: statement, mediaType: IN_TOTO }]);
  if (signer !== undefined) await signByReferrer(to, signer, attached.digest);
  return attached;
}

export function openNamed(repositories: Repositories, name: string): ImageRepository {
  return repositories.open(parseRepository(name));
}

export function asDigest(text: unknown): Digest {
  if (!isDigest(text)) throw new Error(`${String(text)} is not a digest`);
  return text;
}

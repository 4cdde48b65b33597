import { randomBytes } from "node:crypto";
import type { Descriptor } from "../../../provider/image/descriptor.js";
import { digestOf } from "../../../provider/image/digest.js";
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from "../../../provider/image/media-types.js";
import type { BlobSource, ImageRepository, StoredManifest } from "../../../provider/registry/repository.js";

export interface TestBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  readonly source: BlobSource;
}

export function testBlob(bytes: Buffer, mediaType: string = OCI_LAYER): TestBlob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes, source: () => inPieces(bytes) };
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.byteLength; offset += 65_536) yield await Promise.resolve(bytes.subarray(offset, offset + 65_536));
}

export function storedManifest(content: object, mediaType: string = OCI_MANIFEST): StoredManifest {
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType, digest: digestOf(bytes), bytes };
}

export interface TestImage {
  readonly index: StoredManifest;
  readonly manifest: StoredManifest;
  readonly layer: TestBlob;
  readonly config: TestBlob;
}

/** An index of one manifest with one layer of random bytes. The layer is not a tar, which registries do not check. */
export function testImage(layerSize = 100_000): TestImage {
  const layer = testBlob(randomBytes(layerSize));
  const content = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [layer.descriptor.digest] } };
  const config = testBlob(Buffer.from(JSON.stringify(content)), OCI_CONFIG);
  const manifest = storedManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: config.descriptor, layers: [layer.descriptor] });
  const child = {
    mediaType: OCI_MANIFEST,
    digest: manifest.digest,
    size: manifest.bytes.byteLength,
    platform: { os: "linux", architecture: "amd64" },
  };
  const index = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] }, OCI_INDEX);
  return { index, manifest, layer, config };
}

/** Puts a whole image into a repository, with tags if given. */
export async function publishImage(target: ImageRepository, image: TestImage, ...tags: readonly string[]): Promise<void> {
  for (const blob of [image.layer, image.config]) await target.putBlob(blob.descriptor, blob.source);
  await target.putManifest(image.manifest.digest, image.manifest);
  await target.putManifest(image.index.digest, image.index);
  for (const tag of tags) await target.putManifest(tag, image.index);
}

export async function readAll(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

import { gzipSync, zstdCompressSync } from "node:zlib";
import { digestOf } from "../../../provider/image/digest.js";
import {
  DOCKER_INDEX,
  DOCKER_MANIFEST,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_LAYER_ZSTD,
  OCI_MANIFEST,
} from "../../../provider/image/media-types.js";
import { parsePlatform } from "../../../provider/image/platform.js";
import type { ImageRepository, StoredManifest } from "../../../provider/registry/repository.js";
import { storedManifest, testBlob, type TestBlob } from "../registries/images.js";

export interface LayerParts {
  readonly tar: Buffer;
  /** "frames": zstd of many frames with a skippable one between them. Default gzip. */
  readonly compression?: "none" | "gzip" | "zstd" | "frames";
}

export interface PlatformParts {
  readonly platform?: string;
  readonly layers: readonly LayerParts[];
  /** The `config` object within the image config. */
  readonly config?: object;
  /** Fields beside it. */
  readonly rest?: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ImageParts {
  readonly platforms: readonly PlatformParts[];
  /** Docker's media types instead of the OCI ones. */
  readonly docker?: boolean;
  /** A single manifest, no index. */
  readonly single?: boolean;
  /** A child with the platform unknown/unknown for each image, as BuildKit writes them. */
  readonly attestations?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface MadeImage {
  readonly blobs: readonly TestBlob[];
  /** Children first; the last is the image. */
  readonly manifests: readonly StoredManifest[];
  readonly top: StoredManifest;
}

const dockerNames: Readonly<Record<string, string>> = {
  [OCI_LAYER]: "application/vnd.docker.image.rootfs.diff.tar",
  [OCI_LAYER_GZIP]: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  [OCI_LAYER_ZSTD]: "application/vnd.docker.image.rootfs.diff.tar.zstd",
  [OCI_CONFIG]: "application/vnd.docker.container.image.v1+json",
  [OCI_MANIFEST]: DOCKER_MANIFEST,
  [OCI_INDEX]: DOCKER_INDEX,
};

/** Makes an image without the code under test. */
export function makeImage(parts: ImageParts): MadeImage {
  const name = (type: string): string => (parts.docker === true ? (dockerNames[type] ?? type) : type);
  const blobs: TestBlob[] = [];
  const manifests: StoredManifest[] = [];
  const children: object[] = [];
  const addManifest = (config: object, layers: readonly TestBlob[], platform: object, annotations: object = {}): StoredManifest => {
    const configBlob = testBlob(Buffer.from(JSON.stringify(config)), name(OCI_CONFIG));
    blobs.push(...layers, configBlob);
    const described = {
      schemaVersion: 2,
      mediaType: name(OCI_MANIFEST),
      config: configBlob.descriptor,
      layers: layers.map((layer) => layer.descriptor),
    };
    const manifest = storedManifest({ ...described, ...annotations }, name(OCI_MANIFEST));
    manifests.push(manifest);
    children.push({ mediaType: name(OCI_MANIFEST), digest: manifest.digest, size: manifest.bytes.length, platform });
    return manifest;
  };
  for (const { platform = "linux/amd64", layers, config = {}, rest = {}, annotations } of parts.platforms) {
    const diffIds = layers.map(({ tar }) => digestOf(tar));
    const about = {
      created: "2024-05-06T07:08:09Z",
      ...parsePlatform(platform),
      ...rest,
      config,
      rootfs: { type: "layers", diff_ids: diffIds },
    };
    const packed = layers.map((layer) => packLayer(layer, name));
    const manifest = addManifest(about, packed, parsePlatform(platform) ?? {}, annotations === undefined ? {} : { annotations });
    if (parts.attestations === true) {
      const statement = testBlob(
        Buffer.from(`{"_type":"https://in-toto.io/Statement/v0.1","of":"${manifest.digest}"}`),
        "application/vnd.in-toto+json",
      );
      addManifest(
        { architecture: "unknown", os: "unknown", config: {}, rootfs: { type: "layers", diff_ids: [statement.descriptor.digest] } },
        [statement],
        {
          architecture: "unknown",
          os: "unknown",
        },
      );
    }
  }
  if (parts.single !== true) {
    const annotations = parts.annotations === undefined ? {} : { annotations: parts.annotations };
    manifests.push(storedManifest({ schemaVersion: 2, mediaType: name(OCI_INDEX), manifests: children, ...annotations }, name(OCI_INDEX)));
  }
  const top = manifests.at(-1);
  if (top === undefined) throw new Error("an image has a platform");
  return { blobs, manifests, top };
}

/** A large tar is compressed only once, however many images contain it. */
const compressed = new WeakMap<Buffer, Map<string, Buffer>>();

function packLayer({ tar, compression = "gzip" }: LayerParts, name: (type: string) => string): TestBlob {
  const known = compressed.get(tar) ?? new Map<string, Buffer>();
  compressed.set(tar, known);
  const bytes = known.get(compression) ?? compressTar(tar, compression);
  known.set(compression, bytes);
  return testBlob(bytes, name(compression === "none" ? OCI_LAYER : compression === "gzip" ? OCI_LAYER_GZIP : OCI_LAYER_ZSTD));
}

export function compressTar(tar: Buffer, compression: NonNullable<LayerParts["compression"]>): Buffer {
  switch (compression) {
    case "none":
      return tar;
    case "gzip":
      return gzipSync(tar, { level: 1 });
    case "zstd":
      return zstdCompressSync(tar);
    case "frames":
      return compressFrames(tar);
  }
}

function compressFrames(tar: Buffer): Buffer {
  const skippable = Buffer.from("502a4d1803000000616263", "hex");
  const frames: Buffer[] = [];
  for (let at = 0; at < tar.length; at += 700)
    frames.push(zstdCompressSync(tar.subarray(at, at + 700)), ...(at === 700 ? [skippable] : []));
  return Buffer.concat(frames);
}

/** Puts a whole image into a repository, with the tags. */
export async function putImage(target: ImageRepository, image: MadeImage, ...tags: readonly string[]): Promise<void> {
  for (const blob of image.blobs) await target.putBlob(blob.descriptor, blob.source);
  for (const manifest of image.manifests) await target.putManifest(manifest.digest, manifest);
  for (const tag of tags) await target.putManifest(tag, image.top);
}

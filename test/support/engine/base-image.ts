import { gzipSync } from "node:zlib";
import { digestOf, type Digest } from "../../../provider/image/digest.js";
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from "../../../provider/image/media-types.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { storedManifest, testBlob } from "../registries/images.js";
import { archive, headerBlock, withData } from "../tar/archive.js";

export interface BaseOptions {
  /** Text of a file that distinguishes one base from another. */
  readonly release?: string;
  /** Architectures for linux. Default amd64. */
  readonly architectures?: readonly string[];
}

const folders = ["etc/", "usr/", "usr/bin/", "opt/"].map((name) => headerBlock({ name, type: "5", mode: 0o755 }));

function layerOf(release: string, architecture: string): Buffer {
  return archive(
    ...folders,
    headerBlock({ name: "tmp/", type: "5", mode: 0o1777 }),
    withData({ name: "etc/passwd" }, "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n"),
    withData({ name: "etc/group" }, "root:x:0:\nnogroup:x:65534:\n"),
    withData({ name: "etc/release" }, `${release} ${architecture}\n`),
    withData({ name: "usr/bin/app", mode: 0o755 }, "#!/bin/sh\n"),
  );
}

/** Publishes a small base with files, accounts and a config, under a tag. Returns the digest of its index. */
export async function publishBase(repository: ImageRepository, tag: string, options: BaseOptions = {}): Promise<Digest> {
  const { release = "1", architectures = ["amd64"] } = options;
  const manifests = [];
  for (const architecture of architectures) {
    const tar = layerOf(release, architecture);
    const layer = testBlob(gzipSync(tar), "application/vnd.oci.image.layer.v1.tar+gzip");
    const content = {
      architecture,
      os: "linux",
      created: "2024-01-02T03:04:05Z",
      config: { Env: ["PATH=/usr/bin"], Entrypoint: ["/usr/bin/app"], Cmd: ["--base"], User: "65534", Labels: { from: "base" } },
      rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
      history: [{ created_by: "base" }],
    };
    const config = testBlob(Buffer.from(JSON.stringify(content)), OCI_CONFIG);
    const manifest = storedManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: config.descriptor, layers: [layer.descriptor] });
    for (const blob of [layer, config]) await repository.putBlob(blob.descriptor, blob.source);
    await repository.putManifest(manifest.digest, manifest);
    const platform = { os: "linux", architecture };
    manifests.push({ mediaType: OCI_MANIFEST, digest: manifest.digest, size: manifest.bytes.byteLength, platform });
  }
  const index = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, OCI_INDEX);
  await repository.putManifest(tag, index);
  return index.digest;
}

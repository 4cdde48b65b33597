import { gzipSync } from "node:zlib";
import { parseConfig } from "../../../provider/image/config.js";
import type { Descriptor } from "../../../provider/image/descriptor.js";
import { digestOf, type Digest } from "../../../provider/image/digest.js";
import { parseIndex, parseManifest } from "../../../provider/image/manifest.js";
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP } from "../../../provider/image/media-types.js";
import type { ImageRepository, StoredManifest } from "../../../provider/registry/repository.js";
import { directory, file, layerTar } from "../../support/images/layer-tar.js";
import { readAll, storedManifest, testBlob } from "../../support/registries/images.js";

const tar = layerTar([directory("opt"), file("opt/run", "#!/bin/sh\necho FORGED\n", { mode: 0o4755 })]);
const forgedLayer = testBlob(gzipSync(tar), OCI_LAYER_GZIP);

/** Of the layer in a forged image that replaces the composed one. */
export const forgedDigest = forgedLayer.descriptor.digest;

/**
 * What somebody can do who may push, and knows nothing but what the registry shows: the image with its last layers exchanged for one of
 * his own. All annotations stay, the layer's key too. Returns the index, which is not yet under a tag.
 */
export async function forgeImage(repository: ImageRepository, digest: Digest): Promise<StoredManifest> {
  await repository.putBlob(forgedLayer.descriptor, forgedLayer.source);
  const index = parseIndex(await readManifest(repository, digest), digest);
  const manifests = [];
  for (const child of index.manifests) manifests.push({ ...child, ...(await forgeManifest(repository, child)) });
  const forged = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests, annotations: index.annotations }, OCI_INDEX);
  await repository.putManifest(forged.digest, forged);
  return forged;
}

async function forgeManifest(repository: ImageRepository, child: Descriptor): Promise<Pick<Descriptor, "digest" | "size">> {
  const manifest = parseManifest(await readManifest(repository, child.digest), child.digest);
  const configBytes = await readAll(repository.readBlob(manifest.config));
  const { diffIds } = parseConfig(configBytes, "the config");
  const json = JSON.parse(configBytes.toString("utf8")) as object;
  const config = { ...json, rootfs: { type: "layers", diff_ids: [...diffIds.slice(0, -1), digestOf(tar)] } };
  const configBlob = testBlob(Buffer.from(JSON.stringify(config)), OCI_CONFIG);
  await repository.putBlob(configBlob.descriptor, configBlob.source);
  const layers = manifest.layers.map((layer, at) =>
    at === manifest.layers.length - 1 ? { ...forgedLayer.descriptor, annotations: layer.annotations } : layer,
  );
  const { annotations } = manifest;
  const forged = storedManifest({ schemaVersion: 2, mediaType: child.mediaType, config: configBlob.descriptor, layers, annotations });
  await repository.putManifest(forged.digest, forged);
  return { digest: forged.digest, size: forged.bytes.length };
}

async function readManifest(repository: ImageRepository, digest: Digest): Promise<Buffer> {
  const stored = await repository.getManifest(digest);
  if (stored === undefined) throw new Error(`${digest} is not there`);
  return stored.bytes;
}

/** OCI image spec, media-types.md. */
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
export const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
export const OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
export const OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

/** Docker image manifest v2, schema 2. */
export const DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
/** Docker image manifest v2, schema 1, which has no media type field and is written only by very old tools. */
export const DOCKER_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+json";
const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

const ociNames: ReadonlyMap<string, string> = new Map([
  [DOCKER_INDEX, OCI_INDEX],
  [DOCKER_MANIFEST, OCI_MANIFEST],
  [DOCKER_CONFIG, OCI_CONFIG],
  ["application/vnd.docker.image.rootfs.diff.tar", OCI_LAYER],
  ["application/vnd.docker.image.rootfs.diff.tar.gzip", OCI_LAYER_GZIP],
  ["application/vnd.docker.image.rootfs.diff.tar.zstd", OCI_LAYER_ZSTD],
]);

/** The OCI equivalent of a Docker media type; any other is returned unchanged. */
export function ociMediaType(mediaType: string): string {
  return ociNames.get(mediaType) ?? mediaType;
}

export function isIndexType(mediaType: string): boolean {
  return ociMediaType(mediaType) === OCI_INDEX;
}

export function isManifestType(mediaType: string): boolean {
  return ociMediaType(mediaType) === OCI_MANIFEST;
}

/** How a layer is compressed. */
export type LayerCompression = "none" | "gzip" | "zstd";

/** The compression of a layer by its media type; undefined when that is not a supported layer type. */
export function layerCompression(mediaType: string): LayerCompression | undefined {
  switch (ociMediaType(mediaType)) {
    case OCI_LAYER:
      return "none";
    case OCI_LAYER_GZIP:
      return "gzip";
    case OCI_LAYER_ZSTD:
      return "zstd";
    default:
      return undefined;
  }
}

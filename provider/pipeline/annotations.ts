/** On the index: made by this project, in this byte layout. */
export const LAYOUT_ANNOTATION = "dev.pulumi-dhi.layout";
/** On a layer: its key, for whoever compares images. It proves nothing, as whoever may push can write it, and is never read here. */
export const LAYER_KEY_ANNOTATION = "dev.pulumi-dhi.layer.key";
/** OCI image spec, annotations.md. */
export const BASE_NAME_ANNOTATION = "org.opencontainers.image.base.name";
export const BASE_DIGEST_ANNOTATION = "org.opencontainers.image.base.digest";

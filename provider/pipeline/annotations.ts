/** On the index: composed by pulumi-dhi, with this version of the byte layout. */
export const LAYOUT_ANNOTATION = "dev.pulumi-dhi.layout";
/** On a layer: its key, for people who compare images. It is never read here, as anyone who can push can forge it. */
export const LAYER_KEY_ANNOTATION = "dev.pulumi-dhi.layer.key";
/** OCI image spec, annotations.md. */
export const BASE_NAME_ANNOTATION = "org.opencontainers.image.base.name";
export const BASE_DIGEST_ANNOTATION = "org.opencontainers.image.base.digest";

/** An in-toto statement as it is, without an envelope; also the payload type of a DSSE envelope (in-toto attestation framework, "envelope"). */
export const IN_TOTO = "application/vnd.in-toto+json";
/** Sigstore bundle, version 0.3 (sigstore/protobuf-specs, sigstore_bundle.proto). */
export const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
/** Bundles of all versions begin with this. */
export const BUNDLE_PREFIX = "application/vnd.dev.sigstore.bundle";
/** A DSSE envelope, as cosign stores it under a tag that ends in `.att`. */
export const DSSE_ENVELOPE = "application/vnd.dsse.envelope.v1+json";
/** The payload of a signature of cosign (containers/image, "simple signing"). */
export const SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
/** The artifact type of such a signature as a referrer, which cosign wrote with `--experimental-oci11`. */
export const COSIGN_SIGNATURE = "application/vnd.dev.cosign.artifact.sig.v1+json";
/** The config of a manifest that has none (OCI image spec, manifest.md, "Guidance for an Empty Descriptor"). */
export const OCI_EMPTY = "application/vnd.oci.empty.v1+json";

/** On a layer of a signature of cosign: the signature of the payload, base64. */
export const SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";
/** On a referrer with a statement: its predicate type. */
export const PREDICATE_TYPE_ANNOTATION = "in-toto.io/predicate-type";
/** On a referrer with a bundle: the predicate type, and what the bundle holds. */
export const BUNDLE_PREDICATE_TYPE_ANNOTATION = "dev.sigstore.bundle.predicateType";
export const BUNDLE_CONTENT_ANNOTATION = "dev.sigstore.bundle.content";
/** On a layer with an envelope, under a tag of cosign that ends in `.att`. */
export const LAYER_PREDICATE_TYPE_ANNOTATION = "predicateType";

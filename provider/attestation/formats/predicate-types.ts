export const SPDX = "https://spdx.dev/Document";
export const CYCLONEDX = "https://cyclonedx.org/bom";
export const SLSA_PROVENANCE = "https://slsa.dev/provenance/v1";
export const OPENVEX = "https://openvex.dev/ns/v0.2.0";
/** The statement of a signature that says nothing but that the image is signed (cosign 3). */
export const COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1";

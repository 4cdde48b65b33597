import { describeEnvelope, type Envelope } from "./dsse.js";
import { BUNDLE } from "./media-types.js";

/** What a bundle tells of the key: a hint, which proves nothing, so that verifiers with several keys find theirs. */
export type KeyHint = string;

/** A bundle of a statement that was signed with a key, as cosign 3 writes one (sigstore/protobuf-specs, sigstore_bundle.proto). */
export function encodeKeyBundle(envelope: Envelope, hint: KeyHint): Buffer {
  return encodeBundle({ mediaType: BUNDLE, verificationMaterial: { publicKey: { hint } } }, envelope);
}

/** A bundle with this envelope, in which key ids are left out: some verifiers would look for a key of that name. */
export function encodeBundle(bundle: object, envelope: Envelope): Buffer {
  return Buffer.from(JSON.stringify({ ...bundle, dsseEnvelope: describeEnvelope(envelope) }));
}

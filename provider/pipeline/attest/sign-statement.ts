import { describeEnvelope, type Envelope } from "../../attestation/formats/dsse.js";
import {
  DSSE_ENVELOPE,
  LAYER_PREDICATE_TYPE_ANNOTATION,
  SIGNATURE_ANNOTATION,
  SIMPLE_SIGNING,
} from "../../attestation/formats/media-types.js";
import { COSIGN_SIGN } from "../../attestation/formats/predicate-types.js";
import { encodeSimpleSigning } from "../../attestation/formats/simple-signing.js";
import { encodeStatement } from "../../attestation/formats/statement.js";
import type { Signer } from "../../attestation/signing/signer.js";
import type { Descriptor } from "../../image/descriptor.js";
import { digestOf, hexOf, type Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import type { Adopted } from "./adopt.js";
import type { AttachedStatement } from "./attached.js";
import type { StatementBytes } from "./attested-subject.js";
import type { CosignPlace } from "./attached-place.js";
import { cosignLayer, markOf, type CosignLayer } from "./cosign-tag.js";
import { bundleReferrer, statementReferrer, type Referrer } from "./referrer.js";

/** A statement, and what is to be written for it; undefined where it is there. */
export interface Attachment {
  readonly entry: AttachedStatement;
  readonly referrer: Referrer | undefined;
  readonly layer: CosignLayer | undefined;
}

/** The statement of a signature that says nothing but that the image is signed, as cosign 3 makes it. */
export function signatureStatement(subject: Digest): StatementBytes {
  const subjects = [{ name: "", digest: { sha256: hexOf(subject) } }];
  return { predicateType: COSIGN_SIGN, bytes: encodeStatement({ subjects, predicateType: COSIGN_SIGN, predicate: {} }) };
}

export function attachUnsigned(subject: Descriptor, { predicateType, bytes }: StatementBytes): Attachment {
  const referrer = statementReferrer(subject, predicateType, bytes);
  return { entry: { type: predicateType, statement: digestOf(bytes), referrer: referrer.manifest.digest }, referrer, layer: undefined };
}

/** `sig`: the signatures of the image that are there. */
export async function attachSigned(
  signer: Signer,
  destination: Repository,
  subject: Descriptor,
  { predicateType, bytes }: StatementBytes,
  sig: CosignPlace,
): Promise<Attachment> {
  const { bundle, envelope, annotations } = await signer.signStatement(bytes);
  const referrer = bundleReferrer(subject, predicateType, bundle);
  const layer =
    predicateType === COSIGN_SIGN
      ? await signatureLayer(signer, destination, subject.digest, sig)
      : envelopeLayer(predicateType, envelope, annotations);
  return attachment(predicateType, bytes, referrer.manifest.digest, referrer, layer);
}

/** What the signer attached earlier. */
export async function attachAdopted(
  signer: Signer,
  destination: Repository,
  subject: Descriptor,
  { predicateType, bytes }: StatementBytes,
  { referrer, envelope }: Adopted,
  sig: CosignPlace,
): Promise<Attachment> {
  const layer =
    predicateType === COSIGN_SIGN
      ? await signatureLayer(signer, destination, subject.digest, sig)
      : envelopeLayer(predicateType, envelope, {});
  return attachment(predicateType, bytes, referrer, undefined, layer);
}

function attachment(type: string, bytes: Buffer, at: Digest, referrer: Referrer | undefined, layer: CosignLayer): Attachment {
  return { entry: { type, statement: digestOf(bytes), referrer: at, layer: markOf(layer.descriptor) }, referrer, layer };
}

function envelopeLayer(predicateType: string, envelope: Envelope, annotations: Readonly<Record<string, string>>): CosignLayer {
  const bytes = Buffer.from(JSON.stringify(describeEnvelope(envelope)));
  return cosignLayer(DSSE_ENVELOPE, bytes, {
    [SIGNATURE_ANNOTATION]: "",
    [LAYER_PREDICATE_TYPE_ANNOTATION]: predicateType,
    ...annotations,
  });
}

async function signatureLayer(
  { signPayload, verify }: Signer,
  destination: Repository,
  digest: Digest,
  { layers }: CosignPlace,
): Promise<CosignLayer> {
  // A folder has no name that others know it by.
  const repository = destination.kind === "registry" ? formatRepository(destination) : "";
  const payload = encodeSimpleSigning({ repository, digest });
  const own = layers.find((layer) => {
    const signature = layer.annotations?.[SIGNATURE_ANNOTATION] ?? "";
    return layer.digest === digestOf(payload) && verify?.(payload, Buffer.from(signature, "base64")) === true;
  });
  if (own !== undefined) return { descriptor: own, bytes: payload };
  const { signature, annotations } = await signPayload(payload);
  return cosignLayer(SIMPLE_SIGNING, payload, { [SIGNATURE_ANNOTATION]: signature.toString("base64"), ...annotations });
}

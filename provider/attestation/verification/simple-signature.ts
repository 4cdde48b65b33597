import { X509Certificate } from "node:crypto";
import { z } from "zod";
import type { Digest } from "../../image/digest.js";
import { isObject, parseJson, type JsonObject } from "../../image/json.js";
import { SIGNATURE_ANNOTATION } from "../formats/media-types.js";
import { parseSimpleSigning } from "../formats/simple-signing.js";
import { digestOf, hexOf } from "../../image/digest.js";
import type { Trust } from "./trust.js";
import { judgeForeign, type Verdict } from "./verdict.js";

/** The annotations of a layer by which cosign 2 stores what proves a keyless signature (cosign, specs/SIGNATURE_SPEC.md). */
const CERTIFICATE = "dev.sigstore.cosign/certificate";
const LOG_ENTRY = "dev.sigstore.cosign/bundle";
const TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp";

const logEntry = z.object({
  SignedEntryTimestamp: z.string(),
  Payload: z.object({ body: z.string(), integratedTime: z.int(), logIndex: z.int(), logID: z.string().regex(/^[0-9a-f]{64}$/) }),
});

const timestamp = z.object({ SignedRFC3161Timestamp: z.string() });

/** A signature of cosign: the payload, and the annotations of the layer that has it. `digest`: of the image or manifest. */
export function judgeSimpleSignature(
  payload: Buffer,
  annotations: Readonly<Record<string, string>>,
  digest: Digest,
  trust: Trust,
): Verdict {
  return judgeForeign(() => {
    const about = parseSimpleSigning(payload, "its payload").digest;
    if (about !== digest) return { refusal: `its payload is about ${about}, not about ${digest}` };
    const signature = Buffer.from(annotations[SIGNATURE_ANNOTATION] ?? "", "base64");
    return trust.judge({ bytes: payload, signatures: [signature], bundle: bundleOf(payload, signature, annotations), message: payload });
  });
}

/** What cosign 2 has in annotations, as a bundle: the version 0.1 of it, as the log has only promised to include the entry. */
function bundleOf(payload: Buffer, signature: Buffer, annotations: Readonly<Record<string, string>>): JsonObject | undefined {
  const messageDigest = { algorithm: "SHA2_256", digest: Buffer.from(hexOf(digestOf(payload)), "hex").toString("base64") };
  const material = certificateMaterial(annotations);
  return (
    material && {
      mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
      verificationMaterial: material,
      messageSignature: { messageDigest, signature: signature.toString("base64") },
    }
  );
}

/** Undefined where a key has signed. Throws for a certificate that cannot be read. */
export function certificateMaterial(annotations: Readonly<Record<string, string>>): JsonObject | undefined {
  const certificate = annotations[CERTIFICATE];
  if (certificate === undefined) return undefined;
  const entry = annotations[LOG_ENTRY];
  const time = annotations[TIMESTAMP];
  return {
    x509CertificateChain: { certificates: [{ rawBytes: new X509Certificate(certificate).raw.toString("base64") }] },
    tlogEntries: entry === undefined ? [] : [describeEntry(entry)],
    ...(time === undefined
      ? {}
      : {
          timestampVerificationData: {
            rfc3161Timestamps: [{ signedTimestamp: parseJson(time, timestamp, "its timestamp").SignedRFC3161Timestamp }],
          },
        }),
  };
}

function describeEntry(text: string): JsonObject {
  const { SignedEntryTimestamp: promise, Payload: payload } = parseJson(text, logEntry, "its log entry");
  const body: unknown = JSON.parse(Buffer.from(payload.body, "base64").toString("utf8"));
  const { kind, apiVersion } = isObject(body) ? body : {};
  return {
    logIndex: String(payload.logIndex),
    logId: { keyId: Buffer.from(payload.logID, "hex").toString("base64") },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: promise },
    canonicalizedBody: payload.body,
  };
}

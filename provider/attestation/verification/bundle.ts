import { z } from "zod";
import { hexOf, type Digest } from "../../image/digest.js";
import { jsonObject, parseJson, type JsonObject } from "../../image/json.js";
import { parseEnvelope } from "../formats/dsse.js";
import { judgeEnvelope } from "./envelope.js";
import type { Trust } from "./trust.js";
import { judgeForeign, type Verdict } from "./verdict.js";

const schema = z
  .object({
    verificationMaterial: jsonObject.default({}),
    dsseEnvelope: jsonObject.optional(),
    messageSignature: z.object({ messageDigest: z.object({ digest: z.string() }), signature: z.string() }).optional(),
  })
  .refine(({ dsseEnvelope, messageSignature }) => (dsseEnvelope === undefined) !== (messageSignature === undefined), {
    error: "has not one of an envelope and a signature",
  });

/** Whether a bundle has a mere signature, so that the bytes which it is about are needed. */
export function isOverMessage(bytes: Buffer): boolean {
  const found = schema.safeParse(parseOrUndefined(bytes)).data;
  return found?.messageSignature !== undefined;
}

function parseOrUndefined(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** A Sigstore bundle (sigstore/protobuf-specs). `manifest`: the bytes with this digest; they are needed for a mere signature. */
export function judgeBundle(bytes: Buffer, digest: Digest, manifest: Buffer | undefined, trust: Trust): Verdict {
  return judgeForeign(() => {
    const whole = parseJson(bytes, jsonObject, "it");
    const { verificationMaterial, dsseEnvelope, messageSignature } = parseJson(bytes, schema, "it");
    const bundle = hasCertificate(verificationMaterial) ? whole : undefined;
    if (dsseEnvelope !== undefined)
      return judgeEnvelope(parseEnvelope(JSON.stringify(dsseEnvelope), "its envelope"), digest, bundle, trust);
    if (messageSignature === undefined || manifest === undefined) return { refusal: "what it signs is not there" };
    const about = Buffer.from(messageSignature.messageDigest.digest, "base64").toString("hex");
    if (about !== hexOf(digest)) return { refusal: `it is about sha256:${about}, not about ${digest}` };
    return trust.judge({ bytes: manifest, signatures: [Buffer.from(messageSignature.signature, "base64")], bundle, message: manifest });
  });
}

function hasCertificate(material: JsonObject): boolean {
  return material["certificate"] !== undefined || material["x509CertificateChain"] !== undefined;
}

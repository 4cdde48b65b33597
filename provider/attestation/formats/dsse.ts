import { z } from "zod";
import { parseJson } from "../../image/json.js";
import { IN_TOTO } from "./media-types.js";

/** A signed statement (secure-systems-lab/dsse, envelope.md). Key ids are neither written nor believed. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  readonly signatures: readonly Buffer[];
}

// Standard or URL-safe base64, as envelope.md allows both.
const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/, "is not base64");

const schema = z.object({
  payloadType: z.string(),
  payload: base64,
  signatures: z.array(z.object({ sig: base64 })).min(1),
});

/** What is signed: the pre-authentication encoding (secure-systems-lab/dsse, protocol.md). */
export function signedBytes(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${String(type.length)} `), type, Buffer.from(` ${String(payload.length)} `), payload]);
}

/** An envelope of an in-toto statement. */
export function envelopeOf(statement: Buffer, signature: Buffer): Envelope {
  return { payloadType: IN_TOTO, payload: statement, signatures: [signature] };
}

/** The JSON form, as an object, since bundles embed it. */
export function describeEnvelope({ payloadType, payload, signatures }: Envelope): object {
  return {
    payloadType,
    payload: payload.toString("base64"),
    signatures: signatures.map((signature) => ({ sig: signature.toString("base64") })),
  };
}

/** `what` names it in errors. Throws `DhiError` "invalid". */
export function parseEnvelope(bytes: Uint8Array | string, what: string): Envelope {
  const { payloadType, payload, signatures } = parseJson(bytes, schema, what);
  return {
    payloadType,
    payload: Buffer.from(payload, "base64"),
    signatures: signatures.map(({ sig }) => Buffer.from(sig, "base64")),
  };
}

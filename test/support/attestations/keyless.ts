import { createHash, generateKeyPairSync, sign, type KeyPairKeyObjectResult } from "node:crypto";
import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from "@sigstore/mock";
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from "@sigstore/protobuf-specs";
import type { Envelope } from "../../../provider/attestation/formats/dsse.js";
import { describeEnvelope, envelopeOf, signedBytes } from "../../../provider/attestation/formats/dsse.js";
import { BUNDLE, IN_TOTO, SIGNATURE_ANNOTATION } from "../../../provider/attestation/formats/media-types.js";
import { encodeSimpleSigning } from "../../../provider/attestation/formats/simple-signing.js";
import { digestOf, hexOf, type Digest } from "../../../provider/image/digest.js";

const ISSUER_EXTENSION = "1.3.6.1.4.1.57264.1.8";

/** A Sigstore of one's own: a certificate authority, its log, and a transparency log. */
export interface Sigstore {
  /** JSON of the trusted root. */
  readonly root: string;
  readonly identity: string;
  readonly issuer: string;
  /** A bundle as cosign 3 makes one. */
  readonly signStatement: (statement: Buffer) => Promise<KeylessBundle>;
  /** The same where the log has no time of its own (Rekor 2), and a timestamp authority proves it. */
  readonly signTimed: (statement: Buffer) => Promise<KeylessBundle>;
  /** A layer's payload and annotations as cosign 2 makes them. */
  readonly signSimple: (digest: Digest) => Promise<{ readonly payload: Buffer; readonly annotations: Readonly<Record<string, string>> }>;
}

export interface KeylessBundle {
  mediaType: string;
  verificationMaterial: { certificate: { rawBytes: string }; tlogEntries: Record<string, unknown>[]; timestampVerificationData?: object };
  dsseEnvelope: ReturnType<typeof describeEnvelope>;
}

interface Entry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification?: {
    readonly inclusionProof?: {
      readonly rootHash: string;
      readonly logIndex: number;
      readonly treeSize: number;
      readonly checkpoint: string;
    };
    readonly signedEntryTimestamp?: string;
  };
}

const ecPair = (): KeyPairKeyObjectResult => generateKeyPairSync("ec", { namedCurve: "P-256" });

export async function startSigstore(
  identity = "https://ci.example.com/acme/.pipeline@main",
  issuer = "https://ci.example.com",
): Promise<Sigstore> {
  // Timestamps in whole seconds, none of them before the certificates that are made now.
  const now = new Date();
  const ctlog = await initializeCTLog(ecPair());
  const authority = await initializeCA(ecPair(), ctlog, now);
  const log = await initializeTLog("https://rekor.example.com", ecPair());
  const clock = await initializeTSA(ecPair(), now);
  now.setTime(Math.floor(Date.now() / 1000) * 1000);
  const since = { start: new Date(Date.now() - 3_600_000), end: undefined };
  const publicKey = (rawBytes: Buffer) => ({ rawBytes, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor: since });
  const instance = (baseUrl: string, key: Buffer, keyId: Buffer) => ({
    baseUrl,
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: publicKey(key),
    logId: { keyId },
    checkpointKeyId: undefined,
    operator: "",
  });
  const root = TrustedRoot.toJSON({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [instance("https://rekor.example.com", log.publicKey, createHash("sha256").update(log.publicKey).digest())],
    ctlogs: [instance("https://ct.example.com", ctlog.publicKey, toBuffer(ctlog.logID))],
    certificateAuthorities: [
      {
        subject: { commonName: "sigstore", organization: "sigstore.mock" },
        uri: "https://fulcio.example.com",
        certChain: { certificates: [{ rawBytes: toBuffer(authority.rootCertificate) }] },
        validFor: since,
        operator: "",
      },
    ],
    timestampAuthorities: [
      {
        subject: { commonName: "tsa", organization: "sigstore.mock" },
        uri: "https://tsa.example.com",
        certChain: { certificates: [clock.intCertificate, clock.rootCertificate].map((der) => ({ rawBytes: toBuffer(der) })) },
        validFor: since,
        operator: "",
      },
    ],
  });

  const certify = async () => {
    const { publicKey: own, privateKey } = ecPair();
    const der = await authority.issueCertificate({
      publicKey: new Uint8Array(own.export({ type: "spki", format: "der" })),
      subjectAltName: identity,
      extensions: [{ oid: ISSUER_EXTENSION, value: issuer }],
    });
    return { privateKey, der: toBuffer(der) };
  };
  const record = async (entry: object): Promise<Entry> => {
    // Its type is of a package that comes with the mock for its own development only.
    const logged = (await log.log(entry)) as unknown as Readonly<Record<string, Entry>>;
    const [first] = Object.values(logged);
    if (first === undefined) throw new Error("the log has no entry");
    return first;
  };

  const signStatement = async (statement: Buffer): Promise<KeylessBundle> => {
    const { privateKey, der } = await certify();
    const envelope: Envelope = envelopeOf(statement, sign("sha256", signedBytes(IN_TOTO, statement), privateKey));
    const [signature = Buffer.alloc(0)] = envelope.signatures;
    const entry = await record({
      kind: "dsse",
      apiVersion: "0.0.1",
      spec: {
        payloadHash: { algorithm: "sha256", value: hexOf(digestOf(statement)) },
        signatures: [{ signature: signature.toString("base64"), verifier: pemOf(der) }],
      },
    });
    const verificationMaterial = { certificate: { rawBytes: der.toString("base64") }, tlogEntries: [describeEntry("dsse", entry)] };
    return { mediaType: BUNDLE, verificationMaterial, dsseEnvelope: describeEnvelope(envelope) };
  };

  const signTimed = async (statement: Buffer): Promise<KeylessBundle> => {
    const bundle = await signStatement(statement);
    const { signatures } = bundle.dsseEnvelope as { readonly signatures: readonly { readonly sig: string }[] };
    const artifactHash = createHash("sha256")
      .update(Buffer.from(signatures[0]?.sig ?? "", "base64"))
      .digest();
    const request = { artifactHash, hashAlgorithmOID: "2.16.840.1.101.3.4.2.1", nonce: 1, policyOID: "1.3.6.1.4.1.57264.2" };
    const signedTimestamp = toBuffer(await clock.timestamp(request)).toString("base64");
    const { certificate, tlogEntries } = bundle.verificationMaterial;
    const timeless = tlogEntries.map(({ inclusionPromise: _, ...entry }) => ({ ...entry, integratedTime: "0" }));
    const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp }] };
    return { ...bundle, verificationMaterial: { certificate, tlogEntries: timeless, timestampVerificationData } };
  };

  return {
    root: JSON.stringify(root),
    identity,
    issuer,
    signStatement,
    signTimed,
    signSimple: async (digest) => {
      const { privateKey, der } = await certify();
      const payload = encodeSimpleSigning({ repository: "registry.example.com/acme/base", digest });
      const signature = sign("sha256", payload, privateKey).toString("base64");
      const { body, integratedTime, logID, logIndex, verification } = await record({
        kind: "hashedrekord",
        apiVersion: "0.0.1",
        spec: {
          data: { hash: { algorithm: "sha256", value: hexOf(digestOf(payload)) } },
          signature: { content: signature, publicKey: { content: Buffer.from(pemOf(der)).toString("base64") } },
        },
      });
      const Payload = { body, integratedTime, logID, logIndex };
      return {
        payload,
        annotations: {
          [SIGNATURE_ANNOTATION]: signature,
          "dev.sigstore.cosign/certificate": pemOf(der),
          "dev.sigstore.cosign/bundle": JSON.stringify({ SignedEntryTimestamp: verification?.signedEntryTimestamp, Payload }),
        },
      };
    },
  };
}

function describeEntry(kind: string, { body, integratedTime, logID, logIndex, verification }: Entry): Record<string, unknown> {
  const { rootHash = "", treeSize = 1, checkpoint = "", logIndex: index = 0 } = verification?.inclusionProof ?? {};
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, "hex").toString("base64") },
    kindVersion: { kind, version: "0.0.1" },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: verification?.signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(index),
      rootHash: Buffer.from(rootHash, "hex").toString("base64"),
      treeSize: String(treeSize),
      hashes: [],
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: body,
  };
}

function toBuffer(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function pemOf(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

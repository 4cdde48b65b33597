import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  rekorV2Handler,
  tsaHandler,
} from "@sigstore/mock";
import { cleanup } from "../running-test.js";

/** A Sigstore of one's own on loopback: certificate authority, logs, and timestamp authority. It stops with the test. */
export interface SigstoreServices {
  readonly url: string;
  /** `application/vnd.dev.sigstore.trustedroot+json;version=0.1` */
  readonly trustedRoot: object;
  /** Paths of the requests so far. */
  readonly requests: readonly string[];
  /** What answers to a path, in place of the service. */
  readonly answers: Map<string, { readonly status: number; readonly body: string }>;
}

const start = "2020-01-01T00:00:00Z";
const keyPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64 = (bytes: ArrayBufferView): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
const spki = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" });

export async function startSigstore(): Promise<SigstoreServices> {
  const keys = { ct: keyPair(), ca: keyPair(), log: keyPair(), tsa: keyPair() };
  const ctLog = await initializeCTLog(keys.ct);
  const ca = await initializeCA(keys.ca, ctLog);
  const tlog = await initializeTLog("https://rekor.test", keys.log);
  // A whole second, within the life of a certificate: the mock writes milliseconds in a form that verifiers do not read.
  const tsa = await initializeTSA(keys.tsa, new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000));
  const rekor = rekorHandler(tlog);
  const all = [
    fulcioHandler(ca),
    { ...rekor, fn: (request: string) => rekor.fn(asStored(request)) },
    rekorV2Handler(tlog),
    tsaHandler(tsa),
  ];
  const handlers = new Map(all.map(({ path, fn }) => [path, fn]));
  const requests: string[] = [];
  const answers = new Map<string, { readonly status: number; readonly body: string }>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const fault = answers.get(path);
      const handler = handlers.get(path);
      if (fault !== undefined || handler === undefined) return void response.writeHead(fault?.status ?? 404).end(fault?.body);
      void handler(Buffer.concat(chunks).toString()).then(({ statusCode, response: body, contentType = "text/plain" }) => {
        const bytes = typeof body === "string" ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
        response.writeHead(statusCode, { "content-type": contentType }).end(bytes);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `http://127.0.0.1:${String(address.port)}`;
  const log = (key: KeyObject, baseUrl: string) => ({
    baseUrl,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: spki(key).toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor: { start } },
    logId: { keyId: createHash("sha256").update(spki(key)).digest("base64") },
  });
  const authority = (uri: string, certificates: readonly ArrayBufferView[]) => ({
    subject: { organization: "sigstore.mock", commonName: "sigstore" },
    uri,
    certChain: { certificates: certificates.map((bytes) => ({ rawBytes: base64(bytes) })) },
    validFor: { start },
  });
  const trustedRoot = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [log(keys.log.publicKey, "https://rekor.test")],
    certificateAuthorities: [authority(url, [ca.rootCertificate])],
    ctlogs: [log(keys.ct.publicKey, "https://ctfe.test")],
    timestampAuthorities: [authority(`${url}/api/v1/timestamp`, [tsa.intCertificate, tsa.rootCertificate])],
  };
  return { url, trustedRoot, requests, answers };
}

/** A token as a CI has it: the mock believes what it says. */
export function identityToken(subject: string, issuer = "https://ci.test"): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: subject, iss: issuer, aud: "sigstore" })}.${Buffer.from("signature").toString("base64url")}`;
}

interface ProposedEntry {
  readonly kind: string;
  readonly spec: { readonly proposedContent?: { readonly envelope: string; readonly verifiers: readonly string[] } };
}

/** An envelope is proposed as it is, and Rekor stores its hashes and signatures (sigstore/rekor, pkg/types/dsse); the mock stores what it gets. */
function asStored(request: string): string {
  const entry = JSON.parse(request) as ProposedEntry;
  const proposed = entry.spec.proposedContent;
  if (entry.kind !== "dsse" || proposed === undefined) return request;
  const { payload, signatures } = JSON.parse(proposed.envelope) as { payload: string; signatures: readonly { sig: string }[] };
  const hash = (bytes: Buffer | string) => ({ algorithm: "sha256", value: createHash("sha256").update(bytes).digest("hex") });
  const spec = {
    envelopeHash: hash(proposed.envelope),
    payloadHash: hash(Buffer.from(payload, "base64")),
    signatures: signatures.map(({ sig }, at) => ({ signature: sig, verifier: proposed.verifiers[at] })),
  };
  return JSON.stringify({ ...entry, spec });
}

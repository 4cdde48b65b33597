import type { Bundle } from "@sigstore/bundle";

/** What cosign keeps beside a signature that was made without a key of one's own (sigstore/cosign, pkg/oci/static/options.go). */
const CERTIFICATE = "dev.sigstore.cosign/certificate";
const LOG_ENTRY = "dev.sigstore.cosign/bundle";
const TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp";

/**
 * Certificate, entry of the log and timestamp of a bundle, as annotations of a layer. An entry of Rekor v2 has no such form. The timestamp of an
 * envelope is over its signature, and older tools want one over the envelope: it is left out where `isEnvelope`.
 */
export function cosignAnnotations({ verificationMaterial }: Bundle, isEnvelope: boolean): Readonly<Record<string, string>> {
  const { content, tlogEntries, timestampVerificationData } = verificationMaterial;
  const certificate = leafOf(content);
  const entry = tlogEntries.find(({ inclusionPromise }) => inclusionPromise !== undefined);
  const timestamp = isEnvelope ? undefined : timestampVerificationData?.rfc3161Timestamps[0];
  return {
    ...(certificate === undefined ? {} : { [CERTIFICATE]: toPem(certificate) }),
    ...(entry === undefined
      ? {}
      : {
          [LOG_ENTRY]: JSON.stringify({
            SignedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp.toString("base64"),
            Payload: {
              body: entry.canonicalizedBody.toString("base64"),
              integratedTime: Number(entry.integratedTime),
              logIndex: Number(entry.logIndex),
              logID: entry.logId?.keyId.toString("hex"),
            },
          }),
        }),
    ...(timestamp === undefined
      ? {}
      : { [TIMESTAMP]: JSON.stringify({ SignedRFC3161Timestamp: timestamp.signedTimestamp.toString("base64") }) }),
  };
}

/** The library makes bundles of messages in version 0.2, which holds a chain. */
function leafOf(content: Bundle["verificationMaterial"]["content"]): Buffer | undefined {
  if (content.$case === "certificate") return content.certificate.rawBytes;
  return content.$case === "x509CertificateChain" ? content.x509CertificateChain.certificates[0]?.rawBytes : undefined;
}

function toPem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

import { createHash, X509Certificate } from "node:crypto";

/** A certificate of a bundle. */
export interface BundledCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  readonly digest: string;
  readonly der: Buffer;
}

const pemBlock = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]*?)-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** The certificates of a PEM text in order; text between them is ignored (RFC 7468). */
export function readCertificates(pem: string): readonly BundledCertificate[] {
  return [...pem.matchAll(pemBlock)].map(([, base64 = ""]) => {
    const der = Buffer.from(base64, "base64");
    return { der, digest: createHash("sha256").update(der).digest("hex") };
  });
}

/** `-----BEGIN CERTIFICATE-----` with lines of 64 characters and a newline at the end. */
export function formatCertificate(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** Whether it can be trusted as an authority: by its basic constraints, or because it is self-signed, an authority only for itself. */
export function isAuthority(der: Buffer): boolean {
  const certificate = new X509Certificate(der);
  return certificate.ca || (certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey));
}

interface Element {
  readonly tag: number;
  /** Header included. */
  readonly whole: Buffer;
  readonly value: Buffer;
}

/** DER (X.690), as far as certificates use it. Throws `RangeError` for truncated bytes. */
function readElements(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes.readUInt8(at + 1);
    const count = first & 0x80 ? first & 0x7f : 0;
    const length = count === 0 ? first : bytes.readUIntBE(at + 2, count);
    const start = at + 2 + count;
    if (start + length > bytes.length) throw new RangeError("an element is longer than its parent");
    elements.push({ tag: bytes.readUInt8(at), whole: bytes.subarray(at, start + length), value: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

function encode(tag: number, value: Buffer): Buffer {
  const size: number[] = [];
  for (let rest = value.length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest & 0xff);
  const length = value.length < 128 ? [value.length] : [0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

/**
 * The hash by which OpenSSL finds an authority in a directory: `openssl x509 -hash`, 8 hex digits: the first four bytes, little endian, of
 * the SHA-1 of the subject's canonical encoding (openssl, crypto/x509/x_name.c, x509_name_canon).
 */
export function subjectHash(der: Buffer): string {
  const [certificate] = readElements(der);
  const [body] = readElements(certificate?.value ?? der);
  const fields = readElements(body?.value ?? der);
  // An explicit version, [0], precedes serial number, signature algorithm, issuer and validity.
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  const canonical = readElements(subject?.value ?? Buffer.alloc(0)).map(({ value }) => encode(0x31, canonicalSet(value)));
  return createHash("sha1").update(Buffer.concat(canonical)).digest().readUInt32LE(0).toString(16).padStart(8, "0");
}

function canonicalSet(set: Buffer): Buffer {
  const attributes = readElements(set).map(({ value }) => {
    const [type, text] = readElements(value);
    return encode(0x30, Buffer.concat([type?.whole ?? Buffer.alloc(0), text === undefined ? Buffer.alloc(0) : canonicalText(text)]));
  });
  return Buffer.concat(attributes.sort((a, b) => Buffer.compare(a, b)));
}

const utf8 = 0x0c;
const decoders: Readonly<Record<number, (value: Buffer) => string>> = {
  0x0c: (value) => value.toString("utf8"),
  0x13: (value) => value.toString("latin1"),
  0x14: (value) => value.toString("latin1"),
  0x16: (value) => value.toString("latin1"),
  0x1a: (value) => value.toString("latin1"),
  0x1c: (value) => String.fromCodePoint(...Array.from({ length: value.length >> 2 }, (_, at) => value.readUInt32BE(4 * at))),
  0x1e: (value) => Buffer.from(value).swap16().toString("utf16le"),
};

/** Strings become UTF-8, trimmed, with single spaces inside and ASCII in lower case; other types stay unchanged. */
function canonicalText({ tag, whole, value }: Element): Buffer {
  const decode = decoders[tag];
  if (decode === undefined) return whole;
  const text = decode(value)
    .replace(/[\t-\r ]+/g, " ")
    .replace(/^ | $/g, "")
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return encode(utf8, Buffer.from(text, "utf8"));
}

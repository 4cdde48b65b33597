import { X509Certificate } from "node:crypto";
import { DhiError } from "../../errors.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { LayerDraft } from "../../rootfs/layers/draft.js";
import type { RawPath } from "../../rootfs/tree/node.js";
import { joinRaw, parentOf } from "../../rootfs/tree/raw-path.js";
import { formatCertificate, isAuthority, readCertificates, type BundledCertificate } from "./certificate.js";
import { linkByHash } from "./certificate-links.js";
import type { PackageNotice } from "../packages.js";
import { RootEditor } from "./root-editor.js";

/** Where programs look for a bundle (Go's crypto/x509, root_linux.go, and OpenSSL's default); first those that packages maintain. */
const bundles = [
  "etc/ssl/certs/ca-certificates.crt",
  "etc/pki/tls/certs/ca-bundle.crt",
  "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "etc/ssl/ca-bundle.pem",
  "etc/pki/tls/cacert.pem",
  "etc/ssl/cert.pem",
];

const javaStores = ["etc/ssl/certs/java/cacerts", "etc/pki/ca-trust/extracted/java/cacerts", "etc/pki/java/cacerts"];
const kept = "usr/local/share/ca-certificates";
const directory = "etc/ssl/certs";

/**
 * Adds certificates to every bundle of the root that lacks them, and stores each under
 * `/usr/local/share/ca-certificates`. Throws `DhiError` "invalid" with `property[n]` for what is not a certificate of an authority,
 * "not-found" without a bundle, "limit" for a bundle that is too large.
 */
export function mergeCaCertificates(
  tree: FileTree,
  draft: LayerDraft,
  pems: readonly string[],
  property: string,
): readonly PackageNotice[] {
  const wanted = new Map(pems.flatMap((pem, at) => readAuthorities(pem, `${property}[${String(at)}]`)).map((one) => [one.digest, one]));
  if (wanted.size === 0) return [];
  const editor = new RootEditor(tree, draft);
  const places = new Set(bundles.flatMap((path) => tree.follow(path) ?? []).filter((path) => tree.get(path)?.type === "file"));
  if (places.size === 0) {
    throw new DhiError("not-found", "the image has no bundle of CA certificates to add these to", {
      origin: "inputs",
      property,
      hint: "Add the package ca-certificates, or use a base that has a bundle",
    });
  }
  for (const place of places) mergeInto(editor, place, [...wanted.values()], property);
  for (const { digest, der } of wanted.values()) keepCertificate(editor, digest, der);
  if (places.has(joinRaw(directory, "ca-certificates.crt"))) linkByHash(editor, directory);
  editor.flush();
  const store = javaStores.find((path) => tree.follow(path) !== undefined);
  if (store === undefined) return [];
  return [
    {
      kind: "java-store",
      message: `the Java key store /${store} is not changed: Java programs do not trust the certificates of ${property}`,
    },
  ];
}

function mergeInto(editor: RootEditor, place: RawPath, wanted: readonly BundledCertificate[], property: string): void {
  const bytes = editor.read(place);
  if (bytes === undefined) {
    throw new DhiError("limit", `/${place} is larger than 4 MiB, the limit for a bundle`, { origin: "base", property });
  }
  const text = bytes.toString("latin1");
  const present = new Set(readCertificates(text).map(({ digest }) => digest));
  const missing = wanted.filter(({ digest }) => !present.has(digest));
  const end = text === "" || text.endsWith("\n") ? "" : "\n";
  if (missing.length > 0) editor.write(place, `${text}${end}${missing.map(({ der }) => formatCertificate(der)).join("")}`);
}

/** Stored where update-ca-certificates(8) finds it again, and linked as it would link it. */
function keepCertificate(editor: RootEditor, digest: string, der: Buffer): void {
  const name = `dhi-${digest.slice(0, 16)}`;
  const path = joinRaw(kept, `${name}.crt`);
  editor.makeDirectory(parentOf(path));
  editor.write(path, formatCertificate(der));
  if (editor.node(joinRaw(directory, "ca-certificates.crt")) !== undefined) editor.link(joinRaw(directory, `${name}.pem`), `/${path}`);
}

function readAuthorities(pem: string, property: string): readonly BundledCertificate[] {
  const wrong = (what: string, hint: string): DhiError => new DhiError("invalid", what, { origin: "inputs", property, hint });
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(pem)) {
    throw wrong("it contains a private key, which would be readable in the image", "Pass only the certificate");
  }
  const found = readCertificates(pem);
  if (found.length === 0) throw wrong("it contains no certificate", "Pass PEM text, with -----BEGIN CERTIFICATE-----");
  for (const { der } of found) {
    const authority = tryAuthority(der);
    if (authority === undefined) throw wrong("it contains a certificate that cannot be parsed", "Check that the PEM text is complete");
    if (!authority)
      throw wrong(`it is the certificate of ${subjectOf(der)}, which is not an authority`, "Pass the certificate of the CA that signed it");
  }
  return found;
}

function tryAuthority(der: Buffer): boolean | undefined {
  try {
    return isAuthority(der);
  } catch {
    return undefined;
  }
}

function subjectOf(der: Buffer): string {
  return new X509Certificate(der).subject.split("\n").join(", ");
}

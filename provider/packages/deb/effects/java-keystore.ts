import { createHash } from "node:crypto";
import { fromTarName, baseNameOf } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import { linesOf } from "../../scripts/commands/grep.js";
import { done, type CommandModel } from "../../scripts/script-host.js";

const store = "etc/ssl/certs/java/cacerts";
const magic = 0xfeedfeed;
const version = 2;
const trusted = 2;
/** What the digest covers first, after the password (sun.security.provider.JavaKeyStore, getPreKeyedHash). */
const whitener = "Mighty Aphrodite";

/** Certificates (DER) by their aliases, as a key store in Java's own format, JKS. Without times: they would differ in each build. */
export function formatKeyStore(certificates: ReadonlyMap<string, Buffer>, password: string): Buffer {
  const head = Buffer.alloc(12);
  [magic, version, certificates.size].forEach((word, at) => head.writeUInt32BE(word, 4 * at));
  const entries = [...certificates].sort().map(([alias, der]) => {
    const [tag, length] = [Buffer.alloc(4), Buffer.alloc(4)];
    tag.writeUInt32BE(trusted);
    length.writeUInt32BE(der.length);
    return Buffer.concat([tag, text(alias), Buffer.alloc(8), text("X.509"), length, der]);
  });
  const body = Buffer.concat([head, ...entries]);
  const secret = Buffer.from(password, "utf16le").swap16();
  return Buffer.concat([body, createHash("sha1").update(secret).update(whitener).update(body).digest()]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The program of ca-certificates-java: lines `+/etc/ssl/certs/x.pem` add certificates to the store. An existing store is not understood. */
export function javaCommand(editor: RootEditor): CommandModel {
  return (args, input) => {
    const at = args.indexOf("-storepass");
    if (!args.some((arg) => arg.endsWith("/ca-certificates-java.jar")) || at < 0 || input === undefined) return undefined;
    if (editor.node(store) !== undefined) return undefined;
    const certificates = new Map<string, Buffer>();
    for (const line of linesOf(input)) {
      const path = fromTarName(line.slice(1));
      const [, base64] = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(editor.text(path) ?? "") ?? [];
      if (!line.startsWith("+") || base64 === undefined) return undefined;
      certificates.set(`debian:${baseNameOf(path).toLowerCase()}`, Buffer.from(base64, "base64"));
    }
    editor.write(store, formatKeyStore(certificates, args[at + 1] ?? ""));
    return done;
  };
}

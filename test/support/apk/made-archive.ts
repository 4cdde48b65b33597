import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { withData } from "../tar/archive.js";

/** A package in one line: `name 1.0; D: a b>1 !c; p: v=1 w; i: x y; k: 10`, the fields as in apk-index(5). */
export type Line = string;

/** Its stanza: the same line gives the same checksum, wherever it stands. */
export function toStanza(line: Line): string {
  const [head = "", ...fields] = line.split(";").map((part) => part.trim());
  const [name = "", version = "1"] = head.split(" ");
  const given = new Map(fields.map((field) => [field.slice(0, 1), field.slice(2).trim()]));
  const checksum = `Q1${createHash("sha1").update(line).digest("base64")}`;
  const all = new Map([
    ...Object.entries({ C: checksum, P: name, V: version, A: "x86_64", S: "1000", I: "4096", T: `The package ${name}` }),
    ...given,
  ]);
  return [...all].map(([letter, value]) => `${letter}:${value}\n`).join("");
}

/** The text of a package index, or of an installed database without files. */
export function toText(lines: readonly Line[]): string {
  return lines.map((line) => `${toStanza(line)}\n`).join("");
}

/** As a repository has it, without a signature. */
export function toIndexArchive(lines: readonly Line[]): Buffer {
  return gzipSync(Buffer.concat([withData({ name: "APKINDEX" }, toText(lines)), Buffer.alloc(1024)]), { level: 1 });
}

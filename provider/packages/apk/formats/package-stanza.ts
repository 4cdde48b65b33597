import { DhiError } from "../../../errors.js";
import type { ApkPackage, ApkRepository } from "./apk-package.js";
import { parseDependencies, parseProvides } from "./dependency.js";
import { isApkVersion } from "./version.js";
import { trimOf } from "../../../text/trim.js";

/** What apk accepts as a name, and what is safe in a URL and in a file name. */
const nameSyntax = /^[A-Za-z0-9._][A-Za-z0-9+._-]*$/;
const architectureSyntax = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** Fields that a package must have, by letter. */
type Fields = ReadonlyMap<string, string>;

/**
 * A stanza of a package index (apk-index(5)) or the head of one of the installed database: lines of a letter, a colon and a value,
 * bytes as latin1. Unknown letters are ignored, as apk does with lower-case ones. `what` names the file in errors. Throws `DhiError` "invalid".
 */
export function parseStanza(stanza: string, what: string, repositories: readonly ApkRepository[] = []): ApkPackage {
  const fields = readFields(stanza, what);
  const name = fields.get("P") ?? "";
  const at = `${what}: ${name === "" ? "a package" : name}`;
  if (!nameSyntax.test(name)) throw new DhiError("invalid", `${what}: ${JSON.stringify(name.slice(0, 100))} is not a valid package name`);
  const version = fields.get("V") ?? "";
  if (!isApkVersion(version) || version === "" || /[/\s]/.test(version)) throw wrong(at, "version", version);
  const architecture = fields.get("A") ?? "noarch";
  if (!architectureSyntax.test(architecture)) throw wrong(at, "architecture", architecture);
  const checksum = fields.get("C") ?? "";
  if (!/^Q1[A-Za-z0-9+/]{27}=$/.test(checksum)) throw wrong(at, "checksum", checksum);
  const list = (letter: string): string => fields.get(letter) ?? "";
  const field = (letter: string): string => `${at}, field ${letter}`;
  return {
    name,
    version,
    architecture,
    checksum,
    size: number(at, fields, "S"),
    installedSize: number(at, fields, "I"),
    description: list("T"),
    origin: fields.get("o"),
    depends: parseDependencies(list("D"), field("D")),
    provides: parseProvides(list("p"), field("p")),
    installIf: parseDependencies(list("i"), field("i")),
    providerPriority: number(at, fields, "k"),
    replaces: parseDependencies(list("r"), field("r")),
    replacesPriority: number(at, fields, "q"),
    repositories,
    stanza,
  };
}

/** Each part of a text between empty lines, without the newline at its end. */
export function splitStanzas(text: string): readonly string[] {
  return text.split(/\n{2,}/).flatMap((part) => {
    const stanza = trimOf(part, "\n");
    return stanza === "" ? [] : [stanza];
  });
}

/** The first of each letter counts: of the installed database only the head is read, up to its folders. */
function readFields(stanza: string, what: string): Fields {
  const fields = new Map<string, string>();
  for (const line of stanza.split("\n")) {
    if (line === "") continue;
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(line))
      throw new DhiError("invalid", `${what}: ${JSON.stringify(line.slice(0, 60))} has a control character`);
    const letter = line.charAt(0);
    if (line[1] !== ":" || !/[A-Za-z]/.test(letter))
      throw new DhiError("invalid", `${what}: ${JSON.stringify(line.slice(0, 60))} is not a valid field`);
    if (letter === "F") break;
    if (!fields.has(letter)) fields.set(letter, line.slice(2));
  }
  return fields;
}

function number(at: string, fields: Fields, letter: string): number {
  const text = fields.get(letter) ?? "";
  if (text === "") return 0;
  const value = Number(text);
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(value)) throw wrong(at, `field ${letter}`, text);
  return value;
}

function wrong(at: string, what: string, value: string): DhiError {
  return new DhiError("invalid", `${at}: its ${what} ${JSON.stringify(value.slice(0, 100))} is not valid`);
}

import { createHash } from "node:crypto";
import type { DebPacking, DebSpec } from "./deb.js";
import { buildDeb, controlText, debFields, debVersion, pack } from "./deb.js";
import type { ArchiveKey } from "./keys.js";
import { clearSign, detachSign } from "./keys.js";

export interface SuiteSpec {
  /** Folder below dists and the codename. */
  readonly suite: string;
  /** By component. */
  readonly packages: Readonly<Record<string, readonly DebSpec[]>>;
  /** `amd64` and `arm64` when absent. */
  readonly architectures?: readonly string[];
  /** None: unsigned. */
  readonly keys: readonly ArchiveKey[];
  /** InRelease when absent; `detached` is Release with Release.gpg. */
  readonly signature?: "inline" | "detached";
  /** Forms of each package index; `.gz` and `.xz` when absent. */
  readonly indexes?: readonly DebPacking[];
  readonly byHash?: boolean;
  readonly date?: Date;
  readonly validUntil?: Date;
  /** More fields of Release. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Changes what is signed, or what indexes say, before it is. */
  readonly editRelease?: (text: string) => string;
  readonly editIndex?: (text: string) => string;
  /** Packs indexes; as one stream, member or frame when absent. */
  readonly packIndex?: (bytes: Buffer, form: DebPacking) => Buffer;
}

/** Every file of an archive by its path below the root. */
export type ArchiveFiles = Map<string, Buffer>;

/** A signed Debian archive with all its packages, in memory. Change its files to make it a bad one. */
export async function buildArchive(suites: readonly SuiteSpec[]): Promise<ArchiveFiles> {
  const files: ArchiveFiles = new Map();
  for (const suite of suites) await addSuite(suite, files);
  return files;
}

async function addSuite(spec: SuiteSpec, files: ArchiveFiles): Promise<void> {
  const root = `dists/${spec.suite}`;
  const architectures = spec.architectures ?? ["amd64", "arm64"];
  const indexes = new Map<string, Buffer>();
  for (const [component, packages] of Object.entries(spec.packages)) {
    const stanzas = packages.map((deb) => ({ architecture: deb.architecture ?? "amd64", text: addDeb(deb, component, files) }));
    for (const architecture of architectures) {
      const text = stanzas.filter((stanza) => ["all", architecture].includes(stanza.architecture)).map((stanza) => stanza.text);
      const bytes = Buffer.from((spec.editIndex ?? same)(text.join("\n")), "utf8");
      const path = `${component}/binary-${architecture}/Packages`;
      indexes.set(path, bytes);
      for (const form of spec.indexes ?? [".gz", ".xz"]) {
        const packed = (spec.packIndex ?? pack)(bytes, form);
        indexes.set(`${path}${form}`, packed);
        files.set(`${root}/${path}${form}`, packed);
        if (spec.byHash ?? true) files.set(`${root}/${component}/binary-${architecture}/by-hash/SHA256/${sha256(packed)}`, packed);
      }
    }
  }
  const text = (spec.editRelease ?? same)(releaseText(spec, architectures, indexes));
  if (spec.signature !== "detached" && spec.keys.length > 0) {
    files.set(`${root}/InRelease`, Buffer.from(await clearSign(text, spec.keys)));
    return;
  }
  const release = Buffer.from(text);
  files.set(`${root}/Release`, release);
  if (spec.keys.length > 0) files.set(`${root}/Release.gpg`, Buffer.from(await detachSign(release, spec.keys)));
}

function same(text: string): string {
  return text;
}

/** Puts the package into the pool; returns its stanza. */
function addDeb(spec: DebSpec, component: string, files: ArchiveFiles): string {
  const bytes = spec.raw ?? buildDeb(spec);
  const version = debVersion(spec).replace(/^[0-9]+:/, "");
  const path = `pool/${component}/${spec.name}_${version}_${spec.architecture ?? "amd64"}.deb`;
  files.set(path, bytes);
  return controlText([...debFields(spec), ["Filename", path], ["Size", String(bytes.length)], ["SHA256", sha256(bytes)]]);
}

export function releaseText(spec: SuiteSpec, architectures: readonly string[], indexes: ReadonlyMap<string, Buffer>): string {
  const table = [...indexes].map(([path, bytes]) => `\n ${sha256(bytes)} ${String(bytes.length).padStart(8)} ${path}`);
  return controlText([
    ["Origin", "Tests"],
    ["Suite", spec.suite],
    ["Codename", spec.suite],
    ["Date", (spec.date ?? new Date()).toUTCString().replace("GMT", "UTC")],
    ...(spec.validUntil === undefined ? [] : [["Valid-Until", spec.validUntil.toUTCString().replace("GMT", "UTC")] as const]),
    ...((spec.byHash ?? true) ? [["Acquire-By-Hash", "yes"] as const] : []),
    ["Architectures", architectures.join(" ")],
    ["Components", Object.keys(spec.packages).join(" ")],
    ...Object.entries(spec.fields ?? {}),
    ["SHA256", table.join("")],
  ]);
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

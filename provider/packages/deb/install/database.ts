import { DhiError } from "../../../errors.js";
import type { RawPath } from "../../../rootfs/tree/node.js";
import type { RootEditor } from "../../root/root-editor.js";
import { trimEndOf } from "../../../text/trim.js";
import { trimBlanks } from "../formats/control.js";

export const dpkgFolder = "var/lib/dpkg";
const statusPath = `${dpkgFolder}/status`;
export const statusFolder = `${dpkgFolder}/status.d`;
const extendedStatesPath = "var/lib/apt/extended_states";

/** How a base records its packages: in dpkg's single file, or in a file for each, as distroless images do. */
export type DatabaseForm = "status" | "status.d";

/** Throws `DhiError` "not-found" for a root without either form. */
export function databaseForm({ tree }: RootEditor, fromScratch: boolean): DatabaseForm {
  if (fromScratch) return "status";
  const status = tree.follow(statusPath);
  const size = status === undefined ? 0 : (tree.get(status)?.content?.size ?? 0);
  if (size > 0) return "status";
  const folder = tree.follow(statusFolder);
  if (folder !== undefined && tree.list(folder).length > 0) return "status.d";
  throw new DhiError("not-found", `the base has no package database: neither /${statusPath} nor files in /${statusFolder}`, {
    origin: "base",
    hint: "Without it the installed packages are unknown. Use a base that has one, or make the image from scratch with distribution",
  });
}

export interface StatusBlock {
  readonly name: string;
  readonly architecture: string;
  /** Without the empty line after it. */
  readonly text: string;
  /** Its file in `status.d`; undefined in `status`. */
  readonly file?: string;
}

/** The paragraphs of a status file, bytes unchanged. */
export function splitStatus(text: string): readonly StatusBlock[] {
  return text
    .split(/\n(?:[ \t]*\n)+/)
    .filter((block) => block.trim() !== "")
    .map((block) => ({ name: field(block, "Package"), architecture: field(block, "Architecture"), text: `${trimEndOf(block, "\n")}\n` }));
}

export function field(block: string, name: string): string {
  const start = `${name.toLowerCase()}:`;
  const line = block.split("\n").find((one) => one.slice(0, start.length).toLowerCase() === start);
  return line === undefined ? "" : trimBlanks(line.slice(start.length));
}

/** Throws `DhiError` "invalid" for a status file whose bytes were not kept. */
export function readStatus(editor: RootEditor): readonly StatusBlock[] {
  return splitStatus(readDatabaseFile(editor, statusPath) ?? "");
}

/** The paragraphs of a `status.d`. Throws `DhiError` "invalid" as `readStatus` does. */
export function readStatusFolder(editor: RootEditor): readonly StatusBlock[] {
  const real = editor.tree.follow(statusFolder);
  const files = real === undefined ? [] : editor.tree.list(real).filter((file) => !file.endsWith(".md5sums"));
  return files.flatMap((file) =>
    splitStatus(readDatabaseFile(editor, `${statusFolder}/${file}`) ?? "").map((block) => ({ ...block, file })),
  );
}

export function readDatabaseFile(editor: RootEditor, path: RawPath): string | undefined {
  const text = editor.text(path);
  if (text !== undefined || editor.node(path) === undefined) return text;
  throw new DhiError("limit", `/${path} of the base is larger than 4 MiB, the limit`, { origin: "base" });
}

/** Inserts paragraphs in dpkg's order (by name, then architecture) where the file is sorted, else at the end; replaces the same package. */
export function writeStatus(editor: RootEditor, base: readonly StatusBlock[], added: readonly StatusBlock[]): void {
  const same = (a: StatusBlock, b: StatusBlock): boolean =>
    a.name === b.name && (a.architecture === b.architecture || a.architecture === "all" || b.architecture === "all");
  const kept = base.filter((old) => !added.some((block) => same(old, block)));
  const sorted = base.every((block, at) => at === 0 || compareBlocks(base[at - 1] ?? block, block) <= 0);
  const all = sorted ? [...kept, ...added].sort(compareBlocks) : [...kept, ...added];
  editor.write(statusPath, all.map(({ text }) => `${text}\n`).join(""));
}

function compareBlocks(a: StatusBlock, b: StatusBlock): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.architecture < b.architecture ? -1 : a.architecture > b.architecture ? 1 : 0;
}

/** Marks dependencies as automatically installed, as apt does (apt-mark(8)); names in the file keep their mark, unless requested now. */
export function writeExtendedStates(
  editor: RootEditor,
  architecture: string,
  automatic: readonly string[],
  requested: readonly string[],
): void {
  const known = splitStatus(editor.text(extendedStatesPath) ?? "").filter(({ name }) => !requested.includes(name));
  const added = automatic.filter((name) => !known.some((block) => block.name === name)).sort();
  if (added.length === 0 && editor.node(extendedStatesPath) === undefined) return;
  const blocks = added.map((name) => `Package: ${name}\nArchitecture: ${architecture}\nAuto-Installed: 1\n`);
  editor.write(extendedStatesPath, [...known.map(({ text }) => text), ...blocks].map((text) => `${text}\n`).join(""));
}

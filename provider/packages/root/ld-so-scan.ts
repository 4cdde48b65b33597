import { DhiError } from "../../errors.js";
import type { RawPath } from "../../rootfs/tree/node.js";
import { fromTarName, joinRaw } from "../../rootfs/tree/raw-path.js";
import { isLibraryName, type ElfFacts } from "./elf-facts.js";
import { compareLibraryNames, formatLdSoCache, parseLdSoCache, type CachedLibrary, type LdSoCache } from "./ld-so-cache.js";
import type { RootEditor } from "./root-editor.js";
import { trimEndOf } from "../../text/trim.js";
import { compileGlobPart } from "../scripts/patterns/glob-part.js";

const cachePath = "etc/ld.so.cache";
const configPath = "etc/ld.so.conf";

/** Kinds of libraries by machine and class: glibc's ldconfig.h and sysdeps/unix/sysv/linux/<machine>/readelflib.c. All are FLAG_ELF_LIBC6. */
function flagsOf({ machine, bits, flags }: ElfFacts): number | undefined {
  const libc6 = 3;
  if (machine === 62) return libc6 | (bits === 64 ? 0x0300 : 0x0800);
  if (machine === 183) return libc6 | (bits === 64 ? 0x0a00 : 0);
  if (machine === 3) return libc6;
  if (machine === 40) return libc6 | (flags & 0x400 ? 0x0900 : flags & 0x200 ? 0x0b00 : 0);
  if (machine === 22) return libc6 | (bits === 64 ? 0x0400 : 0);
  if (machine === 21) return libc6 | 0x0500;
  if (machine === 243) return libc6 | ({ 0: 0x0f00, 4: 0x1000 }[flags & 6] ?? 0);
  return undefined;
}

/**
 * Adds libraries to `/etc/ld.so.cache` as ldconfig(8) would when it scans the directories of `/etc/ld.so.conf` and the default ones. Entries
 * of the base stay if their files do. `multiarch`: `x86_64-linux-gnu`. `generator`: for a root without a cache; without it, no cache
 * is made there, and the loader searches only its default directories.
 */
export function updateLdSoCache(
  editor: RootEditor,
  libraries: ReadonlyMap<RawPath, ElfFacts>,
  multiarch: string | undefined,
  generator: string | undefined,
): void {
  const bytes = editor.read(cachePath);
  if (libraries.size === 0 || (bytes === undefined && generator === undefined)) return;
  const old: LdSoCache = bytes === undefined ? { libraries: [], generator } : parseLdSoCache(bytes);
  const directories = searchDirectories(editor, multiarch);
  const found = directories.flatMap((directory) => scan(editor, directory, libraries));
  if (found.length === 0) return;
  const made = new Set(found.map(({ path }) => path));
  const kept = old.libraries.filter(({ path }) => {
    const real = editor.tree.follow(fromTarName(path));
    return !made.has(path) && real !== undefined;
  });
  editor.write(cachePath, formatLdSoCache({ libraries: inOrder(directories, [...kept, ...found]), generator: old.generator ?? generator }));
}

/** Among libraries of one name, the one in the first directory comes first. */
function inOrder(directories: readonly string[], libraries: readonly CachedLibrary[]): readonly CachedLibrary[] {
  const place = ({ path }: CachedLibrary): number => directories.indexOf(path.slice(0, path.lastIndexOf("/")));
  return [...libraries].sort((a, b) => place(a) - place(b));
}

/** Absolute, by the names in the configuration, each real directory once; then the loader's defaults. */
function searchDirectories(editor: RootEditor, multiarch: string | undefined): readonly string[] {
  const own = multiarch === undefined ? [] : [`/lib/${multiarch}`, `/usr/lib/${multiarch}`];
  const seen = new Set<RawPath>();
  return [...configuredDirectories(editor, configPath, 0), ...own, "/lib", "/usr/lib"].filter((directory) => {
    const real = editor.tree.follow(fromTarName(directory));
    if (real === undefined || seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

function configuredDirectories(editor: RootEditor, file: RawPath, depth: number): readonly string[] {
  if (depth > 10) throw new DhiError("invalid", `/${file} includes itself`, { origin: "base" });
  return (editor.text(file) ?? "").split("\n").flatMap((line) => {
    const [words = ""] = line.split("#");
    const [first = "", ...rest] = words.split(/[\s,:]+/).filter((word) => word !== "");
    if (first === "include") return rest.flatMap((pattern) => included(editor, pattern, depth));
    return first.startsWith("/") ? [trimEndOf(first, "/")] : [];
  });
}

function included(editor: RootEditor, pattern: string, depth: number): readonly string[] {
  const absolute = fromTarName(pattern.startsWith("/") ? pattern : `etc/${pattern}`);
  const slash = absolute.lastIndexOf("/");
  const folder = editor.tree.follow(absolute.slice(0, slash));
  const name = compileGlobPart(
    absolute
      .slice(slash + 1)
      .split("")
      .map((character) => (character === "*" ? { kind: "many" } : character === "?" ? { kind: "one" } : character)),
  );
  if (folder === undefined) return [];
  const files = editor.tree.list(folder).filter((file) => name(file) && !file.startsWith("."));
  return files.flatMap((file) => configuredDirectories(editor, joinRaw(folder, file), depth + 1));
}

interface Found {
  readonly file: string;
  readonly isLink: boolean;
  readonly flags: number;
}

/** ldconfig.c, search_dir: one entry per SONAME, whose link is made if it is missing. */
function scan(editor: RootEditor, directory: string, libraries: ReadonlyMap<RawPath, ElfFacts>): readonly CachedLibrary[] {
  const real = editor.tree.follow(fromTarName(directory));
  if (real === undefined) return [];
  const found = new Map<string, Found>();
  for (const file of editor.tree.list(real)) {
    if (!isLibraryName(file)) continue;
    const target = editor.tree.follow(joinRaw(real, file));
    const facts = target === undefined ? undefined : libraries.get(target);
    const flags = facts === undefined ? undefined : flagsOf(facts);
    if (facts === undefined || flags === undefined) continue;
    const soname = facts.soname ?? file;
    const isLink =
      editor.tree.get(joinRaw(real, file))?.type === "symlink" && (file === soname || (file.endsWith(".so") && soname.startsWith(file)));
    const name = isLink ? file : soname;
    const other = found.get(name);
    const better =
      other === undefined || (!isLink && other.isLink) || (isLink === other.isLink && compareLibraryNames(other.file, file) < 0);
    if (better) found.set(name, { file, isLink, flags });
  }
  return [...found].map(([name, { file, isLink, flags }]) => {
    if (!isLink && editor.tree.get(joinRaw(real, name)) === undefined) editor.link(joinRaw(real, name), file);
    return { name, path: `${directory}/${name}`, flags, osVersion: 0, hwcapBits: 0n };
  });
}

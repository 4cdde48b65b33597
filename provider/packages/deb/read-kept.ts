import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { Content, FileNode, LayerEntry, RawPath } from "../../rootfs/node.js";
import { baseNameOf } from "../../rootfs/raw-path.js";
import { elfFactsOf, isLibraryName, type ElfFacts } from "../elf-facts.js";
import { keepOfPackage } from "./keep.js";

/** Bytes; what is bigger stays in the tar. */
const keepLimit = 4 * 1024 * 1024;
/** No shared library of Debian comes near it. */
const libraryLimit = 512 * 1024 * 1024;

/**
 * Takes out of a package's spooled data archive what installing it must see: the bytes of few small files, and the facts of
 * shared libraries. `tar`: the file that `unpackDeb` spooled into.
 */
export async function readKept(
  unpacked: { readonly control: ReadonlyMap<string, Buffer>; readonly entries: readonly LayerEntry[] },
  tar: string,
): Promise<{ readonly entries: readonly LayerEntry[]; readonly libraries: ReadonlyMap<RawPath, ElfFacts> }> {
  const keep = keepOfPackage(unpacked.control);
  const libraries = new Map<RawPath, ElfFacts>();
  const kept = new Map<FileNode, FileNode>();
  const handle = await open(tar, "r");
  try {
    for (const entry of unpacked.entries) {
      if (!("node" in entry) || entry.node.content?.from !== "layer") continue;
      const { content } = entry.node;
      if (keep(entry.path) && content.size <= keepLimit) {
        const bytes = await readContent(handle, content);
        kept.set(entry.node, { ...entry.node, content: { from: "bytes", digest: content.digest, size: content.size, bytes } });
      } else if (isLibraryName(baseNameOf(entry.path)) && content.size <= libraryLimit) {
        const facts = elfFactsOf(await readContent(handle, content));
        if (facts !== undefined) libraries.set(entry.path, facts);
      }
    }
  } finally {
    await handle.close();
  }
  const entries = unpacked.entries.map((entry) => ("node" in entry ? { ...entry, node: kept.get(entry.node) ?? entry.node } : entry));
  return { entries, libraries };
}

async function readContent(handle: FileHandle, { size, extents }: Extract<Content, { from: "layer" }>): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  for (const { offset, length, position } of extents) await handle.read(bytes, offset, length, position);
  return bytes;
}

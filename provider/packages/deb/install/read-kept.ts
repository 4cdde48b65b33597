import { closeSync, openSync, readSync } from "node:fs";
import type { Content, FileNode, LayerEntry, RawPath } from "../../../rootfs/tree/node.js";
import { baseNameOf } from "../../../rootfs/tree/raw-path.js";
import { beyondLimit, MAX_KEPT_BYTES } from "../../../rootfs/tar/limits.js";
import { isLibraryName, readElfFacts, type ElfFacts } from "../../root/elf-facts.js";
import { keepOfPackage } from "./keep.js";

/** Bytes; larger files stay in the tar. */
const keepLimit = 4 * 1024 * 1024;
/**
 * Reads from a package's spooled data archive what installing it needs: the bytes of a few small files, and the facts of
 * shared libraries. `tar`: the file that `unpackDeb` spooled into. Throws `DhiError` "limit" where these bytes are too many to hold in memory.
 */
export function readKept(
  unpacked: { readonly control: ReadonlyMap<string, Buffer>; readonly entries: readonly LayerEntry[] },
  tar: string,
): { readonly entries: readonly LayerEntry[]; readonly libraries: ReadonlyMap<RawPath, ElfFacts> } {
  const keep = keepOfPackage(unpacked.control);
  const libraries = new Map<RawPath, ElfFacts>();
  const kept = new Map<FileNode, FileNode>();
  let keptBytes = 0;
  const file = openSync(tar, "r");
  try {
    for (const entry of unpacked.entries) {
      if (!("node" in entry) || entry.node.content?.from !== "layer") continue;
      const { content } = entry.node;
      if (keep(entry.path) && content.size <= keepLimit) {
        keptBytes += content.size;
        if (keptBytes > MAX_KEPT_BYTES)
          throw beyondLimit("conffiles and other files that the installation reads are too large", MAX_KEPT_BYTES);
        const bytes = readPart(file, content, 0, content.size);
        kept.set(entry.node, { ...entry.node, content: { from: "bytes", digest: content.digest, size: content.size, bytes } });
      } else if (isLibraryName(baseNameOf(entry.path))) {
        const facts = readElfFacts((at, length) => readPart(file, content, at, length));
        if (facts !== undefined) libraries.set(entry.path, facts);
      }
    }
  } finally {
    closeSync(file);
  }
  const entries = unpacked.entries.map((entry) => {
    const node = "node" in entry ? kept.get(entry.node) : undefined;
    return node === undefined ? entry : { path: entry.path, node };
  });
  return { entries, libraries };
}

/** Bytes of a content, holes as zeros; fewer at the end of it. */
function readPart(file: number, { size, extents }: Extract<Content, { from: "layer" }>, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
  for (const { offset, length: stored, position } of extents) {
    const start = Math.max(offset, at);
    const end = Math.min(offset + stored, at + bytes.length);
    if (start < end) readSync(file, bytes, start - at, end - start, position + start - offset);
  }
  return bytes;
}

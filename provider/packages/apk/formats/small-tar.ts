import { DhiError } from "../../../errors.js";
import { displayPath } from "../../../rootfs/tree/raw-path.js";
import type { TarEntry } from "../../../rootfs/tar/entry.js";
import { checkEntryName } from "../../unpack/entry-name.js";
import { TarReader } from "../../../rootfs/tar/reader.js";

export interface SmallFile {
  readonly bytes: Buffer;
  /** Seconds since 1970. */
  readonly mtime: number;
}

/** The files of a tar that may hold only regular files without folders: signatures, control files, an APKINDEX. Throws `DhiError` "invalid", "mismatch". */
export function readSmallTar(tar: Buffer): ReadonlyMap<string, SmallFile> {
  const files = new Map<string, SmallFile>();
  let name = "";
  let mtime = 0;
  let pieces: Buffer[] = [];
  const reader = new TarReader({
    entry: (entry, raw) => {
      checkEntryName(raw.name);
      [name, mtime] = plainFile(entry);
      if (files.has(name)) throw new DhiError("invalid", `it is there twice`);
      pieces = [];
    },
    data: (bytes) => pieces.push(bytes),
    end: () => files.set(name, { bytes: Buffer.concat(pieces), mtime }),
  });
  reader.write(tar);
  reader.end();
  return files;
}

function plainFile(entry: TarEntry): readonly [string, number] {
  if ("link" in entry || entry.node.type !== "file") throw new DhiError("invalid", `${displayPath(entry.path)} is not a regular file`);
  if (entry.path.includes("/")) throw new DhiError("invalid", `${displayPath(entry.path)} is in a folder`);
  return [entry.path, entry.node.mtime];
}

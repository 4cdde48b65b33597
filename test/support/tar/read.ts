import type { TarEntry } from "../../../provider/rootfs/tar/entry.js";
import { TarReader } from "../../../provider/rootfs/tar/reader.js";

export interface ReadEntry {
  readonly entry: TarEntry;
  /** The stored bytes, latin1. */
  readonly data: string;
}

/** Everything that a tar reader reports for `bytes`, given in chunks of `step` bytes. */
export function readArchive(bytes: Buffer, step = bytes.length): ReadEntry[] {
  const entries: { entry: TarEntry; data: string }[] = [];
  const reader = new TarReader({
    entry: (entry) => entries.push({ entry, data: "" }),
    data: (piece) => {
      const last = entries.at(-1);
      if (last !== undefined) last.data += piece.toString("latin1");
    },
    end: () => undefined,
  });
  for (let at = 0; at < bytes.length; at += step) reader.write(bytes.subarray(at, at + step));
  reader.end();
  return entries;
}

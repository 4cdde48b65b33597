import { DhiError } from "../../../errors.js";
import type { TarEntry } from "../../../rootfs/tar/entry.js";
import { TarReader, type RawNames } from "../../../rootfs/tar/reader.js";
import { displayPath } from "../../../rootfs/tree/raw-path.js";
import { checkEntryName } from "../../unpack/entry-name.js";
import { MAX_CONTROL } from "../../unpack/package-limits.js";

/** The files of a control archive by name: `control`, `postinst`, `md5sums` and so on. Throws `DhiError` "invalid", "mismatch", "limit". */
export async function readControl(tar: AsyncIterable<Buffer>): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let name = "";
  let pieces: Buffer[] = [];
  const reader = new TarReader(
    {
      entry: (entry, raw) => {
        name = controlName(entry, raw);
        if (files.has(name)) throw new DhiError("invalid", `its control archive has ${displayPath(name)} twice`);
        pieces = [];
      },
      data: (bytes) => pieces.push(bytes),
      end: () => files.set(name, Buffer.concat(pieces)),
    },
    MAX_CONTROL,
  );
  for await (const chunk of tar) reader.write(chunk);
  reader.end();
  if (!files.has("control")) throw new DhiError("invalid", "its control archive has no file named control");
  return files;
}

function controlName(entry: TarEntry, raw: RawNames): string {
  checkEntryName(raw.name);
  if ("link" in entry || (entry.node.type !== "file" && entry.node.type !== "directory"))
    throw new DhiError("invalid", `${displayPath(entry.path)} in its control archive is not a regular file`);
  if (entry.path.includes("/")) throw new DhiError("invalid", `${displayPath(entry.path)} in its control archive is in a folder`);
  return entry.path;
}

import { createReadStream, createWriteStream, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { finished } from "node:stream/promises";
import { fieldOf, parseParagraph } from "../../../provider/packages/deb/formats/control.js";
import { unpackDeb } from "../../../provider/packages/deb/formats/deb-file.js";
import { keepOfBase } from "../../../provider/packages/deb/install/keep.js";
import { readKept } from "../../../provider/packages/deb/install/read-kept.js";
import type { UnpackedPackage } from "../../../provider/packages/packages.js";
import { digestOf, type Digest } from "../../../provider/image/digest.js";
import { flattenLayers } from "../tar/flatten.js";
import type { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { indexLayer } from "../../../provider/rootfs/layers/index-layer.js";
import { writeLayer } from "../../../provider/rootfs/layers/writer.js";
import type { Content, LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { run } from "../tar/tools.js";

/** Uncompressed tars by the digest that contents name as their blob. */
export type Tars = Map<Digest, string>;

/** The tree of a root that is one plain tar. */
export async function readBaseTree(tar: string, tars: Tars): Promise<FileTree> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(tar)) hash.update(chunk as Buffer);
  const digest: Digest = `sha256:${hash.digest("hex")}`;
  tars.set(digest, tar);
  const index = await indexLayer({
    source: createReadStream(tar),
    compression: "none",
    descriptor: { digest, size: statSync(tar).size },
    keep: keepOfBase,
  });
  return flattenLayers([index]);
}

/** A package's file, unpacked as the provider does it; its data archive is spooled into `folder`. */
export async function unpackFile(file: string, folder: string, requested: readonly string[], tars: Tars): Promise<UnpackedPackage> {
  const digest = digestOf(readFileSync(file));
  const tar = join(folder, `${basename(file)}.tar`);
  const out = createWriteStream(tar);
  const spool = (chunk: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      out.write(chunk, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  const unpacked = await unpackDeb({ name: basename(file), file, digest, spool });
  out.end();
  await finished(out);
  tars.set(digest, tar);
  const { entries, libraries } = readKept(unpacked, tar);
  const control = parseParagraph(unpacked.control.get("control")?.toString("latin1") ?? "", file);
  const name = fieldOf(control, "Package") ?? "";
  const source = { url: "file:///", suites: [], components: [], keys: [], allowUnsigned: false, origin: "machine" } as const;
  return {
    payload: digest,
    control: unpacked.control,
    entries,
    libraries,
    package: {
      name,
      version: fieldOf(control, "Version") ?? "",
      architecture: fieldOf(control, "Architecture") ?? "",
      requested: requested.includes(name),
      chain: [name],
      payload: { url: `file://${file}`, checksum: digest, size: statSync(file).size, source },
      stanza: "",
    },
  };
}

/** Writes the layer and unpacks it over a root as a runtime would: whiteouts first, then the archive. */
export async function unpackOver(root: string, entries: readonly LayerEntry[], tars: Tars, file: string): Promise<void> {
  const handle = await open(file, "w");
  const read = async function* (content: Content): AsyncGenerator<Buffer> {
    if (content.from !== "layer") throw new Error("only layers are read");
    const tar = tars.get(content.blob);
    if (tar === undefined) throw new Error(`no tar for ${content.blob}`);
    const source = await open(tar);
    try {
      let at = 0;
      for (const { offset, length, position } of content.extents) {
        if (offset > at) yield Buffer.alloc(offset - at);
        const bytes = Buffer.alloc(length);
        await source.read(bytes, 0, length, position);
        yield bytes;
        at = offset + length;
      }
      if (content.size > at) yield Buffer.alloc(content.size - at);
    } finally {
      await source.close();
    }
  };
  try {
    await writeLayer({
      entries,
      read,
      compression: "gzip",
      sink: {
        write: async (bytes: Buffer) => {
          await handle.write(bytes);
        },
      },
    });
  } finally {
    await handle.close();
  }
  for (const { path } of entries) {
    const [, folder = "", name] = /^(.*\/)?\.wh\.([^/]+)$/.exec(path) ?? [];
    // An opaque whiteout hides all that the folder had.
    const gone = name === ".wh..opq" ? filesIn(join(root, folder)) : name === undefined ? [] : [join(root, folder, name)];
    for (const one of gone) rmSync(one, { recursive: true, force: true });
  }
  run("tar", [
    "-C",
    root,
    "-xzpf",
    file,
    "--numeric-owner",
    "--same-owner",
    "--xattrs",
    "--xattrs-include=*",
    "--keep-directory-symlink",
    "--exclude=.wh.*",
  ]);
}

/** Files in a folder with their full paths, in order of their names. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

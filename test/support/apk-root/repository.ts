import { createWriteStream, existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { finished } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { unpackApk } from "../../../provider/packages/apk/formats/apk-file.js";
import { splitStanzas } from "../../../provider/packages/apk/formats/package-stanza.js";
import type { UnpackedPackage } from "../../../provider/packages/packages.js";
import type { Tars } from "../packages/debian-root.js";
import { readArchive } from "../tar/read.js";

/** A folder of packages with its index. */
export interface ApkFolder {
  /** Holds `APKINDEX.tar.gz` and the packages. */
  readonly folder: string;
  /** By name. */
  readonly stanzas: ReadonlyMap<string, string>;
}

export function openFolder(folder: string): ApkFolder {
  const index = readArchive(gunzipSync(readFileSync(join(folder, "APKINDEX.tar.gz"))));
  const text = index.find(({ entry }) => entry.path === "APKINDEX")?.data ?? "";
  return { folder, stanzas: new Map(splitStanzas(text).map((stanza) => [field(stanza, "P"), stanza])) };
}

export function field(stanza: string, letter: string): string {
  return new RegExp(`^${letter}:(.*)$`, "m").exec(stanza)?.[1] ?? "";
}

/** A package as the provider unpacks it, from the last folder that has its file; its data are spooled into `spool`. */
export async function unpackFrom(
  folders: readonly ApkFolder[],
  name: string,
  version: string,
  requested: readonly string[],
  spool: string,
  tars: Tars,
): Promise<UnpackedPackage> {
  const found = folders.findLast(
    ({ folder, stanzas }) => field(stanzas.get(name) ?? "", "V") === version && existsSync(join(folder, `${name}-${version}.apk`)),
  );
  if (found === undefined) throw new Error(`no folder has ${name} ${version}`);
  const stanza = found.stanzas.get(name) ?? "";
  const file = join(found.folder, `${name}-${version}.apk`);
  const tar = join(spool, `${basename(file)}.tar`);
  const out = createWriteStream(tar);
  const write = (chunk: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      out.write(chunk, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  const checksum = field(stanza, "C");
  const { control, payload, entries } = await unpackApk({ name: `${name}-${version}`, file, checksum, spool: write });
  out.end();
  await finished(out);
  tars.set(payload, tar);
  const source = { url: "file:///", suites: [], components: [], keys: [], allowUnsigned: false, origin: "machine" } as const;
  return {
    payload,
    control,
    entries,
    libraries: new Map(),
    package: {
      name,
      version,
      architecture: field(stanza, "A"),
      requested: requested.includes(name),
      chain: [name],
      payload: { url: `file://${file}`, checksum, size: statSync(file).size, source },
      stanza,
    },
  };
}

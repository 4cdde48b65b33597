import { DhiError } from "../../errors.js";
import { decodeEntries, encodeEntries } from "../../rootfs/layers/index-entries.js";
import { ByteReader, ByteWriter } from "../../rootfs/layers/index-bytes.js";
import type { RawPath } from "../../rootfs/tree/node.js";
import { seal, unseal } from "../../rootfs/layers/sealed.js";
import { atOnce } from "../../rootfs/steps.js";
import type { ElfFacts } from "../root/elf-facts.js";
import type { UnpackedPackage } from "../packages.js";

/** The contents of a package's file, independent of the name it was requested by. */
export type UnpackedContents = Pick<UnpackedPackage, "control" | "entries" | "libraries">;

/** Starts every file; the last character is the version, which changes with the format and with what is kept as bytes (keep.ts). */
const MAGIC = "dhi unpacked package 2";

/** Encodes it for the disk cache, without loss. */
export function encodeUnpacked({ control, entries, libraries }: UnpackedContents): Buffer {
  const writer = new ByteWriter();
  encodeEntries(entries, writer);
  writer.number(control.size);
  for (const [name, bytes] of control) {
    writer.text(name);
    writer.number(bytes.length);
    writer.bytes(bytes);
  }
  writer.number(libraries.size);
  for (const [path, { bits, machine, flags, soname }] of libraries) {
    writer.text(path);
    writer.number(bits);
    writer.number(machine);
    writer.number(flags);
    writer.number(soname === undefined ? 0 : 1);
    if (soname !== undefined) writer.text(soname);
  }
  return seal(MAGIC, writer.finish());
}

/** Throws `DhiError` "invalid" for another version and for a damaged file: unpack again. */
export function decodeUnpacked(bytes: Buffer): UnpackedContents {
  const body = unseal(MAGIC, bytes, "record of a package");
  try {
    const reader = new ByteReader(body);
    const entries = atOnce(decodeEntries(reader));
    const control = new Map<string, Buffer>();
    for (let left = reader.number(); left > 0; left -= 1) {
      const name = reader.text();
      control.set(name, reader.bytes(reader.number()));
    }
    return { control, entries, libraries: decodeLibraries(reader) };
  } catch (cause) {
    throw new DhiError("invalid", "the record of a package is damaged", { cause });
  }
}

function decodeLibraries(reader: ByteReader): ReadonlyMap<RawPath, ElfFacts> {
  const libraries = new Map<RawPath, ElfFacts>();
  for (let left = reader.number(); left > 0; left -= 1) {
    const path = reader.text();
    const facts = { bits: reader.number() === 64 ? 64 : 32, machine: reader.number(), flags: reader.number() } as const;
    libraries.set(path, reader.number() === 0 ? facts : { ...facts, soname: reader.text() });
  }
  return libraries;
}

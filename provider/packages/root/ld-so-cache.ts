import { DhiError } from "../../errors.js";

/** One library of the dynamic loader's cache. */
export interface CachedLibrary {
  /** The SONAME that programs request. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Kind of library and machine: `FLAG_*` of glibc's ldconfig.h. */
  readonly flags: number;
  readonly osVersion: number;
  /** Name of the subdirectory of `glibc-hwcaps`; absent for libraries that every machine can use. */
  readonly hwcap?: string;
  /** The raw word: with `hwcap`, the ISA level in bits 32 to 41; else bits specific to the machine. */
  readonly hwcapBits: bigint;
}

/** `/etc/ld.so.cache` in glibc's format (dl-cache.h). */
export interface LdSoCache {
  readonly libraries: readonly CachedLibrary[];
  /** The program that wrote it: `ldconfig (Debian GLIBC 2.36-9) stable release version 2.36`. */
  readonly generator?: string | undefined;
}

const magic = "glibc-ld.so.cache1.1";
const headerSize = 48;
const entrySize = 24;
const extensionMagic = 0xeaa42174;
const extensionBit = 1n << 62n;
const generatorTag = 0;
const hwcapsTag = 1;

/** Throws `DhiError` "invalid" for anything but a little-endian cache of the new format. */
export function parseLdSoCache(bytes: Buffer): LdSoCache {
  try {
    return parse(bytes);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new DhiError("invalid", "/etc/ld.so.cache is truncated", { cause: thrown });
    throw thrown;
  }
}

function parse(bytes: Buffer): LdSoCache {
  if (bytes.toString("latin1", 0, magic.length) !== magic || (bytes[28] ?? 0) > 2) {
    throw new DhiError("invalid", "/etc/ld.so.cache is not in the format of glibc 2.2 or later, little-endian");
  }
  const string = (at: number): string => bytes.toString("latin1", at, bytes.indexOf(0, at));
  const sections = parseExtensions(bytes);
  const hwcaps = sections.get(hwcapsTag);
  const names = Array.from({ length: (hwcaps?.length ?? 0) >> 2 }, (_, at) => string(hwcaps?.readUInt32LE(4 * at) ?? 0));
  const libraries = Array.from({ length: bytes.readUInt32LE(magic.length) }, (_, index): CachedLibrary => {
    const at = headerSize + entrySize * index;
    const hwcapBits = bytes.readBigUInt64LE(at + 16);
    const hwcap = hwcapBits & extensionBit ? names[Number(hwcapBits & 0xffffffffn)] : undefined;
    return {
      name: string(bytes.readUInt32LE(at + 4)),
      path: string(bytes.readUInt32LE(at + 8)),
      flags: bytes.readInt32LE(at),
      osVersion: bytes.readUInt32LE(at + 12),
      hwcapBits,
      ...(hwcap === undefined ? {} : { hwcap }),
    };
  });
  return { libraries, generator: sections.get(generatorTag)?.toString("latin1") };
}

function parseExtensions(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const at = bytes.readUInt32LE(32);
  if (at === 0 || bytes.readUInt32LE(at) !== extensionMagic) return new Map();
  return new Map(
    Array.from({ length: bytes.readUInt32LE(at + 4) }, (_, index) => {
      const section = at + 8 + 16 * index;
      const offset = bytes.readUInt32LE(section + 8);
      return [bytes.readUInt32LE(section), bytes.subarray(offset, offset + bytes.readUInt32LE(section + 12))] as const;
    }),
  );
}

/** The bytes that ldconfig of glibc 2.33 and later writes for the same libraries. */
export function formatLdSoCache({ libraries, generator }: LdSoCache): Buffer {
  const sorted = [...libraries].sort(compareLibraries);
  const hwcaps = [...new Set(sorted.flatMap(({ hwcap }) => hwcap ?? []))].sort();
  const start = headerSize + entrySize * sorted.length;
  const { offsets, table } = packStrings([...sorted.flatMap(({ name, path }) => [name, path]), ...hwcaps]);
  const offsetOf = (text: string): number => start + (offsets.get(text) ?? 0);
  const entries = Buffer.alloc(entrySize * sorted.length);
  sorted.forEach(({ name, path, flags, osVersion, hwcap, hwcapBits }, index) => {
    const at = entrySize * index;
    entries.writeInt32LE(flags, at);
    entries.writeUInt32LE(offsetOf(name), at + 4);
    entries.writeUInt32LE(offsetOf(path), at + 8);
    entries.writeUInt32LE(osVersion, at + 12);
    const bits = hwcap === undefined ? hwcapBits : (hwcapBits & ~0xffffffffn) | BigInt(hwcaps.indexOf(hwcap));
    entries.writeBigUInt64LE(bits, at + 16);
  });
  const unpadded = start + table.length;
  const extensions = unpadded + (-unpadded & 3);
  const hwcapOffsets = Buffer.alloc(4 * hwcaps.length);
  hwcaps.forEach((name, at) => hwcapOffsets.writeUInt32LE(offsetOf(name), 4 * at));
  const sections: (readonly [number, Buffer])[] = [[generatorTag, Buffer.from(generator ?? "", "latin1")]];
  if (hwcaps.length > 0) sections.push([hwcapsTag, hwcapOffsets]);
  const header = Buffer.alloc(headerSize);
  header.write(magic, "latin1");
  header.writeUInt32LE(sorted.length, 20);
  header.writeUInt32LE(table.length, 24);
  header[28] = 2;
  header.writeUInt32LE(extensions, 32);
  return Buffer.concat([header, entries, table, Buffer.alloc(extensions - unpadded), ...formatExtensions(extensions, sections)]);
}

function formatExtensions(start: number, sections: readonly (readonly [number, Buffer])[]): readonly Buffer[] {
  const directory = Buffer.alloc(8 + 16 * sections.length);
  directory.writeUInt32LE(extensionMagic, 0);
  directory.writeUInt32LE(sections.length, 4);
  let offset = start + directory.length;
  // The offsets of hwcaps are read as words, so they come first to stay aligned.
  const data: Buffer[] = [];
  sections.forEach(([tag, bytes], index) => {
    const pad = tag === hwcapsTag ? -offset & 3 : 0;
    offset += pad;
    data.push(Buffer.alloc(pad), bytes);
    directory.writeUInt32LE(tag, 8 + 16 * index);
    directory.writeUInt32LE(offset, 16 + 16 * index);
    directory.writeUInt32LE(bytes.length, 20 + 16 * index);
    offset += bytes.length;
  });
  return [directory, ...data];
}

/** cache.c, compare: names descending, then flags descending, then glibc-hwcaps entries first, by name. */
function compareLibraries(a: CachedLibrary, b: CachedLibrary): number {
  const byName = compareLibraryNames(b.name, a.name);
  if (byName !== 0) return byName;
  if (a.flags !== b.flags) return b.flags - a.flags;
  if (a.hwcap !== b.hwcap) {
    if (a.hwcap === undefined) return 1;
    return b.hwcap === undefined || a.hwcap < b.hwcap ? -1 : 1;
  }
  if (a.osVersion !== b.osVersion) return b.osVersion - a.osVersion;
  return a.hwcapBits === b.hwcapBits ? 0 : a.hwcapBits < b.hwcapBits ? 1 : -1;
}

/** dl-cache.c, _dl_cache_libcmp: runs of digits compare as numbers, and a digit is greater than any other character. */
export function compareLibraryNames(a: string, b: string): number {
  const isDigit = (code: number): boolean => code >= 48 && code <= 57;
  let i = 0;
  let j = 0;
  while (i < a.length) {
    const x = a.charCodeAt(i);
    const y = j < b.length ? b.charCodeAt(j) : 0;
    if (isDigit(x)) {
      if (!isDigit(y)) return 1;
      const [left = ""] = /^[0-9]+/.exec(a.slice(i)) ?? [];
      const [right = ""] = /^[0-9]+/.exec(b.slice(j)) ?? [];
      if (Number(left) !== Number(right)) return Number(left) - Number(right);
      i += left.length;
      j += right.length;
    } else if (isDigit(y)) return -1;
    else if (x !== y) return x - y;
    else {
      i += 1;
      j += 1;
    }
  }
  return i === a.length && j === b.length ? 0 : -1;
}

/** stringtable.c, stringtable_finalize: sorted from their ends, and a suffix of its neighbour shares its bytes. */
function packStrings(strings: readonly string[]): { readonly offsets: ReadonlyMap<string, number>; readonly table: Buffer } {
  const sorted = [...new Set(strings)].sort(compareFromEnds);
  const offsets = new Map<string, number>();
  let previous = "";
  let offset = 0;
  const parts: string[] = [];
  for (const text of sorted) {
    if (parts.length > 0 && previous.endsWith(text)) offset += previous.length - text.length;
    else {
      if (parts.length > 0) offset += previous.length + 1;
      parts.push(`${text}\0`);
    }
    offsets.set(text, offset);
    previous = text;
  }
  return { offsets, table: Buffer.from(parts.join(""), "latin1") };
}

function compareFromEnds(a: string, b: string): number {
  for (let at = 1; at <= Math.min(a.length, b.length); at += 1) {
    const difference = b.charCodeAt(b.length - at) - a.charCodeAt(a.length - at);
    if (difference !== 0) return difference;
  }
  return b.length - a.length;
}

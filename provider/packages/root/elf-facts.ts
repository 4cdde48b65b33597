/** What ldconfig(8) needs to know about a library. */
export interface ElfFacts {
  /** `e_ident[EI_CLASS]`. */
  readonly bits: 32 | 64;
  /** `e_machine`: 62 is x86-64, 183 is AArch64. */
  readonly machine: number;
  /** `e_flags`. */
  readonly flags: number;
  /** `DT_SONAME`, bytes as latin1. */
  readonly soname?: string;
}

const sharedObject = 3;
const dynamicSegment = 2;
const loadSegment = 1;
const sonameTag = 14n;
const stringTableTag = 5n;
/** Bytes of a soname, at most: it is a file name. */
const nameLimit = 4096;

/** File names that ldconfig looks at: `lib*.so*` and `ld-*.so*`. */
export function isLibraryName(name: string): boolean {
  return /^(?:lib|ld-).*\.so/.test(name) && !/\.dpkg-(?:new|tmp)$/.test(name) && !name.endsWith("-gdb.py");
}

/** Reads a part of a file: `length` bytes from `at` on, fewer at its end. */
export type ReadPart = (at: number, length: number) => Buffer;

/** Undefined for what is no shared object of ELF with a dynamic section (elf(5)). It need not be in memory: libraries can have hundreds of megabytes. */
export function readElfFacts(read: ReadPart): ElfFacts | undefined {
  try {
    return readFacts(read);
  } catch (thrown) {
    // Offsets outside of the file.
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** Bytes of a table of the file, at most: no library has more. */
const tableLimit = 1024 * 1024;

function readFacts(read: ReadPart): ElfFacts | undefined {
  const header = read(0, 64);
  if (header.length < 52 || header.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const wide = header[4] === 2;
  const little = header[5] === 1;
  const u16 = (from: Buffer, at: number): number => (little ? from.readUInt16LE(at) : from.readUInt16BE(at));
  const u32 = (from: Buffer, at: number): number => (little ? from.readUInt32LE(at) : from.readUInt32BE(at));
  const word = (from: Buffer, at: number): bigint =>
    wide ? (little ? from.readBigUInt64LE(at) : from.readBigUInt64BE(at)) : BigInt(u32(from, at));
  if (u16(header, 16) !== sharedObject) return undefined;
  const size = wide ? 8 : 4;
  const facts = { bits: wide ? 64 : 32, machine: u16(header, 18), flags: u32(header, wide ? 48 : 36) } as const;
  const headerSize = u16(header, wide ? 54 : 42);
  const count = u16(header, wide ? 56 : 44);
  const table = readTable(read, word(header, wide ? 32 : 28), BigInt(count * headerSize));
  const segments = Array.from({ length: count }, (_, at) => {
    const start = at * headerSize;
    return {
      type: u32(table, start),
      offset: word(table, start + (wide ? 8 : 4)),
      address: word(table, start + (wide ? 16 : 8)),
      size: word(table, start + (wide ? 32 : 16)),
    };
  });
  const dynamic = segments.find(({ type }) => type === dynamicSegment);
  if (dynamic === undefined) return undefined;
  const tags = readTable(read, dynamic.offset, dynamic.size);
  let soname: bigint | undefined;
  let strings: bigint | undefined;
  for (let at = 0; at < Number(dynamic.size); at += 2 * size) {
    const tag = word(tags, at);
    if (tag === 0n) break;
    if (tag === sonameTag) soname = word(tags, at + size);
    if (tag === stringTableTag) strings = word(tags, at + size);
  }
  if (soname === undefined || strings === undefined) return facts;
  const address = strings;
  const home = segments.find(
    ({ type, address: start, size: length }) => type === loadSegment && start <= address && address < start + length,
  );
  if (home === undefined) return facts;
  const name = read(Number(address - home.address + home.offset + soname), nameLimit);
  const end = name.indexOf(0);
  const text = end < 0 ? "" : name.toString("latin1", 0, end);
  return isFileName(text) ? { ...facts, soname: text } : facts;
}

/** A link of this name is made beside the library: a path would escape its folder. */
function isFileName(name: string): boolean {
  return name !== "." && name !== ".." && /^[^/\x00-\x1f\x7f]+$/.test(name);
}

function readTable(read: ReadPart, at: bigint, length: bigint): Buffer {
  if (length > tableLimit) throw new RangeError("a table of an ELF file is too large");
  return read(Number(at), Number(length));
}

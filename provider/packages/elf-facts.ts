/** What ldconfig(8) asks of a library. */
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

/** File names that ldconfig looks at: `lib*.so*` and `ld-*.so*`. */
export function isLibraryName(name: string): boolean {
  return /^(?:lib|ld-).*\.so/.test(name) && !/\.dpkg-(?:new|tmp)$/.test(name) && !name.endsWith("-gdb.py");
}

/** The facts of a whole file; undefined when it is no shared object of ELF with a dynamic section (elf(5)). */
export function elfFactsOf(file: Buffer): ElfFacts | undefined {
  try {
    return readFacts(file);
  } catch (thrown) {
    // Offsets that lead out of the file.
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function readFacts(file: Buffer): ElfFacts | undefined {
  if (file.length < 52 || file.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const wide = file[4] === 2;
  const little = file[5] === 1;
  const u16 = (at: number): number => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const u32 = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const word = (at: number): bigint => (wide ? (little ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at)) : BigInt(u32(at)));
  if (u16(16) !== sharedObject) return undefined;
  const size = wide ? 8 : 4;
  const facts = { bits: wide ? 64 : 32, machine: u16(18), flags: u32(wide ? 48 : 36) } as const;
  const headers = Number(word(wide ? 32 : 28));
  const headerSize = u16(wide ? 54 : 42);
  const segments = Array.from({ length: u16(wide ? 56 : 44) }, (_, at) => {
    const start = headers + at * headerSize;
    return {
      type: u32(start),
      offset: word(start + (wide ? 8 : 4)),
      address: word(start + (wide ? 16 : 8)),
      size: word(start + (wide ? 32 : 16)),
    };
  });
  const dynamic = segments.find(({ type }) => type === dynamicSegment);
  if (dynamic === undefined) return undefined;
  let soname: bigint | undefined;
  let strings: bigint | undefined;
  for (let at = Number(dynamic.offset); at < Number(dynamic.offset + dynamic.size); at += 2 * size) {
    const tag = word(at);
    if (tag === 0n) break;
    if (tag === sonameTag) soname = word(at + size);
    if (tag === stringTableTag) strings = word(at + size);
  }
  if (soname === undefined || strings === undefined) return facts;
  const table = strings;
  const home = segments.find(({ type, address, size: length }) => type === loadSegment && address <= table && table < address + length);
  if (home === undefined) return facts;
  const start = Number(table - home.address + home.offset + soname);
  const end = file.indexOf(0, start);
  return end < 0 ? facts : { ...facts, soname: file.toString("latin1", start, end) };
}

/** Archives written by hand, field by field, so that the reader is tested with bytes that our own writer did not produce. */
export interface Block {
  readonly name: string;
  readonly type?: string;
  readonly size?: number | string;
  readonly mode?: number;
  readonly uid?: number | string;
  readonly mtime?: number | string;
  readonly link?: string;
  /** `ustar\0` + `00`, GNU's `ustar  \0`, or none. */
  readonly magic?: "ustar" | "gnu" | "v7";
  readonly prefix?: string;
  readonly device?: readonly [major: number, minor: number];
  /** Bytes written over the block before the checksum is computed: `[offset, bytes]`. */
  readonly patches?: readonly (readonly [offset: number, bytes: string])[];
  readonly sum?: "unsigned" | "signed" | "wrong";
}

export function headerBlock(block: Block): Buffer {
  const bytes = Buffer.alloc(512);
  const put = (text: string, at: number): void => {
    bytes.write(text, at, "latin1");
  };
  const number = (value: number | string, at: number, length: number): void => {
    put(typeof value === "string" ? value : `${value.toString(8).padStart(length - 1, "0")}\0`, at);
  };
  put(block.name, 0);
  number(block.mode ?? 0o644, 100, 8);
  number(block.uid ?? 0, 108, 8);
  number(0, 116, 8);
  number(block.size ?? 0, 124, 12);
  number(block.mtime ?? 0, 136, 12);
  put(block.type ?? "0", 156);
  put(block.link ?? "", 157);
  put({ ustar: "ustar\x0000", gnu: "ustar  \0", v7: "" }[block.magic ?? "ustar"], 257);
  if (block.device !== undefined) {
    number(block.device[0], 329, 8);
    number(block.device[1], 337, 8);
  }
  put(block.prefix ?? "", 345);
  for (const [offset, patch] of block.patches ?? []) put(patch, offset);
  bytes.fill(" ", 148, 156);
  let sum = block.sum === "wrong" ? 1 : 0;
  for (const byte of bytes) sum += block.sum === "signed" && byte > 127 ? byte - 256 : byte;
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

/** A header followed by data, padded. */
export function withData(block: Block, data: string | Buffer): Buffer {
  const bytes = Buffer.from(data as string, "latin1");
  return Buffer.concat([headerBlock({ size: bytes.length, ...block }), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** A pax header of `records`, `x` for the next entry or `g` for all. */
export function paxHeader(records: readonly (readonly [string, string])[], type = "x"): Buffer {
  return withData({ name: "PaxHeaders/x", type }, records.map(([key, value]) => paxRecord(key, value)).join(""));
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (`${String(length)}${rest}`.length !== length) length += 1;
  return `${String(length)}${rest}`;
}

export function archive(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

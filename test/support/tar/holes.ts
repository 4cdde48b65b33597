import { headerBlock } from "./archive.js";

/** A number field in base-256, 12 bytes: two's complement, the first bit set (GNU tar manual, "Basic Tar Format"). */
export function base256(value: bigint): string {
  const bytes = Buffer.alloc(12);
  let left = BigInt.asUintN(96, value);
  for (let at = 11; at >= 0; at -= 1, left >>= 8n) bytes[at] = Number(left & 255n);
  bytes[0] = (bytes[0] ?? 0) | 0x80;
  return bytes.toString("latin1");
}

/** A file of GNU's old sparse form, with no data: `size` bytes of hole. */
export function holeOf(name: string, size: bigint): Buffer {
  return headerBlock({ name, type: "S", magic: "gnu", size: 0, patches: [[483, base256(size)]] });
}

import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack, type DebPacking } from "./deb.js";

const MIB = 1024 ** 2;

/** `xz -9e` of 1 MiB of zeros: 340 bytes. */
const xzZeros = Buffer.from(
  "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM7///ANldAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v+0uIEGxCy4g/XACP0E6vJiiUcR89jyThcJ6nI1/sKMuF0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1Iq9+SVJQAAAAAAwva6PqJwa2AAAfUBgIBAAHmXf0exxGf7AgAAAAAEWVo=",
  "base64",
);

/** `head`, and `size` bytes of zeros behind it (rounded up to 64 MiB), packed by putting the same member, stream or frame one behind the other. */
export function zeros(head: Buffer, size: number, packing: Exclude<DebPacking, "">): Buffer {
  const piece = { ".gz": (): Buffer => gzipSync(Buffer.alloc(64 * MIB)), ".xz": (): Buffer => repeated(xzZeros, 64), ".zst": zstdZeros }[
    packing
  ];
  return Buffer.concat([pack(head, packing), repeated(piece(), Math.ceil(size / (64 * MIB)))]);
}

/** `block`, `count` times (rounded up to what 32 MiB hold), packed as zstd. */
export function many(block: Buffer, count: number): Buffer {
  const each = Math.floor((32 * MIB) / block.length);
  return repeated(zstdCompressSync(repeated(block, each)), Math.ceil(count / each));
}

function zstdZeros(): Buffer {
  return zstdCompressSync(Buffer.alloc(64 * MIB));
}

function repeated(bytes: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}

import { crc32 } from "node:zlib";

/** An .xz stream that holds `bytes` as they are, in LZMA2's uncompressed chunks (The .xz File Format 1.2.1): no encoder is needed. */
export function storedXz(bytes: Buffer): Buffer {
  const flags = Buffer.from([0, 1]);
  const header = Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), flags, sum(flags)]);
  const blockHead = Buffer.from([2, 0, 0x21, 1, 0x10, 0, 0, 0]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536);
    const head = Buffer.from([at === 0 ? 1 : 2, 0, 0]);
    head.writeUInt16BE(piece.length - 1, 1);
    chunks.push(head, piece);
  }
  const data = Buffer.concat([...chunks, Buffer.from([0])]);
  const block = Buffer.concat([blockHead, sum(blockHead), data, padding(data.length), sum(bytes)]);
  const records = Buffer.concat([Buffer.from([0, 1]), varint(block.length - padding(data.length).length), varint(bytes.length)]);
  const index = Buffer.concat([records, padding(records.length)]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE((index.length + 4) / 4 - 1);
  const tail = Buffer.concat([size, flags]);
  return Buffer.concat([header, block, index, sum(index), sum(tail), tail, Buffer.from("YZ")]);
}

function sum(bytes: Buffer): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(crc32(bytes));
  return four;
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

import { DhiError } from "../../errors.js";

/** A piece of a frame; `end` marks its last one. `contentSize` is what the frame's header states. Skippable frames are left out. */
export interface FramePiece {
  readonly bytes: Buffer;
  readonly end: boolean;
  readonly contentSize: number | undefined;
}

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

/**
 * Finds where zstd frames end (RFC 8878, 3.1): parses the headers of frames and blocks and passes the blocks through. Works on pieces
 * of any size. Throws `DhiError` "invalid" for bytes that do not begin a frame.
 */
export class ZstdFrames {
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes to pass on (or, in a skippable frame, to drop) before the next header. */
  #pass = 0;
  #drop = 0;
  #next: "frame" | "block" | "end" = "frame";
  #checksum = false;
  #contentSize: number | undefined;

  /** Whether the input may end here. */
  get between(): boolean {
    return this.#next === "frame" && this.#pending.length === 0 && this.#drop === 0;
  }

  *take(chunk: Buffer): Generator<FramePiece> {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    /** Bytes of the current frame at the start of `rest` that are not yet passed on. */
    let held = 0;
    for (;;) {
      if (this.#drop > 0) {
        const length = Math.min(this.#drop, rest.length);
        this.#drop -= length;
        rest = rest.subarray(length);
        if (this.#drop > 0) break;
      }
      const length = Math.min(this.#pass, rest.length - held);
      this.#pass -= length;
      held += length;
      if (this.#pass > 0) break;
      if (this.#next === "end") {
        this.#next = "frame";
        yield { bytes: rest.subarray(0, held), end: true, contentSize: this.#contentSize };
        rest = rest.subarray(held);
        held = 0;
        continue;
      }
      const taken = this.#next === "frame" ? this.#frameHeader(rest) : this.#blockHeader(rest.subarray(held));
      if (taken === 0) break;
    }
    if (held > 0) yield { bytes: rest.subarray(0, held), end: false, contentSize: this.#contentSize };
    this.#pending = rest.subarray(held);
  }

  /** The number of bytes to advance by; 0 when more are needed. */
  #frameHeader(bytes: Buffer): number {
    if (bytes.length < 5) return 0;
    const magic = bytes.readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      if (bytes.length < 8) return 0;
      this.#drop = 8 + bytes.readUInt32LE(4);
      return this.#drop;
    }
    if (magic !== MAGIC) throw new DhiError("invalid", "the zstd data contains bytes that are not a zstd frame");
    const descriptor = bytes.readUInt8(4);
    const single = (descriptor & 0x20) !== 0;
    const sizeLength = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    const sizeAt = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
    if (bytes.length < sizeAt + sizeLength) return 0;
    this.#contentSize = contentSize(bytes, sizeAt, sizeLength);
    this.#checksum = (descriptor & 4) !== 0;
    this.#next = "block";
    this.#pass = sizeAt + sizeLength;
    return this.#pass;
  }

  #blockHeader(bytes: Buffer): number {
    if (bytes.length < 3) return 0;
    const header = bytes.readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === 3) throw new DhiError("invalid", "a zstd block has the reserved type");
    const last = (header & 1) !== 0;
    this.#pass = 3 + (type === 1 ? 1 : header >> 3) + (last && this.#checksum ? 4 : 0);
    if (last) this.#next = "end";
    return this.#pass;
  }
}

function contentSize(bytes: Buffer, at: number, length: number): number | undefined {
  switch (length) {
    case 1:
      return bytes.readUInt8(at);
    case 2:
      return bytes.readUInt16LE(at) + 256;
    case 4:
      return bytes.readUInt32LE(at);
    case 8:
      return Number(bytes.readBigUInt64LE(at));
    default:
      return undefined;
  }
}

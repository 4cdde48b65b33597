/** Bytes of a sha256. */
const DIGEST = 32;

/**
 * Writes values into four sections: numbers as varints, text as latin1, digests, and bytes. Text and digests are kept together so that a
 * reader decodes each section to one string and slices it.
 */
export class ByteWriter {
  #numbers = Buffer.alloc(64 * 1024);
  #at = 0;
  readonly #text: string[] = [];
  readonly #digests: string[] = [];
  readonly #bytes: Buffer[] = [];

  /** A whole number from 0 to 2^53. */
  number(value: number): void {
    if (this.#at + 10 > this.#numbers.length) this.#numbers = Buffer.concat([this.#numbers], 2 * this.#numbers.length);
    let left = value;
    while (left > 127) {
      this.#numbers[this.#at++] = (left % 128) + 128;
      left = Math.floor(left / 128);
    }
    this.#numbers[this.#at++] = left;
  }

  /** A whole number that may be negative. */
  signed(value: number): void {
    this.number(value < 0 ? 1 : 0);
    this.number(Math.abs(value));
  }

  text(value: string): void {
    this.number(value.length);
    this.#text.push(value);
  }

  /** A digest's 64 digits. */
  hex(digits: string): void {
    this.#digests.push(digits);
  }

  /** Without their length, which the caller writes. */
  bytes(value: Buffer): void {
    this.#bytes.push(value);
  }

  finish(): Buffer {
    return Buffer.concat(this.pieces());
  }

  /** The whole, without copying the bytes that were added. */
  pieces(): readonly Buffer[] {
    const numbers = this.#numbers.subarray(0, this.#at);
    const text = Buffer.from(this.#text.join(""), "latin1");
    const digests = Buffer.from(this.#digests.join(""), "hex");
    const lengths = Buffer.alloc(24);
    [numbers, text, digests].forEach((run, index) => lengths.writeDoubleLE(run.length, 8 * index));
    return [lengths, numbers, text, digests, ...this.#bytes];
  }
}

/**
 * Reads what a `ByteWriter` wrote. Strings and bytes are slices of the whole, not copies. Throws `RangeError` when reading past the end.
 */
export class ByteReader {
  readonly #numbers: Buffer;
  readonly #text: string;
  readonly #digests: string;
  readonly #bytes: Buffer;
  #number = 0;
  #character = 0;
  #digit = 0;
  #byte = 0;

  constructor(whole: Buffer) {
    const [numbers, text, digests] = [0, 8, 16].map((at) => whole.readDoubleLE(at)) as [number, number, number];
    const start = 24 + numbers;
    this.#numbers = whole.subarray(24, start);
    this.#text = whole.toString("latin1", start, start + text);
    // All digests in one flat string: slicing it is cheaper than joining prefix and digits each time.
    this.#digests = whole.toString("hex", start + text, start + text + digests).replace(/.{64}/g, "sha256:$&");
    this.#bytes = whole.subarray(start + text + digests);
  }

  number(): number {
    let byte = this.#numbers[this.#number++];
    if (byte === undefined) throw new RangeError("the numbers are at their end");
    if (byte < 128) return byte;
    let value = byte - 128;
    for (let factor = 128; ; factor *= 128) {
      byte = this.#numbers[this.#number++];
      if (byte === undefined) throw new RangeError("the numbers are at their end");
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
    }
  }

  signed(): number {
    const negative = this.number() === 1;
    const value = this.number();
    return negative ? -value : value;
  }

  text(): string {
    const start = this.#character;
    this.#character += this.number();
    if (this.#character > this.#text.length) throw new RangeError("the text is at its end");
    return this.#text.slice(start, this.#character);
  }

  /** `sha256:` and the digits. */
  digest(): string {
    const start = this.#digit;
    this.#digit += 7 + 2 * DIGEST;
    if (this.#digit > this.#digests.length) throw new RangeError("the digests are at their end");
    return this.#digests.slice(start, this.#digit);
  }

  bytes(length: number): Buffer {
    const start = this.#byte;
    this.#byte += length;
    if (this.#byte > this.#bytes.length) throw new RangeError("the bytes are at their end");
    return this.#bytes.subarray(start, this.#byte);
  }
}

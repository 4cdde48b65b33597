import { createHash } from "node:crypto";
import { DhiError } from "../../../errors.js";
import { digestFrom } from "../../../image/digest.js";
import { readApkHead, MAX_HEAD, type ApkHead } from "./apk-segments.js";

/**
 * Verifies a package while it is streamed: the control segment against the package index, the data segment against the
 * control segment. `what` names it in errors. Throws `DhiError` "mismatch", "invalid", "limit".
 */
export class ApkCheck {
  readonly #checksum: string;
  readonly #hash = createHash("sha256");
  #head: ApkHead | undefined;
  #pieces: Buffer[] = [];
  #size = 0;
  /** The number of bytes at which parsing the head is tried again: not at each small piece. */
  #next = 4096;

  /** `checksum`: `Q1…`. */
  constructor(checksum: string) {
    this.#checksum = checksum;
  }

  write(piece: Buffer): void {
    if (this.#head !== undefined) {
      this.#hash.update(piece);
      return;
    }
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size < this.#next) return;
    if (!this.#read() && this.#size > MAX_HEAD) throw new DhiError("limit", `its control segment has more than ${MAX_HEAD} bytes`);
    this.#next = this.#size * 2;
  }

  /** Called after the last byte. Returns what precedes the data. */
  end(): ApkHead {
    if (this.#head === undefined) this.#read();
    if (this.#head === undefined) throw new DhiError("mismatch", "it is truncated in its control segment");
    const found = digestFrom(this.#hash);
    if (found !== this.#head.data)
      throw new DhiError("mismatch", `its data segment has ${found}, but its .PKGINFO states ${this.#head.data}`);
    return this.#head;
  }

  #read(): boolean {
    const bytes = Buffer.concat(this.#pieces);
    const head = readApkHead(bytes);
    this.#pieces = head === undefined ? [bytes] : [];
    if (head === undefined) return false;
    if (head.checksum !== this.#checksum)
      throw new DhiError(
        "mismatch",
        `its control segment has the checksum ${head.checksum}, but the package index states ${this.#checksum}`,
      );
    this.#head = head;
    this.#hash.update(bytes.subarray(head.dataStart));
    return true;
  }
}

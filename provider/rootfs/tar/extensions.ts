import type { PaxRecord } from "./pax.js";
import { parsePax } from "./pax.js";
import type { TarOverrides } from "./entry.js";
import { NO_OVERRIDES } from "./entry.js";
import type { TarHeader } from "./header.js";
import { beyondLimit, MAX_GLOBAL_PAX, MAX_PATH, MAX_PAX } from "./limits.js";

interface Body {
  readonly size: number;
  readonly take: (bytes: Buffer) => void;
  readonly finish: () => void;
}

interface Collected {
  readonly overrides: TarOverrides;
  /** The entry's own pax records in order. */
  readonly records: readonly PaxRecord[];
}

const NOTHING: Collected = { overrides: NO_OVERRIDES, records: [] };

/**
 * Extension headers that precede an entry: pax headers, its own and global ones, and GNU's long names. GNU's long names
 * override pax, the entry's own records override global ones, both override the header (as in Go's archive/tar).
 */
export class TarExtensions {
  readonly #global = new Map<string, string>();
  #records: PaxRecord[] = [];
  #longName: string | undefined;
  #longLink: string | undefined;

  /** Whether extension headers have been read whose entry has not come yet. */
  get pending(): boolean {
    return this.#records.length > 0 || this.#longName !== undefined || this.#longLink !== undefined;
  }

  /** The body to read when `header` is an extension; undefined when it is an entry. Throws `DhiError` "limit" for one that is too long. */
  begin(header: TarHeader): Body | undefined {
    switch (header.type) {
      case "x":
      case "X":
        return body(header, MAX_PAX, (bytes) => {
          // One entry may have several; their total stays bounded.
          const records = parsePax(bytes);
          if (this.#records.length + records.length > MAX_PAX / 4) throw beyondLimit("too many pax records", MAX_PAX / 4);
          for (const record of records) this.#records.push(record);
        });
      case "g":
        return body(header, MAX_PAX, (bytes) => {
          for (const [key, value] of parsePax(bytes)) this.#global.set(key, value);
          if (this.#global.size > MAX_GLOBAL_PAX) throw beyondLimit("too many global pax records", MAX_GLOBAL_PAX);
        });
      case "L":
        return body(header, MAX_PATH + 1, (bytes) => {
          this.#longName = untilNul(bytes);
        });
      case "K":
        return body(header, MAX_PATH + 1, (bytes) => {
          this.#longLink = untilNul(bytes);
        });
      default:
        return undefined;
    }
  }

  /** What was collected for the entry that begins now. */
  take(): Collected {
    if (!this.pending && this.#global.size === 0) return NOTHING;
    const records = this.#records;
    const overrides = { pax: new Map([...this.#global, ...records]), longName: this.#longName, longLink: this.#longLink };
    this.#records = [];
    this.#longName = undefined;
    this.#longLink = undefined;
    return { overrides, records };
  }
}

function body(header: TarHeader, limit: number, use: (bytes: Buffer) => void): Body {
  if (header.size < 0 || header.size > limit) throw beyondLimit(`an extended header of ${String(header.size)} bytes`, limit);
  const pieces: Buffer[] = [];
  return {
    size: header.size,
    // Copied: the chunk is only valid during the call.
    take: (bytes) => pieces.push(Buffer.from(bytes)),
    finish: () => {
      use(Buffer.concat(pieces));
    },
  };
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
}

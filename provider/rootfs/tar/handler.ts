import type { TarEntry } from "./entry.js";

/** Names as they are in the archive, before normalization: latin1, one character a byte. */
export interface RawNames {
  readonly name: string;
  /** A hard link's target. */
  readonly link: string | undefined;
}

/** Called in the order of the archive: `entry`, then for a file its stored bytes piece by piece and the holes between them, then `end`. */
export interface TarHandler {
  entry(entry: TarEntry, raw: RawNames): void;
  /** Never spans two extents. */
  data(bytes: Buffer): void;
  /** A number of zeros that the archive does not store, `HOLE_STEP` at most. */
  hole?(length: number): void;
  end(): void;
}

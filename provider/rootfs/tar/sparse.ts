import { DhiError } from "../../errors.js";
import type { Extent } from "../tree/node.js";
import { beyondLimit, MAX_SPARSE_RUNS } from "./limits.js";

/** A run of data in a sparse file; runs follow each other in the archive without gaps. */
export interface SparseRun {
  readonly offset: number;
  readonly length: number;
}

/**
 * Where the runs of a file of `size` bytes are, given that its `stored` bytes begin at `position`. Empty runs are dropped.
 * Throws `DhiError` "invalid" when runs overlap, go backwards, exceed the file, or do not add up to what is stored.
 */
export function toExtents(runs: readonly SparseRun[], size: number, stored: number, position: number): Extent[] {
  if (runs.length > MAX_SPARSE_RUNS) throw beyondLimit("too many runs of data in a sparse file", MAX_SPARSE_RUNS);
  const extents: Extent[] = [];
  let end = 0;
  let taken = 0;
  for (const { offset, length } of runs) {
    if (offset < end || length < 0 || length > size - offset) throw new DhiError("invalid", "a sparse file's map of data is not in order");
    if (length > 0) extents.push({ offset, length, position: position + taken });
    end = offset + length;
    taken += length;
  }
  if (taken !== stored) {
    throw new DhiError("invalid", `a sparse file's map lists ${String(taken)} bytes but ${String(stored)} are stored`);
  }
  return extents;
}

/** Reads `length` bytes at `position` of what the extents refer to. */
export type ReadRange = (position: number, length: number) => AsyncIterable<Uint8Array>;

const zeros = Buffer.alloc(64 * 1024);

/** A file's whole content, with holes as zeros. */
export async function* readExtents(size: number, extents: readonly Extent[], read: ReadRange): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const { offset, length, position } of extents) {
    yield* zeroBytes(offset - at);
    yield* read(position, length);
    at = offset + length;
  }
  yield* zeroBytes(size - at);
}

/** `count` zeros in pieces; the pieces are shared and must not be changed. */
export function* zeroBytes(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= zeros.length) {
    yield left < zeros.length ? zeros.subarray(0, left) : zeros;
  }
}

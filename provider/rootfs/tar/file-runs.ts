import type { Extent } from "../tree/node.js";

/** Progress through the content of a file: holes and data alternate, in the order of the file. */
export class FileRuns {
  readonly #extents: readonly Extent[];
  readonly #size: number;
  #next = 0;
  #end = 0;
  /** Bytes left of the current hole; data comes after it. */
  hole = 0;
  /** Bytes left of the current data. */
  data = 0;

  constructor(extents: readonly Extent[], size: number) {
    this.#extents = extents;
    this.#size = size;
  }

  /** Advances when hole and data are used up; false at the end of the file. */
  advance(): boolean {
    if (this.hole > 0 || this.data > 0) return true;
    const extent = this.#extents[this.#next++];
    this.hole = (extent?.offset ?? this.#size) - this.#end;
    this.data = extent?.length ?? 0;
    this.#end += this.hole + this.data;
    return this.hole > 0 || this.data > 0;
  }
}

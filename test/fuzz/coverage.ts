import { Session } from "node:inspector";

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** Which bytes of our compiled parsers have run since the start, by V8's block coverage. */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #covered = new Map<string, Uint8Array>();
  #count = 0;

  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
  }

  /** Bytes of code that ran at least once. */
  get count(): number {
    return this.#count;
  }

  /** How many bytes ran since the last call that never ran before; they are remembered if `keep` is set. */
  take(keep: boolean): number {
    let fresh = 0;
    this.#session.post("Profiler.takePreciseCoverage", (_error, answer) => {
      for (const { url, functions } of answer.result) {
        if (!url.includes("/build/provider/")) continue;
        for (const { ranges, isBlockCoverage } of functions) {
          if (isBlockCoverage || ranges[0]?.count !== 0) fresh += this.#add(url, ranges, keep);
        }
      }
    });
    if (keep) this.#count += fresh;
    return fresh;
  }

  /** Ranges are nested, outer ones first. */
  #add(url: string, ranges: readonly Range[], keep: boolean): number {
    const { startOffset, endOffset } = ranges[0] ?? { startOffset: 0, endOffset: 0 };
    const ran = new Uint8Array(endOffset - startOffset);
    for (const range of ranges) ran.fill(range.count > 0 ? 1 : 0, range.startOffset - startOffset, range.endOffset - startOffset);
    const covered = this.#coveredOf(url, endOffset);
    let fresh = 0;
    for (const [at, value] of ran.entries()) {
      if (value === 0 || covered[startOffset + at] === 1) continue;
      fresh += 1;
      if (keep) covered[startOffset + at] = 1;
    }
    return fresh;
  }

  #coveredOf(url: string, length: number): Uint8Array {
    const known = this.#covered.get(url) ?? new Uint8Array();
    if (known.length >= length) return known;
    const grown = new Uint8Array(length * 2);
    grown.set(known);
    this.#covered.set(url, grown);
    return grown;
  }
}

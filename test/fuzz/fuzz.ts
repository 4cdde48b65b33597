import { writeFileSync } from "node:fs";
import { BlockCoverage } from "./coverage.js";
import { mutate, randomOf } from "./mutate.js";
import { findFault, type Target } from "./target.js";

/** Inputs between two measurements of coverage, which cost some milliseconds. */
const BATCH = 64;
/** Maximum resident bytes of the process. */
const MEMORY = 350 * 1024 ** 2;

export interface FuzzOptions {
  readonly seed: number;
  /** Mutated inputs. */
  readonly runs?: number;
  /** Seconds of wall-clock time; whichever is reached first ends the run. */
  readonly seconds?: number;
  /** Additional seeds. */
  readonly corpus?: readonly Buffer[];
  /** A file with the current inputs, in case the process dies or hangs. */
  readonly current?: string;
}

export interface Find {
  readonly fault: string;
  readonly input: Buffer;
}

export interface FuzzResult {
  readonly runs: number;
  readonly covered: number;
  /** Inputs that reach code which earlier ones do not. */
  readonly corpus: readonly Buffer[];
  readonly finds: readonly Find[];
}

/**
 * Mutates inputs, keeps those that reach new code, and collects those that a parser neither reads nor rejects. Deterministic for a seed.
 */
export async function fuzz(target: Target, options: FuzzOptions): Promise<FuzzResult> {
  const random = randomOf(options.seed);
  const coverage = new BlockCoverage();
  const corpus: Buffer[] = [];
  const finds = new Map<string, Find>();
  const start = performance.now();
  const isOver = (runs: number): boolean =>
    runs >= (options.runs ?? Infinity) || (performance.now() - start) / 1000 >= (options.seconds ?? Infinity) || finds.size >= 10;

  const run = async (input: Buffer): Promise<void> => {
    const fault = await findFault(target, input);
    if (fault !== undefined) addFind(fault, input);
  };
  const addFind = (fault: string, input: Buffer): void => {
    // One for each place: the smallest.
    const key = fault.startsWith("took") ? "took" : fault.replace(/[0-9]+|".*"/g, "");
    const known = finds.get(key);
    if (known === undefined || input.length < known.input.length) finds.set(key, { fault, input });
  };
  /** Keeps the inputs that reach new code. */
  const sift = async (inputs: readonly Buffer[]): Promise<void> => {
    for (const input of inputs) {
      await run(input);
      if (coverage.take(true) > 0) corpus.push(input);
    }
  };

  coverage.take(false);
  const seeds = [...target.seeds.map((seed) => Buffer.from(seed as string)), ...(options.corpus ?? [])];
  await sift(seeds.toSorted((one, other) => one.length - other.length));
  // Only our own code counts for coverage.
  if (corpus.length === 0) corpus.push(...seeds);
  let runs = 0;
  while (!isOver(runs)) {
    const batch = Array.from({ length: BATCH }, () => {
      const input = pick(corpus, random(corpus.length), random(4) === 0);
      const mutated = mutate(input, { random, words: target.words, other: pick(corpus, random(corpus.length), false) }, target.limit);
      return target.repair === undefined || random(8) === 0 ? mutated : target.repair(mutated);
    });
    if (options.current !== undefined) writeFileSync(options.current, JSON.stringify(batch.map((input) => input.toString("base64"))));
    for (const input of batch) await run(input);
    runs += batch.length;
    if (coverage.take(false) > 0) await sift(batch);
    const resident = process.resourceUsage().maxRSS * 1024;
    if (resident > MEMORY) {
      for (const input of batch)
        addFind(`one of 64 took the process to ${String(Math.round(resident / 2 ** 20))} MiB: ${String(input.length)}`, input);
      break;
    }
  }
  return { runs, covered: coverage.count, corpus, finds: [...finds.values()] };
}

/** Recent inputs have been tried the least. */
function pick(corpus: readonly Buffer[], at: number, latest: boolean): Buffer {
  return (latest ? corpus.at(-1 - (at % Math.min(8, corpus.length))) : corpus[at]) ?? Buffer.alloc(0);
}

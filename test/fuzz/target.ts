import { DhiError } from "../../provider/errors.js";

/** A parser, and what must hold of it for any bytes. */
export interface Target {
  readonly name: string;
  /** Inputs to begin with, valid ones above all. */
  readonly seeds: readonly (Buffer | string)[];
  /** Words of the format, which mutations put in. */
  readonly words: readonly string[];
  /** Most bytes of an input. */
  readonly limit: number;
  /** Makes a mutated input plausible again, such as by its checksums. */
  readonly repair?: (input: Buffer) => Buffer;
  /** Parses. May throw `DhiError`, which refuses the input; anything else that is thrown is a find. */
  readonly run: (input: Buffer) => void | Promise<void>;
}

/** The text of an input, byte by byte, or as UTF-8 where it is. */
export function textOf(input: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(input);
  } catch {
    return input.toString("latin1");
  }
}

/** What we wrote ourselves must be read. */
export function mustRead<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${what} was written by us and is refused`, { cause });
  }
}

/** Most processor time of one input, in microseconds, however large it is; a parser needs a few. */
const SLOW = 4_000_000;

/** What went wrong with an input: undefined when it was read or refused as it should be, soon. */
export async function findFault(target: Target, input: Buffer): Promise<string | undefined> {
  const before = process.cpuUsage();
  const fault = await findThrown(target, input);
  const { user, system } = process.cpuUsage(before);
  return fault ?? (user + system > SLOW ? `took ${((user + system) / 1e6).toFixed(1)} s of processor time` : undefined);
}

async function findThrown(target: Target, input: Buffer): Promise<string | undefined> {
  try {
    await target.run(input);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof DhiError) return thrown.message === "" ? "it is refused without a message" : undefined;
    if (!(thrown instanceof Error)) return `threw ${String(thrown)}`;
    const cause = thrown.cause instanceof Error ? ` (${thrown.cause.message})` : "";
    return `${thrown.name}: ${thrown.message}${cause}\n${thrown.stack?.split("\n").slice(1, 6).join("\n") ?? ""}`;
  }
}

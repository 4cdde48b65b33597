import { DhiError } from "../../provider/errors.js";

/** A parser, and what must hold for any bytes. */
export interface Target {
  readonly name: string;
  /** Seed inputs, mostly valid ones. */
  readonly seeds: readonly (Buffer | string)[];
  /** Words of the format, which mutations insert. */
  readonly words: readonly string[];
  /** Maximum size of an input in bytes. */
  readonly limit: number;
  /** Makes a mutated input plausible again, for example by fixing its checksums. */
  readonly repair?: (input: Buffer) => Buffer;
  /** Parses. May throw `DhiError`, which rejects the input; any other error is a find. */
  readonly run: (input: Buffer) => void | Promise<void>;
}

/** The text of an input, one character a byte, or decoded if it is UTF-8. */
export function textOf(input: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(input);
  } catch {
    return input.toString("latin1");
  }
}

/** What we wrote ourselves must be readable. */
export function mustRead<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${what} was written by us and is rejected`, { cause });
  }
}

/** Maximum processor time of one input, in microseconds, whatever its size; a parser needs only a few. */
const SLOW = 4_000_000;

/** The fault of an input: undefined when it was read or rejected properly and in time. */
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
    if (thrown instanceof DhiError) return thrown.message === "" ? "it is rejected without a message" : undefined;
    if (!(thrown instanceof Error)) return `threw ${String(thrown)}`;
    const cause = thrown.cause instanceof Error ? ` (${thrown.cause.message})` : "";
    return `${thrown.name}: ${thrown.message}${cause}\n${thrown.stack?.split("\n").slice(1, 6).join("\n") ?? ""}`;
  }
}

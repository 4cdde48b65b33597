import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** Result of one run. `peak`: resident bytes, of a whole process only. */
export interface Sample {
  readonly milliseconds: number;
  readonly peak?: number;
}

export async function timed(work: () => Promise<unknown>): Promise<Sample> {
  const started = performance.now();
  await work();
  return { milliseconds: performance.now() - started };
}

/** Runs a command to its end; its peak is the kernel's value shortly before that (proc(5), VmHWM). */
export async function runProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Sample & { readonly out: string }> {
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let problems = "";
  let peak = 0;
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (problems += chunk.toString()));
  const watch = setInterval(() => (peak = Math.max(peak, readPeak(child.pid))), 2);
  const code = await new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${String(code)}: ${problems}`);
  return { milliseconds: performance.now() - started, peak, out };
}

function readPeak(pid: number | undefined): number {
  try {
    const found = /^VmHWM:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8"));
    return Number(found?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Runs the contestants in turn, `rounds` times after a first round that does not count. */
export async function inTurns(rounds: number, contestants: readonly (() => Promise<Sample>)[]): Promise<readonly (readonly Sample[])[]> {
  const samples = contestants.map((): Sample[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, contestant] of contestants.entries()) {
      const sample = await contestant();
      if (round > 0) samples[at]?.push(sample);
    }
  }
  return samples;
}

export function median(samples: readonly Sample[]): number {
  const sorted = samples.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function highestPeak(samples: readonly Sample[]): number {
  return Math.max(0, ...samples.map(({ peak }) => peak ?? 0));
}

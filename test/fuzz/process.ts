import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The report of a target's process, with inputs as latin1. */
export interface FuzzReport {
  readonly runs: number;
  readonly covered: number;
  readonly corpus: readonly string[];
  readonly finds: readonly { readonly fault: string; readonly input: string }[];
  /** Bytes. */
  readonly peak: number;
}

export interface FuzzRequest {
  readonly seed: number;
  readonly runs?: number;
  readonly seconds?: number;
}

/** A process that runs longer hangs, however busy the machine is. */
const PATIENCE = 300_000;

/** Fuzzes a target in a process of its own. One that dies or hangs is a find, with the inputs that it was running. */
export async function fuzzInProcess(name: string, request: FuzzRequest): Promise<FuzzReport> {
  const folder = await mkdtemp(join(tmpdir(), "dhi-fuzz-"));
  const current = join(folder, "current.json");
  // The coverage of the test run itself would count in a process that resets the counters.
  const { NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const args = [
    "--max-old-space-size=200",
    "--enable-source-maps",
    join(__dirname, "main.js"),
    name,
    JSON.stringify({ ...request, current }),
  ];
  try {
    const timeout = Math.ceil(PATIENCE + (request.seconds ?? 0) * 1000);
    return await new Promise<FuzzReport>((resolve, reject) => {
      execFile(process.execPath, args, { env, timeout, killSignal: "SIGKILL", maxBuffer: 2 ** 30 }, (failure, stdout, stderr) => {
        if (failure === null) resolve(JSON.parse(stdout) as FuzzReport);
        else reject(new Error(failure.killed === true ? "it did not end" : stderr.split("\n").slice(-12).join("\n"), { cause: failure }));
      });
    });
  } catch (thrown) {
    const inputs = JSON.parse(await readFile(current, "utf8").catch(() => "[]")) as readonly string[];
    const fault = `one of ${inputs.length}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    const finds = inputs.map((input) => ({ fault, input: Buffer.from(input, "base64").toString("latin1") }));
    return { runs: 0, covered: 0, corpus: [], peak: 0, finds: finds.length === 0 ? [{ fault, input: "" }] : finds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { spawn } from "node:child_process";

/** Milliseconds after a program has exited during which its output is still read: a daemon that it started may keep its pipes open. */
const LEFT_OPEN = 500;

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds until it is killed. */
  readonly timeLimit: number;
  /** Bytes of each output that are kept. */
  readonly outputLimit: number;
}

export type ProgramEnd =
  | { readonly is: "ended"; readonly code: number | null; readonly output: Buffer; readonly errors: Buffer }
  | { readonly is: "late" }
  | { readonly is: "not-started"; readonly cause: Error };

/** Runs a program without a shell, with `input` on its standard input. Never rejects. */
export function runProgram(
  program: string,
  args: readonly string[],
  input: Uint8Array | string,
  options: ProgramOptions,
): Promise<ProgramEnd> {
  const { cwd, signal, timeLimit, outputLimit } = options;
  // PULUMI_CONFIG holds the stack's configuration, which may have secrets in it.
  const { PULUMI_CONFIG: _, ...env } = options.env;
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, cwd, stdio: ["pipe", "pipe", "pipe"], killSignal: "SIGKILL", signal });
    const { stdin, stdout, stderr } = child;
    const output = new Kept(outputLimit);
    const errors = new Kept(outputLimit);
    const settle = (end: ProgramEnd): void => {
      clearTimeout(timer);
      // A process that the program left behind may keep them open.
      stdout.destroy();
      stderr.destroy();
      resolve(end);
    };
    // Not the timeout option of spawn, whose timer would keep the process alive when the program is missing.
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      settle({ is: "late" });
    }, timeLimit);
    stdout.on("data", (chunk: Buffer) => output.add(chunk));
    stderr.on("data", (chunk: Buffer) => errors.add(chunk));
    // A program may ignore its input: only its output counts.
    stdin.on("error", () => undefined).end(input);
    child.on("error", (cause) => settle({ is: "not-started", cause }));
    const finish = (code: number | null): void => settle({ is: "ended", code, output: output.bytes(), errors: errors.bytes() });
    child.on("exit", (code) => setTimeout(finish, LEFT_OPEN, code).unref());
    child.on("close", finish);
  });
}

/** The start of a stream. */
class Kept {
  readonly #chunks: Buffer[] = [];
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  add(chunk: Buffer): void {
    const part = chunk.subarray(0, this.#left);
    this.#left -= part.length;
    if (part.length > 0) this.#chunks.push(part);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

import { asError, DhiError } from "../provider/errors.js";
import { terminalText } from "../provider/text/terminal-text.js";

/** Exit code of a command that failed; commander uses it for wrong options too. */
export const FAILED = 1;

/** Runs a command. Its exit code is what `work` returns, or 1 after an error, which goes to standard error. */
export async function runAction(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (thrown) {
    process.stderr.write(`error: ${terminalText(describe(thrown))}\n`);
    process.exitCode = FAILED;
  }
}

function describe(thrown: unknown): string {
  if (thrown instanceof DhiError) return thrown.describe();
  const { message, stack } = asError(thrown);
  return (process.env["DHI_DEBUG"] ?? "") === "" ? message : (stack ?? message);
}

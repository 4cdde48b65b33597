// One test file, run by a mocha of its own.
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.mjs";
import { root } from "./workspace.mjs";

const mocha = join(root, "node_modules", "mocha", "lib", "cli", "cli.js");
const reporter = fileURLToPath(new URL("./test-reporter.mjs", import.meta.url));
/** How much of a failed file's output is told: its end. */
const keptOutput = 4000;

const readOutcome = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

/** What became of a file: `{ passed, skipped: [names], failures: [{ name, text }] }`. What ends early or badly has a failure that says so. */
export function judgeFile(outcome, { code, signal }) {
  const how = signal ? `was stopped by ${signal}` : `ended with exit code ${code}`;
  if (outcome === undefined)
    return { passed: 0, skipped: [], failures: [{ name: "the file", text: `it did not load: its process ${how}` }] };
  const { passed, skipped, failures, running, ended } = outcome;
  if (!ended)
    return { passed, skipped, failures: [...failures, { name: running ?? "the file", text: `the process ${how} while this ran` }] };
  if (code !== 0 && failures.length === 0) {
    const text = passed + skipped.length === 0 ? "it has no tests" : `its process ${how} after its tests`;
    return { passed, skipped, failures: [{ name: "the file", text }] };
  }
  return { passed, skipped, failures };
}

/**
 * Runs a file in a process of its own, which is stopped after `timeoutMs`; returns what judgeFile does, and `output`, the end of what it wrote.
 * Its output goes to a file: what the process has started may hold a pipe open.
 */
export async function runTestFile(file, { node, env, cwd = root, timeoutMs, args = [] }) {
  const folder = mkdtempSync(join(tmpdir(), "dhi-test-file-"));
  const outcomeFile = join(folder, "outcome.json");
  const output = join(folder, "output");
  const log = openSync(output, "w");
  try {
    const own = ["--no-parallel", "--forbid-only", "--reporter", reporter, "--reporter-option", `outcome=${outcomeFile}`];
    const ended = await run(node, ["--enable-source-maps", mocha, ...own, ...args, file], {
      cwd,
      env,
      stdio: ["ignore", log, log],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    const text = existsSync(output) ? readFileSync(output, "utf8") : "";
    return { ...judgeFile(readOutcome(outcomeFile), ended), output: text.slice(-keptOutput).trim() };
  } finally {
    closeSync(log);
    rmSync(folder, { recursive: true, force: true });
  }
}

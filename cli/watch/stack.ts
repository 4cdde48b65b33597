import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { asError, DhiError } from "../../provider/errors.js";
import { readSources, type StackSources } from "./sources.js";

const execute = promisify(execFile);

/** Bytes of an exported deployment. */
const MAX_EXPORT = 256 * 1024 * 1024;
/** Characters of what the CLI printed, its end, where it told no error of its own. */
const MAX_OUTPUT = 4000;

export type UpOutcome =
  { readonly result: "changed" | "unchanged"; readonly text: string } | { readonly result: "failed"; readonly errors: readonly string[] };

/** A stack of the project that is kept up to date. */
export interface KeptStack {
  readonly name: string;
  /** `signal` interrupts it as Ctrl-C would: what is running is finished. Failures are an outcome. */
  up(signal: AbortSignal): Promise<UpOutcome>;
  /** What its state tells. Secrets stay encrypted. */
  sources(): Promise<StackSources>;
}

/** Throws `DhiError` "not-found" when the stack, its project or the Pulumi CLI is not there. */
export async function openStack(projectFolder: string, name: string): Promise<KeptStack> {
  const stack = await LocalWorkspace.selectStack({ stackName: name, workDir: projectFolder }).catch((thrown: unknown) => {
    const hint = "Check --cwd and --stack, that the Pulumi CLI is on PATH, and that it is logged in";
    throw new DhiError("not-found", `the stack ${name} in ${projectFolder} cannot be opened: ${lastWords(thrown)}`, {
      hint,
      cause: thrown,
    });
  });
  return {
    name,
    up: (signal) => up(stack, signal),
    sources: async () => {
      const args = ["stack", "export", "--stack", name, "--non-interactive"];
      const { stdout } = await execute("pulumi", args, { cwd: projectFolder, maxBuffer: MAX_EXPORT });
      const exported = JSON.parse(stdout) as { readonly deployment?: unknown };
      return readSources(exported.deployment);
    },
  };
}

async function up(stack: Stack, signal: AbortSignal): Promise<UpOutcome> {
  const errors: string[] = [];
  // The Automation API never removes its listener: of a signal that lives as long as the process there would be one more for each run.
  const interrupt = new AbortController();
  const forward = (): void => {
    interrupt.abort();
  };
  signal.addEventListener("abort", forward, { once: true });
  try {
    const { summary } = await stack.up({
      color: "never",
      signal: interrupt.signal,
      showSecrets: false,
      // One image that cannot be built does not keep the others from being patched.
      continueOnError: true,
      userAgent: "pulumi-dhi-watch",
      onEvent: ({ diagnosticEvent: told }) => {
        if (told?.severity === "error") errors.push(told.urn === undefined ? told.message : `${nameOf(told.urn)}: ${told.message}`);
      },
    });
    const changes = Object.entries(summary.resourceChanges ?? {}).filter(([op]) => op !== "same");
    if (changes.length === 0) return { result: "unchanged", text: "nothing has changed" };
    return { result: "changed", text: changes.map(([op, count]) => `${op} ${count}`).join(", ") };
  } catch (thrown) {
    return { result: "failed", errors: errors.length > 0 ? errors.map((text) => text.trim()) : [lastWords(thrown)] };
  } finally {
    signal.removeEventListener("abort", forward);
  }
}

/** The resource's name is the last part of its URN. */
function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** What the CLI printed on standard error, which the Automation API puts into a message together with everything else. */
function lastWords(thrown: unknown): string {
  const { message } = asError(thrown);
  const printed = /^ stderr: ([\s\S]*?)(?:^ err\?: |(?![\s\S]))/m.exec(message)?.[1]?.trim() ?? "";
  return (printed === "" ? message : printed).trim().slice(-MAX_OUTPUT);
}

import type { DiagnosticEvent, EngineEvent, LocalWorkspace, StepEventMetadata } from "@pulumi/pulumi/automation";
import { asError, DhiError } from "../../provider/errors.js";

/** What a preview of a stack says. */
export interface Preview {
  readonly stack: string;
  readonly steps: readonly StepEventMetadata[];
  /** Warnings of the resources, by URN. */
  readonly warnings: ReadonlyMap<string, readonly string[]>;
}

/** Previews a stack of the project in a folder; by default the selected stack. Throws `DhiError` with what the engine says. */
export async function previewStack(folder: string, stackName: string | undefined): Promise<Preview> {
  const { LocalWorkspace, Stack } = await import("@pulumi/pulumi/automation/index.js");
  const workspace = await LocalWorkspace.create({ workDir: folder }).catch((thrown: unknown) => {
    throw noCli(thrown);
  });
  const name = stackName ?? (await selectedStack(workspace));
  // The API selects a stack in the workspace of the user before it runs anything. Preview gets the name anyway, and reading must not write.
  workspace.selectStack = () => Promise.resolve();
  const stack = await Stack.select(name, workspace);
  const events: EngineEvent[] = [];
  try {
    await stack.preview({ color: "never", onEvent: (event) => events.push(event) });
  } catch (thrown) {
    throw asFailedPreview(events, thrown);
  }
  const warnings = new Map<string, readonly string[]>();
  for (const { severity, urn = "", message } of diagnosticsOf(events)) {
    const known = warnings.get(urn) ?? [];
    if (severity === "warning" && !known.includes(message)) warnings.set(urn, [...known, message]);
  }
  return {
    stack: name,
    steps: events.flatMap(({ resourcePreEvent: event }) => (event === undefined ? [] : [event.metadata])),
    warnings,
  };
}

async function selectedStack(workspace: LocalWorkspace): Promise<string> {
  const selected = await workspace.stack().catch((thrown: unknown) => {
    throw asFailedPreview([], thrown);
  });
  if (selected === undefined) throw new DhiError("invalid", "no stack is selected", { hint: "Name one with --stack" });
  return selected.name;
}

/** Without progress, and without the markup of colours. Debug messages of Pulumi's SDK contain whole requests with their secrets. */
function diagnosticsOf(events: readonly EngineEvent[]): readonly DiagnosticEvent[] {
  return events.flatMap(({ diagnosticEvent: event }) => {
    if (event === undefined || event.ephemeral === true || (event.severity as string) === "debug") return [];
    return [{ ...event, message: event.message.replaceAll(/<\{%[^%]*%\}>/g, "").trim() }];
  });
}

function asFailedPreview(events: readonly EngineEvent[], thrown: unknown): DhiError {
  const errors = diagnosticsOf(events).filter(({ severity }) => severity === "error");
  // A CommandError repeats all that the CLI has printed.
  const printed = asError(thrown)
    .message.split("\n")
    .flatMap((line) => /^ *(?:stderr: )?error: (.*)$/.exec(line)?.[1] ?? []);
  const found = errors.length > 0 ? errors.map(({ message }) => message) : printed;
  const texts = [...new Set(found)].filter((text) => text !== "" && text !== "preview failed");
  return new DhiError("invalid", texts.length > 0 ? texts.join("\n") : asError(thrown).message, { cause: thrown });
}

function noCli(thrown: unknown): unknown {
  const { message } = asError(thrown);
  if (!message.includes("ENOENT")) return thrown;
  return new DhiError("not-found", "the Pulumi CLI is not on PATH", {
    hint: "Install it: https://www.pulumi.com/docs/install",
    cause: thrown,
  });
}

import { readFileSync } from "node:fs";

/** Properties of a resource as the engine prints them: secrets as `[secret]`, unknowns as their sentinel. */
export type Properties = Readonly<Record<string, unknown>>;

/** One step of an operation on one resource, from the engine's event log. */
export interface Step {
  readonly op: string;
  /** The last part of the URN. */
  readonly name: string;
  readonly urn: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** The state before. */
  readonly old: Properties;
}

/** A line on a resource's row, or a diagnostic of the program. */
export interface Line {
  readonly name: string;
  readonly severity: string;
  readonly message: string;
  readonly ephemeral: boolean;
}

export interface EventLog {
  readonly steps: readonly Step[];
  readonly lines: readonly Line[];
  /** Names of resources whose step failed. */
  readonly failed: readonly string[];
}

interface State {
  readonly inputs?: Properties;
  readonly outputs?: Properties;
}

interface Event {
  readonly resourcePreEvent?: { readonly metadata: Metadata };
  readonly resOutputsEvent?: { readonly metadata: Metadata };
  readonly resOpFailedEvent?: { readonly metadata: Metadata };
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string; readonly ephemeral?: boolean };
}

interface Metadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old: State | null;
  readonly new: State | null;
}

/** Reads the file that `--event-log` wrote. The stack and providers are left out of the steps. */
export function readEvents(file: string): EventLog {
  const events = readText(file)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Event);
  const isImage = ({ type }: Metadata): boolean => !type.startsWith("pulumi:");
  const outputs = new Map<string, Properties>();
  for (const { resOutputsEvent: done } of events) {
    if (done?.metadata.new?.outputs !== undefined) outputs.set(`${done.metadata.op} ${done.metadata.urn}`, done.metadata.new.outputs);
  }
  return {
    steps: events.flatMap(({ resourcePreEvent: event }) => {
      if (event === undefined || !isImage(event.metadata)) return [];
      const { op, urn, old, new: now } = event.metadata;
      const inputs = now?.inputs ?? {};
      const before = old?.outputs ?? old?.inputs ?? {};
      return [{ op, urn, name: nameOf(urn), inputs, outputs: outputs.get(`${op} ${urn}`) ?? now?.outputs ?? {}, old: before }];
    }),
    lines: events.flatMap(({ diagnosticEvent: event }) => {
      // Debug messages of Pulumi's own SDK contain whole requests, including secrets, on any resource.
      if (event === undefined || event.severity === "debug") return [];
      const { urn = "", message, severity, ephemeral = false } = event;
      return [{ name: nameOf(urn), severity, message: message.replaceAll(/<\{%.*?%\}>/g, "").trim(), ephemeral }];
    }),
    failed: events.flatMap(({ resOpFailedEvent: event }) => (event === undefined ? [] : [nameOf(event.metadata.urn)])),
  };
}

export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

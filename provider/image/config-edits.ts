import { compareBytes } from "./json.js";
import type { ImageConfig } from "./config.js";

/** How declared arguments meet the base's. */
export interface CommandEdit {
  readonly mode: "append" | "prepend" | "replace" | "clear";
  readonly args: readonly string[];
}

/** What a customization changes in a config. */
export interface ConfigEdits {
  readonly entrypoint?: CommandEdit | undefined;
  readonly cmd?: CommandEdit | undefined;
  /** Merged over the base's; null unsets. */
  readonly environment: Readonly<Record<string, string | null>>;
  /** Variables of the artifacts, in the order of the list. */
  readonly artifactEnvironments: readonly (readonly string[])[];
  readonly labels: Readonly<Record<string, string>>;
  /** Numeric. */
  readonly user?: string | undefined;
  readonly workingDirectory?: string | undefined;
}

export function editConfig(base: ImageConfig, edits: ConfigEdits): ImageConfig {
  const { entrypoint, cmd, user, workingDirectory, ...kept } = base;
  return {
    ...kept,
    ...optional("entrypoint", editCommand(entrypoint, edits.entrypoint)),
    ...optional("cmd", editCommand(cmd, edits.cmd)),
    env: editEnvironment(base.env, edits),
    labels: { ...base.labels, ...edits.labels },
    ...optional("user", edits.user ?? user),
    ...optional("workingDirectory", edits.workingDirectory ?? workingDirectory),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

function editCommand(base: readonly string[] | undefined, edit: CommandEdit | undefined): readonly string[] | undefined {
  switch (edit?.mode) {
    case undefined:
      return base;
    case "append":
      return [...(base ?? []), ...edit.args];
    case "prepend":
      return [...edit.args, ...(base ?? [])];
    case "replace":
      return edit.args;
    case "clear":
      return undefined;
  }
}

/**
 * Declared variables win; an artifact's apply only where the name is absent or empty (among artifacts the last wins),
 * but its PATH entries go to the front, in the order of the list and without repeats.
 */
function editEnvironment(base: readonly string[], edits: ConfigEdits): readonly string[] {
  const variables = new Map(base.map(splitVariable));
  for (const [name, value] of Object.entries(edits.environment).sort(([a], [b]) => compareBytes(a, b))) {
    if (value === null) variables.delete(name);
    else variables.set(name, value);
  }
  const open = (name: string): boolean => edits.environment[name] !== null && (variables.get(name) ?? "") === "";
  const inherited = new Map<string, string>();
  const paths: string[] = [];
  for (const [name, value] of edits.artifactEnvironments.flat().map(splitVariable)) {
    if (name === "PATH") for (const entry of value.split(":")) paths.push(entry);
    else if (open(name) && value !== "") inherited.set(name, value);
  }
  for (const [name, value] of inherited) variables.set(name, value);
  if (paths.length > 0 && edits.environment["PATH"] !== null) {
    const all = [...paths, ...(variables.get("PATH") ?? "").split(":")].filter((entry) => entry !== "");
    variables.set("PATH", [...new Set(all)].join(":"));
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

function splitVariable(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}

import { splitVariable } from "./config-fields.js";
import { compareBytes, sortKeys, type JsonObject } from "./json.js";

type StringMap = Readonly<Record<string, string>>;

/** How declared arguments are combined with those of the base. */
export interface CommandEdit {
  readonly mode: "append" | "prepend" | "replace" | "clear";
  readonly args: readonly string[];
}

/** Declared variables, and those of artifacts. */
export interface EnvironmentEdit {
  /** Override the base's; null unsets a variable. */
  readonly declared: Readonly<Record<string, string | null>>;
  /** `NAME=value` of each artifact, in declared order. */
  readonly inherited: readonly (readonly string[])[];
}

export function replace(_base: string | undefined, declared: string): string {
  return declared;
}

export function merge(base: StringMap | undefined, declared: StringMap): StringMap {
  return { ...base, ...declared };
}

/** Adds names to a set, in which order does not matter. */
export function add(base: JsonObject | undefined, declared: readonly string[]): JsonObject | undefined {
  const missing = declared.filter((name) => !Object.hasOwn(base ?? {}, name));
  return missing.length === 0 ? base : sortKeys({ ...base, ...Object.fromEntries(missing.map((name) => [name, {}])) });
}

export function editCommand(base: readonly string[] = [], { mode, args }: CommandEdit): readonly string[] | undefined {
  switch (mode) {
    case "append":
      return [...base, ...args];
    case "prepend":
      return [...args, ...base];
    case "replace":
      return args;
    case "clear":
      return undefined;
  }
}

/**
 * Declared variables win. Those of artifacts apply only when the variable is absent or empty (the last artifact wins),
 * but their PATH entries are prepended, in declared order and without duplicates.
 */
export function editEnvironment(base: readonly string[] = [], { declared, inherited }: EnvironmentEdit): readonly string[] {
  const variables = new Map(base.map(splitVariable));
  for (const [name, value] of Object.entries(declared).sort(([a], [b]) => compareBytes(a, b))) {
    if (value === null) variables.delete(name);
    else variables.set(name, value);
  }
  const open = (name: string): boolean => declared[name] !== null && (variables.get(name) ?? "") === "";
  const filled = new Map<string, string>();
  const paths: string[] = [];
  for (const [name, value] of inherited.flat().map(splitVariable)) {
    if (name === "PATH") for (const entry of value.split(":")) paths.push(entry);
    else if (open(name) && value !== "") filled.set(name, value);
  }
  for (const [name, value] of filled) variables.set(name, value);
  if (paths.length > 0 && declared["PATH"] !== null) {
    const all = [...paths, ...(variables.get("PATH") ?? "").split(":")].filter((entry) => entry !== "");
    variables.set("PATH", [...new Set(all)].join(":"));
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

import { labels, list, set, text, variables, type FieldForm } from "./config-fields.js";
import { add, editCommand, editEnvironment, merge, replace } from "./field-edits.js";

/** What one input does to one field. */
export interface ConfigRow<Input extends string = string, Declared = unknown, Json = unknown> {
  readonly input: Input;
  /** Of `config` in an image config (OCI image spec, config.md, "properties"). */
  readonly field: string;
  readonly form: FieldForm<Json>;
  /** Called where the input is declared. */
  edit(base: Json | undefined, declared: Declared): Json | undefined;
  /** Its name in the output `config`; default that of the input. */
  readonly output?: string;
  /** Another input that decides what `declared` resolves to: where that is secret, the field is. */
  readonly foundBy?: string;
  /** A path or paths are declared, which messages show in other forms too. */
  readonly isPath?: true;
}

function row<const Input extends string, Declared, Json>(row: ConfigRow<Input, Declared, Json>): ConfigRow<Input, Declared, Json> {
  return row;
}

/**
 * Written behind all other fields and in this order, in their `form`, also where nothing is declared: layout version 1 fixes it.
 * A new input goes below.
 */
const rewritten = [
  row({ input: "runAs", field: "User", form: text, edit: replace, output: "user", foundBy: "users" }),
  row({ input: "environment", field: "Env", form: variables, edit: editEnvironment }),
  row({ input: "entrypoint", field: "Entrypoint", form: list, edit: editCommand }),
  row({ input: "cmd", field: "Cmd", form: list, edit: editCommand }),
  row({ input: "workingDirectory", field: "WorkingDir", form: text, edit: replace, isPath: true }),
  row({ input: "labels", field: "Labels", form: labels, edit: merge }),
] as const;

/** Left where and as the base has them unless they are declared. */
const inPlace = [
  row({ input: "stopSignal", field: "StopSignal", form: text, edit: replace }),
  row({ input: "exposedPorts", field: "ExposedPorts", form: set, edit: add }),
  row({ input: "volumes", field: "Volumes", form: set, edit: add, isPath: true }),
] as const;

const table = [...rewritten, ...inPlace] as const;
type Row = (typeof table)[number];

/** Drives the edit, the output `config`, what is secret in it, and the documented inputs. */
export const configTable: readonly ConfigRow[] = table;
export const rewrittenRows: ReadonlySet<ConfigRow> = new Set(rewritten);

/** By input what is declared, checked; what needs the file tree or the artifacts is resolved before. */
export type ConfigInputs = { readonly [R in Row as R["input"]]?: Parameters<R["edit"]>[1] | undefined };

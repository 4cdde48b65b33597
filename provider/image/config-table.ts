import { labels, list, set, text, variables, type FieldForm } from "./config-fields.js";
import { add, editCommand, editEnvironment, merge, replace } from "./field-edits.js";

/** The edit of one field by one input. */
export interface ConfigRow<Input extends string = string, Declared = unknown, Json = unknown> {
  readonly input: Input;
  /** Of `config` in an image config (OCI image spec, config.md, "properties"). */
  readonly field: string;
  readonly form: FieldForm<Json>;
  /** Called when the input is declared. */
  edit(base: Json | undefined, declared: Declared): Json | undefined;
  /** The name in the output `config`. Default: the name of the input. */
  readonly output?: string;
  /** Another input that determines what `declared` resolves to: when that is secret, so is the field. */
  readonly foundBy?: string;
  /** Whether the input holds paths, which messages also show in other forms. */
  readonly isPath?: true;
}

function row<const Input extends string, Declared, Json>(row: ConfigRow<Input, Declared, Json>): ConfigRow<Input, Declared, Json> {
  return row;
}

/**
 * Written after all other fields, in this order and in their `form`, even when nothing is declared: layout version 1 requires it.
 * Add new inputs to the list below.
 */
const rewritten = [
  row({ input: "runAs", field: "User", form: text, edit: replace, output: "user", foundBy: "users" }),
  row({ input: "environment", field: "Env", form: variables, edit: editEnvironment }),
  row({ input: "entrypoint", field: "Entrypoint", form: list, edit: editCommand }),
  row({ input: "cmd", field: "Cmd", form: list, edit: editCommand }),
  row({ input: "workingDirectory", field: "WorkingDir", form: text, edit: replace, isPath: true }),
  row({ input: "labels", field: "Labels", form: labels, edit: merge }),
] as const;

/** Unless declared, these keep the value and position that they have in the base. */
const inPlace = [
  row({ input: "stopSignal", field: "StopSignal", form: text, edit: replace }),
  row({ input: "exposedPorts", field: "ExposedPorts", form: set, edit: add }),
  row({ input: "volumes", field: "Volumes", form: set, edit: add, isPath: true }),
] as const;

const table = [...rewritten, ...inPlace] as const;
type Row = (typeof table)[number];

/** The table behind the edits, the output `config`, the secrets in it, and the documented inputs. */
export const configTable: readonly ConfigRow[] = table;
export const rewrittenRows: ReadonlySet<ConfigRow> = new Set(rewritten);

/** The declared values by input, checked, and resolved where they depend on the file tree or the artifacts. */
export type ConfigInputs = { readonly [R in Row as R["input"]]?: Parameters<R["edit"]>[1] | undefined };

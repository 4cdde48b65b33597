import { readFileSync } from "node:fs";
import { nameOf, type Properties } from "./events.js";

/** A resource as it is in the state file; secrets are ciphertexts. */
export interface StateResource {
  readonly urn: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  readonly initErrors: readonly string[];
  /** Pending deletion, its successor exists. */
  readonly pendingDelete: boolean;
}

export interface StackState {
  /** The file's content. */
  readonly text: string;
  /** Without the stack and providers. */
  readonly resources: readonly StateResource[];
  /** Of the stack. */
  readonly outputs: Properties;
}

interface StoredResource extends Partial<Omit<StateResource, "pendingDelete">> {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean;
}

/** Reads a stack's state from the file backend. */
export function readState(file: string): StackState {
  const text = readFileSync(file, "utf8");
  const { checkpoint } = JSON.parse(text) as {
    readonly checkpoint: { readonly latest?: { readonly resources?: readonly StoredResource[] } };
  };
  const all = checkpoint.latest?.resources ?? [];
  return {
    text,
    resources: all
      .filter(({ type }) => !type.startsWith("pulumi:"))
      .map((stored) => ({
        urn: stored.urn,
        name: nameOf(stored.urn),
        id: stored.id ?? "",
        inputs: stored.inputs ?? {},
        outputs: stored.outputs ?? {},
        initErrors: stored.initErrors ?? [],
        pendingDelete: stored.delete ?? false,
      })),
    outputs: all.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {},
  };
}

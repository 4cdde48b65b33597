import { DhiError } from "../../errors.js";

/** Where a private key is. It never stands in the inputs of a resource itself, since these are kept in state. */
export type KeyReference =
  | { readonly is: "file"; readonly path: string }
  | { readonly is: "variable"; readonly name: string }
  /** A program and its arguments, run without a shell. */
  | { readonly is: "command"; readonly words: readonly [string, ...string[]] };

const PEM = /-----BEGIN [A-Z0-9 ]+-----/;

export function isPem(text: string): boolean {
  return PEM.test(text);
}

/** `path`, `env:NAME` or `exec:COMMAND`. Throws `DhiError` "invalid" that does not quote what may be a key. */
export function parseKeyReference(text: string): KeyReference {
  if (isPem(text)) {
    throw new DhiError("invalid", "is a private key, which would be kept in state", {
      hint: "Give the path of its file, or env:NAME for a variable that holds it",
    });
  }
  if (text.startsWith("env:")) {
    const name = text.slice("env:".length);
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return { is: "variable", name };
    throw new DhiError("invalid", `"${text}" does not name a variable`, { hint: "Write env:NAME" });
  }
  if (text.startsWith("exec:")) {
    const [program, ...rest] = text.slice("exec:".length).split(/\s+/).filter(Boolean);
    if (program !== undefined) return { is: "command", words: [program, ...rest] };
    throw new DhiError("invalid", `"${text}" has no command`, { hint: "Write exec:PROGRAM ARGUMENT…" });
  }
  if (text !== "" && !text.includes("\u0000")) return { is: "file", path: text };
  throw new DhiError("invalid", "does not name a key", { hint: "Give the path of a file, env:NAME or exec:COMMAND" });
}

/** As it was written, for errors. */
export function formatKeyReference(reference: KeyReference): string {
  switch (reference.is) {
    case "file":
      return reference.path;
    case "variable":
      return `env:${reference.name}`;
    case "command":
      return `exec:${reference.words[0]}`;
  }
}

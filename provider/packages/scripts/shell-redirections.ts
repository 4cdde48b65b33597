import type { ScriptHost } from "./script-host.js";
import type { ShellExpansion } from "./shell-expansion.js";
import { outputFile } from "./shell-skipping.js";
import type { Redirection } from "./shell-syntax.js";

export interface ReadRedirections {
  /** Absent when nothing is said of it. */
  readonly input: { readonly text: string | undefined } | undefined;
  readonly output: { readonly path: string | undefined; readonly append: boolean } | undefined;
  /** What is printed goes elsewhere than to who reads it: to the errors, or nowhere. */
  readonly silent: boolean;
}

export function readRedirections(redirections: readonly Redirection[], expansion: ShellExpansion, host: ScriptHost): ReadRedirections {
  const source = redirections.findLast(({ operator }) => operator === "<<" || operator === "<" || operator === "<&");
  const from = source === undefined || source.operator === "<&" ? undefined : expansion.text(source.target);
  const text = source?.operator === "<" && from !== undefined ? (from === "/dev/null" ? "" : host.readFile(from)) : from;
  const file = outputFile(redirections);
  const append = redirections.some(({ operator, target }) => operator === ">>" && target === file);
  const silent = redirections.some(
    ({ operator, descriptor, target }) => operator === ">&" && (descriptor ?? 1) === 1 && expansion.text(target) !== "1",
  );
  return {
    input: source === undefined ? undefined : { text },
    output: file === undefined ? undefined : { path: expansion.text(file), append },
    silent,
  };
}

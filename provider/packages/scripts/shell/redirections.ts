import type { ScriptHost } from "../script-host.js";
import type { ShellExpansion } from "./expansion.js";
import { ShellInput } from "./input.js";
import type { ShellStreams } from "./streams.js";
import { outputFile } from "./skipping.js";
import type { Redirection } from "./syntax.js";

interface ReadRedirections {
  /** Absent without an input redirection. */
  readonly input: { readonly text: string | undefined } | undefined;
  readonly output: { readonly path: string | undefined; readonly append: boolean } | undefined;
  /** Output does not reach the reader: it goes to standard error or is discarded. */
  readonly silent: boolean;
}

function readRedirections(redirections: readonly Redirection[], expansion: ShellExpansion, host: ScriptHost): ReadRedirections {
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

/** Follows a command with its redirections. */
export function followRedirections<T>(
  redirections: readonly Redirection[],
  expansion: ShellExpansion,
  host: ScriptHost,
  streams: ShellStreams,
  work: () => T,
): T {
  const { input, output, silent } = readRedirections(redirections, expansion, host);
  return streams.reading(input === undefined ? streams.input : new ShellInput(input.text), () => {
    if (output === undefined && !silent) return work();
    const { result, text } = streams.capture(work);
    if (output === undefined) return result;
    const { path, append } = output;
    const written = path === "/dev/null" || (path !== undefined && text !== undefined && host.writeFile(path, text, append));
    if (!written) host.unread(`writing ${path ?? "a file"}`);
    return result;
  });
}

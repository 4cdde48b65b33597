/** Arguments parsed as by getopt. */
export interface Options {
  /** By option name without dashes; "" for one without a value. */
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

/**
 * `withValue`: options that take a value (`gid`, `g`); `flags`: those that take none. Undefined for any other option: then the effect of
 * the command is unknown.
 */
export function parseOptions(args: readonly string[], withValue: readonly string[], flags: readonly string[]): Options | undefined {
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (arg === "--") {
      rest.push(...args.slice(at + 1));
      break;
    }
    const [, long, given] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(arg) ?? [];
    if (long !== undefined) {
      if (withValue.includes(long)) values.set(long, given ?? args[++at] ?? "");
      else if (flags.includes(long)) values.set(long, "");
      else return undefined;
    } else if (/^-[A-Za-z]/.test(arg)) {
      for (let letter = 1; letter < arg.length; letter += 1) {
        const name = arg[letter] ?? "";
        if (withValue.includes(name)) {
          values.set(name, letter + 1 < arg.length ? arg.slice(letter + 1) : (args[++at] ?? ""));
          break;
        }
        if (!flags.includes(name)) return undefined;
        values.set(name, "");
      }
    } else rest.push(arg);
  }
  return { values, rest };
}

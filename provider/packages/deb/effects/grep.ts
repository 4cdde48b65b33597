/** `grep` with one pattern and no file, as far as its pattern means the same in JavaScript; else undefined. */
export function readGrep(words: readonly string[]): { readonly quiet: boolean; test(line: string): boolean } | undefined {
  const [name, ...args] = words;
  if (name !== "grep" && name !== "egrep" && name !== "fgrep") return undefined;
  const flags = args.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join("");
  const [pattern, ...files] = args.filter((arg) => arg !== "--" && !/^-[a-zA-Z]+$/.test(arg));
  if (pattern === undefined || files.length > 0 || /[^-qsFEixv]/.test(flags)) return undefined;
  const fixed = name === "fgrep" || flags.includes("F");
  const extended = name === "egrep" || flags.includes("E");
  if (!fixed && /\\|\[:/.test(pattern)) return undefined;
  // In basic patterns these stand for themselves.
  const source = fixed ? pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : extended ? pattern : pattern.replace(/[+?(){}|]/g, "\\$&");
  const whole = flags.includes("x") ? `^(?:${source})$` : source;
  const compiled = compile(whole, flags.includes("i") ? "i" : "");
  if (compiled === undefined) return undefined;
  const inverted = flags.includes("v");
  return { quiet: flags.includes("q"), test: (line) => compiled.test(line) !== inverted };
}

function compile(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

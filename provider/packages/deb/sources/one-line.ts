import { isNo, isReadable, signedByWords, type SourceEntry } from "./entry.js";

/**
 * The `deb` entries of a one-line sources list (sources.list(5)). `deb-src`, `cdrom`, mirror lists and unknown
 * lines are ignored: they may be for another machine, and a missing archive shows as a package that is not found.
 */
export function parseOneLine(text: string): readonly SourceEntry[] {
  return text.split("\n").flatMap((line) => {
    const entry = parseLine((line.split("#", 1)[0] ?? "").trim());
    return entry === undefined || !isReadable(entry) ? [] : [entry];
  });
}

function parseLine(line: string): SourceEntry | undefined {
  const match = /^deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)((?:\s+\S+)*)$/.exec(line);
  const [, options = "", url, suite, rest = ""] = match ?? [];
  if (url === undefined || suite === undefined) return undefined;
  const components = words(rest, /\s+/);
  if (suite.endsWith("/") !== (components.length === 0)) return undefined;
  const values = parseOptions(options);
  const signedBy = values.get("signed-by");
  return {
    url,
    suites: [suite],
    components,
    architectures: values.get("arch"),
    signedBy: signedBy === undefined ? undefined : signedByWords(signedBy),
    allowExpired: isNo(values.get("check-valid-until")?.[0] ?? ""),
  };
}

/** `arch=amd64,arm64 signed-by=/usr/share/keyrings/x.gpg`; `+=` and `-=`, which change an unknown default, are ignored. */
function parseOptions(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    words(text, /\s+/).flatMap((option): [string, readonly string[]][] => {
      const [, name, value] = /^([a-z-]+)=(.*)$/i.exec(option) ?? [];
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), words(value, /,/)]];
    }),
  );
}

function words(text: string, between: RegExp): readonly string[] {
  return text.split(between).filter((word) => word !== "");
}

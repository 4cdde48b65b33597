/** The letters of a package index that the installed database repeats, in the order in which apk 2.14 writes them. */
const letters = ["C", "P", "V", "A", "S", "I", "T", "U", "L", "o", "m", "t", "c", "k", "D", "p", "i"];

/** Those that apk writes even when they are empty. */
const always = ["T", "U", "L"];

/**
 * The head of a stanza in the installed database: the fields of the package index, and those of the package's `.PKGINFO` that only
 * installing needs: which packages' files it replaces and with which priority. `tag`: of its repository.
 */
export function installedHead(stanza: string, pkginfo: string, tag?: string): string {
  const lines = new Map<string, string>();
  for (const line of stanza.split("\n")) if (/^[A-Za-z]:/.test(line) && !lines.has(line.charAt(0))) lines.set(line.charAt(0), line);
  const replaces = infoValues(pkginfo, "replaces").join(" ");
  const priority = Number(infoValues(pkginfo, "replaces_priority").at(-1) ?? 0);
  const head = letters.flatMap((letter) => lines.get(letter) ?? (always.includes(letter) ? [`${letter}:`] : []));
  if (replaces !== "") head.push(`r:${replaces}`);
  if (priority > 0) head.push(`q:${String(priority)}`);
  if (tag !== undefined) head.push(`s:${tag}`);
  return head.map((line) => `${line}\n`).join("");
}

/** The values of a key in `.PKGINFO`, in order: `key = value`, one or more times. */
export function infoValues(pkginfo: string, key: string): readonly string[] {
  return pkginfo.split("\n").flatMap((line) => (line.startsWith(`${key} = `) ? [line.slice(key.length + 3).trim()] : []));
}

/** chmod(1): `2755`, `u=rwx,g+s`, `a+rX`. Undefined for an invalid mode. */
export function changeMode(text: string, old: number, directory: boolean): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) {
    const bits = parseInt(text, 8);
    // Omitted digits leave a directory's setuid and setgid alone.
    return directory && text.length < 5 && bits <= 0o777 && text.length <= 4 ? bits | (old & 0o6000) : bits;
  }
  let mode = old;
  for (const clause of text.split(",")) {
    const [, who = "", actions = ""] = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause) ?? [];
    if (actions === "") return undefined;
    for (const [, operator = "", letters = ""] of actions.matchAll(/([-+=])([rwxXst]*)/g))
      mode = apply(mode, who, operator, letters, directory);
  }
  return mode;
}

function apply(mode: number, who: string, operator: string, letters: string, directory: boolean): number {
  const all = who === "" || who.includes("a");
  let bits = 0;
  let cleared = 0;
  for (const [letter, shift, special] of [
    ["u", 6, 0o4000],
    ["g", 3, 0o2000],
    ["o", 0, 0],
  ] as const) {
    if (!all && !who.includes(letter)) continue;
    cleared |= (7 << shift) | special;
    if (letters.includes("r")) bits |= 4 << shift;
    if (letters.includes("w") && (who !== "" || letter === "u")) bits |= 2 << shift;
    if (letters.includes("x") || (letters.includes("X") && (directory || (mode & 0o111) !== 0))) bits |= 1 << shift;
    if (letters.includes("s")) bits |= special;
  }
  if (letters.includes("t") && (all || who.includes("o"))) bits |= 0o1000;
  if (operator === "+") return mode | bits;
  return operator === "-" ? mode & ~bits : (mode & ~cleared) | bits;
}

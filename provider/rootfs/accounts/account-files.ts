/** passwd(5). */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** group(5). */
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Ignores lines that are not entries: comments, NIS lines, lines with too few fields. */
export function parsePasswd(text: string): readonly PasswdEntry[] {
  return lines(text).flatMap((line) => {
    const [name = "", , uid, gid, , home = "", shell = ""] = line.split(":");
    return isEntry(name, uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home, shell }] : [];
  });
}

export function parseGroup(text: string): readonly GroupEntry[] {
  return lines(text).flatMap((line) => {
    const [name = "", , gid, members = ""] = line.split(":");
    return isEntry(name, gid) ? [{ name, gid: Number(gid), members: splitMembers(members) }] : [];
  });
}

export function passwdLine({ name, uid, gid, home, shell }: PasswdEntry): string {
  return `${name}:x:${String(uid)}:${String(gid)}::${home}:${shell}`;
}

export function groupLine({ name, gid, members }: GroupEntry): string {
  return `${name}:x:${String(gid)}:${members.join(",")}`;
}

/** shadow(5): no password matches, and the password never has to be changed. */
export function shadowLine(name: string): string {
  return `${name}:!::0:99999:7:::`;
}

export function gshadowLine(name: string, members: readonly string[]): string {
  return `${name}:!::${members.join(",")}`;
}

/** Appends lines to the text; the existing text stays byte for byte. */
export function appendLines(text: string, added: readonly string[]): string {
  const end = text === "" || text.endsWith("\n") ? "" : "\n";
  return added.length === 0 ? text : `${text}${end}${added.join("\n")}\n`;
}

/** Adds members to a group's line, in group (field 3) and gshadow (field 3) alike; other lines stay byte for byte. */
export function addMembers(text: string, group: string, members: readonly string[]): string {
  return text
    .split("\n")
    .map((line) => {
      const [name, password = "", id, present = "", ...rest] = line.split(":");
      // A line may end before the members.
      if (name !== group || id === undefined) return line;
      const before = splitMembers(present);
      const missing = [...new Set(members)].filter((member) => !before.includes(member));
      return missing.length === 0 ? line : [name, password, id, [...before, ...missing].join(","), ...rest].join(":");
    })
    .join("\n");
}

function lines(text: string): readonly string[] {
  return text.split("\n");
}

function isEntry(name: string, id: string | undefined): boolean {
  return /^[^#+\-:\s][^:\s]*$/.test(name) && isNumber(id);
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^[0-9]{1,10}$/.test(text);
}

function splitMembers(text: string): readonly string[] {
  return text.split(",").filter((member) => member !== "");
}

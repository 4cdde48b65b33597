import { formatParagraph, type Paragraph } from "./control.js";

/** The order in which dpkg writes the fields that it knows (lib/dpkg/parse.c, fieldinfos); others follow in their own order. */
const before = ["Package", "Essential", "Protected", "Status", "Priority", "Section", "Installed-Size", "Origin", "Maintainer", "Bugs"];
const between = ["Architecture", "Multi-Arch", "Source", "Version", "Config-Version"];
const relations = ["Replaces", "Provides", "Depends", "Pre-Depends", "Recommends", "Suggests", "Breaks", "Conflicts", "Enhances"];
const order = [...before, ...between, ...relations, "Conffiles", "Description"];

/** Fields of a package index that dpkg does not keep for installed packages. */
const dropped = new Set(["Filename", "Size", "MD5sum", "SHA1", "SHA256", "SHA512", "Description-md5"]);

/** One line of `Conffiles`. `flag`: `obsolete` for what the installed version no longer has. */
export interface Conffile {
  /** With its leading slash, latin1. */
  readonly path: string;
  readonly md5: string;
  readonly flag?: string | undefined;
}

/**
 * The paragraph of `var/lib/dpkg/status` that dpkg writes for an installed package, from the package's own `control`. `text` is that
 * file unparsed: dpkg keeps trailing space in a description.
 */
export function statusParagraph(control: Paragraph, text: string, conffiles: readonly Conffile[]): string {
  const byName = new Map([...control].map(([name, value]) => [name.toLowerCase(), [name, value] as const]));
  const fields = new Map<string, string>();
  for (const name of order) {
    if (name === "Status") fields.set(name, "install ok installed");
    else if (name === "Conffiles") {
      const lines = conffiles.map(({ path, md5, flag }) => `\n ${path} ${md5}${flag === undefined ? "" : ` ${flag}`}`);
      if (lines.length > 0) fields.set(name, lines.join(""));
    } else {
      const value = byName.get(name.toLowerCase())?.[1];
      if (value === undefined) continue;
      const space = name === "Description" ? endOf(/^Description:(.*)$/im.exec(text)?.[1] ?? "") : "";
      fields.set(name, relations.includes(name) ? plainRelations(value) : value.replace(/(?=\n)|$/, space));
    }
  }
  const known = new Set(order.map((name) => name.toLowerCase()));
  for (const [name, value] of control) if (!known.has(name.toLowerCase()) && !dropped.has(name)) fields.set(name, value);
  return formatParagraph(fields);
}

/** As dpkg writes relations: on one line, `name:arch (op version)`, and `<`, `>` as `<=`, `>=`. */
function plainRelations(text: string): string {
  const groups = text.split(",").map((group) => group.trim());
  return groups
    .filter((group) => group !== "")
    .map((group) => group.split("|").map(plainRelation).join(" | "))
    .join(", ");
}

function plainRelation(text: string): string {
  const whole = text.trim();
  const [, name = whole, inner = ""] = /^([^\s(]+)\s*(?:\(([^()]*)\))?$/.exec(whole) ?? [];
  const [, relation, version = ""] = /^([<>=]+)\s*([^\s<>=]\S*)$/.exec(inner.trim()) ?? [];
  if (relation === undefined) return inner === "" ? name : whole;
  const operator = relation === "<" ? "<=" : relation === ">" ? ">=" : relation;
  return `${name} (${operator} ${version})`;
}

/** Trailing space of a line. */
function endOf(line: string): string {
  let start = line.length;
  while (start > 0 && (line[start - 1] === " " || line[start - 1] === "\t")) start -= 1;
  return line.slice(start);
}

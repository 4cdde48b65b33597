import { terminalText } from "../../provider/text/terminal-text.js";

/** Most characters of a comment; GitHub allows 65,536 and GitLab a million. */
export const COMMENT_LIMIT = 60_000;

/**
 * Foreign text as a code span, also in a table (GitHub Flavored Markdown, "Code spans", "Tables"): it cannot become a link, an image, HTML or
 * the mention of a person.
 */
export function codeSpan(text: string): string {
  const line = terminalText(text.replaceAll(/\s+/g, " ")).trim();
  if (line === "") return "";
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line}${space}${fence}`.replaceAll("|", "\\|");
}

/** The cells are Markdown. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [headings, headings.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

/** The lines as one text. What does not fit into a comment is left out from its end, which the last line says. */
export function fitComment(lines: readonly string[], limit: number = COMMENT_LIMIT): string {
  let length = 0;
  const first = lines.findIndex((line) => {
    length += line.length + 1;
    return length > limit;
  });
  if (first < 0) return `${lines.join("\n")}\n`;
  return [...lines.slice(0, first), "", `${String(lines.length - first)} more lines do not fit into a comment.`, ""].join("\n");
}

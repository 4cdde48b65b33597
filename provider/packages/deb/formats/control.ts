import { DhiError } from "../../../errors.js";

/**
 * Fields by their names as written, in order; bytes as latin1. A value is its first line, trimmed, and each
 * continuation line unchanged after a newline, its leading space included.
 */
export type Paragraph = ReadonlyMap<string, string>;

/** A field name: printable ASCII without space and colon, not starting with `#` or `-` (deb822(5)). */
const fieldName = /^[!"$-,.-9;-~][!-9;-~]*$/;
const blanks = " \t";

/** Every paragraph of a deb822 text (deb822(5)). `what` names the text in errors. Throws `DhiError` "invalid" with the line's number. */
export function parseParagraphs(text: string, what: string): readonly Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let fields = new Map<string, string>();
  let seen = new Set<string>();
  let current: string | undefined;
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    const wrong = (why: string): DhiError => new DhiError("invalid", `${what}, line ${at + 1}: ${why}`);
    if (line.startsWith("#")) continue;
    if (/^[ \t]*$/.test(line)) {
      if (fields.size > 0) paragraphs.push(fields);
      fields = new Map();
      seen = new Set();
      current = undefined;
      continue;
    }
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(line)) throw wrong("has a control character");
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (current === undefined) throw wrong("is a continuation line without a field before it");
      fields.set(current, `${fields.get(current) ?? ""}\n${line}`);
      continue;
    }
    const colon = line.indexOf(":");
    const name = trimBlanks(line.slice(0, Math.max(0, colon)));
    const value = trimBlanks(line.slice(colon + 1));
    if (!fieldName.test(name)) throw wrong(`${JSON.stringify(line.slice(0, 60))} is not a valid field`);
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw wrong(`the field ${name} is repeated`);
    seen.add(folded);
    fields.set(name, value);
    current = name;
  }
  if (fields.size > 0) paragraphs.push(fields);
  return paragraphs;
}

/** The one paragraph of a text. Throws `DhiError` "invalid" for none or several. */
export function parseParagraph(text: string, what: string): Paragraph {
  const [first, ...others] = parseParagraphs(text, what);
  if (first === undefined) throw new DhiError("invalid", `${what} has no fields`);
  if (others.length > 0) throw new DhiError("invalid", `${what} has ${others.length + 1} paragraphs instead of one`);
  return first;
}

/** A field by its name, ignoring case. */
export function fieldOf(paragraph: Paragraph, name: string): string | undefined {
  const value = paragraph.get(name);
  if (value !== undefined) return value;
  const folded = name.toLowerCase();
  for (const [key, found] of paragraph) if (key.toLowerCase() === folded) return found;
  return undefined;
}

/** A paragraph as text, with a newline at its end: what `parseParagraph` reads back. */
export function formatParagraph(paragraph: Paragraph): string {
  let text = "";
  for (const [name, value] of paragraph) text += value === "" || value.startsWith("\n") ? `${name}:${value}\n` : `${name}: ${value}\n`;
  return text;
}

/** `trim` would remove other whitespace too, which values may begin and end with. */
export function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && blanks.includes(text[start] ?? "x")) start += 1;
  while (end > start && blanks.includes(text[end - 1] ?? "x")) end -= 1;
  return text.slice(start, end);
}

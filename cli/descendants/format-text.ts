import { shortDigest } from "../../provider/image/digest.js";
import { terminalText } from "../../provider/text/terminal-text.js";
import { alignColumns } from "../output/columns.js";
import type { Age, Descendant, Descendants } from "./descendant.js";

/** A line for each image, and a summary. */
export function formatText({ base, images, warnings }: Descendants): string {
  const hasOwner = images.some(({ owner }) => owner !== undefined);
  const heading = ["image", "base", "built on", "age", "evidence", "builder", ...(hasOwner ? ["owner"] : [])];
  const rows = images.map((image) => [...cellsOf(image), ...(hasOwner ? [oneLine(image.owner ?? "")] : [])]);
  const table = images.length === 0 ? [] : [...alignColumns([heading, ...rows]), ""];
  const digest = base.digest === undefined ? "" : ` (${shortDigest(base.digest)})`;
  const lines = [...table, ...warnings.map((warning) => `warning: ${oneLine(warning)}`), `${base.name}${digest}: ${summarize(images)}`];
  return `${lines.join("\n")}\n`;
}

function cellsOf({ repository, tags, base, age, daysBehind, evidence, builder }: Descendant): readonly string[] {
  const [first = "", ...others] = tags;
  const more = others.length === 0 ? "" : ` (+${String(others.length)})`;
  const days = daysBehind === undefined ? "" : ` ${String(daysBehind)} days`;
  return [
    `${oneLine(`${repository}:${first}`)}${more}`,
    oneLine(base.name ?? ""),
    base.digest === undefined ? "" : shortDigest(base.digest),
    age + days,
    evidence,
    builder ?? "",
  ];
}

function summarize(images: readonly Descendant[]): string {
  const count = (age: Age): string => `${String(images.filter((image) => image.age === age).length)} ${age}`;
  return images.length === 0 ? "no images are built on it" : (["behind", "current", "unknown"] as const).map(count).join(", ");
}

function oneLine(text: string): string {
  return terminalText(text.replaceAll("\n", " "));
}

import { drawTerminal } from "../support/terminal/svg.js";
import { lineText, parseTerminal, shortenDigests, type Line } from "../support/terminal/text.js";

/** Records of layers, what repeats the digests of others, and what has dates. */
const leftOut = ["__history", "__layers", "__published", "archives", "asBase", "platformDigests", "ref"];

/** Empty lines, URNs, and progress: what starts a line and is neither a heading nor a message. */
const skipped = /^$|^\s*\[urn=|^(?!Previewing|Resources:|warning:|error:|\s)/;

/** The picture in the README: what the CLI printed, with short digests, and an ellipsis for what is left out. */
export function drawPreview(text: string): string {
  const lines = parseTerminal(text)
    .filter((line) => !skipped.test(lineText(line)))
    .map(shortenDigests);
  const [prompt = []] = parseTerminal("$ pulumi preview --diff");
  return drawTerminal([prompt, ...withoutProperties(lines)], "The output of pulumi preview --diff");
}

function withoutProperties(lines: readonly Line[]): readonly Line[] {
  const kept: Line[] = [];
  /** Indentation of the property that is being left out. */
  let within: number | undefined;
  for (const line of lines) {
    const [, indent = "", name = ""] = /^( *)(?:[~+-] )?(\w*)/.exec(lineText(line)) ?? [];
    if (within !== undefined && indent.length > within) continue;
    within = leftOut.includes(name) ? indent.length : undefined;
    if (within === undefined) kept.push(line);
    else if (lineText(kept.at(-1) ?? []).trim() !== "…") kept.push(parseTerminal(`${indent}…`)[0] ?? []);
  }
  return kept;
}

import type { NamedOutcome } from "../../provider/pipeline/verify/verify-named.js";
import { terminalText } from "../../provider/text/terminal-text.js";

/** One line for an image that is signed; else what is wanted, and everything that was found. */
export function formatText({ ref, outcome }: NamedOutcome): string {
  const lines =
    "signer" in outcome
      ? [`${ref} is signed by ${outcome.signer}`]
      : [`${ref} is not signed as wanted, ${outcome.wants}`, ...outcome.found.map((line) => `  ${line}`)];
  return `${lines.map((line) => terminalText(line.replaceAll("\n", " "))).join("\n")}\n`;
}

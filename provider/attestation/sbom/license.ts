import { isSupportedSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";

const operators = new Set(["AND", "OR", "WITH"]);

/**
 * Whether a text is a licence expression of the identifiers of the SPDX license list (SPDX 2.3, annex D). Packages state other texts too:
 * names of their own, or identifiers without operators.
 */
export function isLicenseExpression(text: string): boolean {
  const tokens = text.replace(/[()]/g, " $& ").trim().split(/\s+/);
  let depth = 0;
  let wantsOperand = true;
  for (const token of tokens) {
    if (token === "(") {
      if (!wantsOperand) return false;
      depth += 1;
    } else if (token === ")") {
      if (wantsOperand || --depth < 0) return false;
    } else if (operators.has(token)) {
      if (wantsOperand) return false;
      wantsOperand = true;
    } else {
      if (!wantsOperand || !isSupportedSpdxId(token.replace(/\+$/, ""))) return false;
      wantsOperand = false;
    }
  }
  return !wantsOperand && depth === 0;
}

/** Identifiers of the GNU licences that SPDX has replaced: `GPL-2.0` and `GPL-2.0+` (SPDX licence list, "Deprecated License Identifiers"). */
const gnu = /^((?:a?gpl|lgpl|gfdl)-\d\.\d)(\+?)$/;

/** An SPDX identifier in the form in which two are compared; they are not case-sensitive (SPDX 2.3, annex D). */
export function parseLicense(text: string): string {
  const lower = text.toLowerCase();
  const [, family, later] = gnu.exec(lower) ?? [];
  if (family !== undefined) return `${family}-${later === "+" ? "or-later" : "only"}`;
  return lower.endsWith("+") ? lower.slice(0, -1) : lower;
}

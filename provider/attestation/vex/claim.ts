/** The effect of a vulnerability on a product (OpenVEX 0.2.0, "Status Labels"), the most careful one first. */
export const vexStatuses = ["affected", "under_investigation", "fixed", "not_affected"] as const;
export type VexStatus = (typeof vexStatuses)[number];

/** Why a product is not affected (OpenVEX 0.2.0, "Status Justifications"). */
export const vexJustifications = [
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
] as const;
export type VexJustification = (typeof vexJustifications)[number];

/** What a statement says of a vulnerability, whichever packages it is about. */
export interface Claim {
  readonly vulnerability: {
    readonly name: string;
    readonly aliases: readonly string[];
  };
  readonly status: VexStatus;
  readonly justification?: VexJustification | undefined;
  /** Why it is not affected, in words. */
  readonly impact?: string | undefined;
  /** What to do where it is affected. */
  readonly action?: string | undefined;
  readonly notes?: string | undefined;
  /** Who says so, where it is not the author of the document. */
  readonly supplier?: string | undefined;
  /** RFC 3339. Undefined: that of the document. */
  readonly timestamp?: string | undefined;
}

/** Whether a claim is about the vulnerability with this name. */
export function isAboutVulnerability({ vulnerability: { name, aliases } }: Claim, other: string): boolean {
  return name === other || aliases.includes(other);
}

/** The newer claim, as scanners choose; of two of the same time the more careful one. */
export function newerClaim(one: Claim, other: Claim): Claim {
  const [first, second] = [timeOf(one), timeOf(other)];
  if (first !== second) return first > second ? one : other;
  const [care, otherCare] = [vexStatuses.indexOf(one.status), vexStatuses.indexOf(other.status)];
  if (care !== otherCare) return care < otherCare ? one : other;
  return JSON.stringify(one) <= JSON.stringify(other) ? one : other;
}

function timeOf({ timestamp }: Claim): number {
  return timestamp === undefined ? 0 : Date.parse(timestamp);
}

import { z } from "zod";
import type { VexPart, VexSummary } from "../../attestation/vex/vex-statements.js";
import { digestSchema } from "../../image/digest.js";
import type { Value } from "../../values.js";

const part = z.object({ statements: z.number(), digest: digestSchema });
const schema = z.object({ base: part, own: part });

/** For the hidden output `__vex`. */
export function describeVexSummary({ base, own }: VexSummary): Value {
  return { base: { ...base }, own: { ...own } };
}

/** Undefined for an image without VEX, or of an earlier release. */
export function parseVexSummary(value: Value | undefined): VexSummary | undefined {
  return schema.safeParse(value).data;
}

/** Why attestations are published again although the image is the same: `vex of the base: 214 → 221 statements`. None where nothing differs. */
export function explainVex(before: VexSummary | undefined, after: VexSummary): readonly string[] {
  if (before === undefined) return [];
  return [...explainPart("vex of the base", before.base, after.base), ...explainPart("vex.statements", before.own, after.own)];
}

function explainPart(what: string, before: VexPart, after: VexPart): readonly string[] {
  if (before.digest === after.digest) return [];
  const count = after.statements === 1 ? "1 statement" : `${String(after.statements)} statements`;
  return [
    before.statements === after.statements
      ? `${what}: ${count}, not the same as before`
      : `${what}: ${String(before.statements)} → ${count}`,
  ];
}

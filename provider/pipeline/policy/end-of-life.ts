import { labelsOf, type ImageConfig } from "../../image/config.js";
import type { Violation } from "./violation.js";

const name = "com.docker.dhi.date.end-of-life";
const day = 86_400_000;

/** What the base says of its end of life; the day itself is still supported. `now`: milliseconds since 1970. */
export function judgeEndOfLife(
  base: ImageConfig | undefined,
  annotations: Readonly<Record<string, string>>,
  now: number,
): readonly Violation[] {
  const stated = (base === undefined ? undefined : labelsOf(base)[name]) ?? annotations[name];
  const [date] = /^\d{4}-\d{2}-\d{2}/.exec(stated ?? "") ?? [];
  const end = date === undefined ? Number.NaN : Date.parse(date);
  if (date === undefined || Number.isNaN(end) || now < end + day) return [];
  return [
    { rule: "forbidEndOfLife", message: `the base is past its end of life: ${date}`, hint: "Move to a version that is still supported" },
  ];
}

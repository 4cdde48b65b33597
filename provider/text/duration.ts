/** Milliseconds of each unit. */
const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `s`, `m`, `h`, `d`. */
export type DurationUnit = keyof typeof units;

/** Milliseconds of a duration such as `90s` or `1h30m`, in these units; undefined for other text. */
export function parseDuration(text: string, allowed: readonly DurationUnit[]): number | undefined {
  const parts = [...text.matchAll(new RegExp(`([0-9]{1,9})([${allowed.join("")}])`, "g"))];
  if (text === "" || parts.map(([part]) => part).join("") !== text) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as DurationUnit], 0);
}

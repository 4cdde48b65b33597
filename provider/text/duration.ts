const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `30m`, `1h30m` in milliseconds; undefined for other texts, and for no time at all. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/([0-9]{1,9})([smh])/g)];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
  return parts.map(([part]) => part).join("") !== text || total === 0 ? undefined : total;
}

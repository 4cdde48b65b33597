/** Statuses of temporary failures. */
const temporary: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** Longest delay that a server may ask for, in milliseconds. */
const LONGEST_WAIT = 30_000;

export function isTemporary(status: number): boolean {
  return temporary.has(status);
}

/**
 * Milliseconds to wait after try number `attempt` (1 is the first): exponential backoff from `first` with up to half taken off
 * at random (jitter), or what `Retry-After` says (RFC 9110 section 10.2.3, seconds or a date), at most 30 s.
 */
export function delayAfter(attempt: number, first: number, retryAfter: string | undefined, random: number, now: number): number {
  const asked = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, now);
  if (asked !== undefined) return Math.min(asked, LONGEST_WAIT);
  const whole = Math.min(first * 2 ** (attempt - 1), LONGEST_WAIT);
  return whole - (whole / 2) * random;
}

function parseRetryAfter(text: string, now: number): number | undefined {
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

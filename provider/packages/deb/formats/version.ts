/** `[epoch:]upstream[-revision]` (deb-version(7)). */
interface DebianVersion {
  /** 0 when absent. */
  readonly epoch: number;
  readonly upstream: string;
  /** "" when absent, which compares equal to "0". */
  readonly revision: string;
}

/** As dpkg compares (deb-version(7), "Sorting algorithm"): negative, 0 or positive. Total: invalid versions have an order too. */
export function compareDebianVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = splitVersion(a);
  const right = splitVersion(b);
  if (left.epoch !== right.epoch) return left.epoch < right.epoch ? -1 : 1;
  return compareParts(left.upstream, right.upstream) || compareParts(left.revision, right.revision);
}

/** Without the suffix of a binary rebuild, `+b1`, which differs between architectures. */
export function withoutRebuild(version: string): string {
  return version.replace(/\+b[0-9]+$/, "");
}

function splitVersion(text: string): DebianVersion {
  const colon = text.indexOf(":");
  const hyphen = text.lastIndexOf("-");
  const end = hyphen > colon ? hyphen : text.length;
  return {
    epoch: colon < 0 ? 0 : Number.parseInt(text.slice(0, colon), 10) || 0,
    upstream: text.slice(colon + 1, end),
    revision: text.slice(end + 1),
  };
}

/** Compares runs of non-digits by `weight` and runs of digits as numbers of any length, alternating. */
function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const order = weight(a, i) - weight(b, j);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
    while (a[i] === "0") i += 1;
    while (b[j] === "0") j += 1;
    let first = 0;
    while (isDigit(a, i) && isDigit(b, j)) {
      first ||= a.charCodeAt(i) - b.charCodeAt(j);
      i += 1;
      j += 1;
    }
    if (isDigit(a, i)) return 1;
    if (isDigit(b, j)) return -1;
    if (first !== 0) return first;
  }
  return 0;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** `~` before the end, the end and digits before letters, letters before the rest. */
function weight(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const character = text.charAt(at);
  if (character === "~") return -1;
  return /[A-Za-z]/.test(character) ? text.charCodeAt(at) : text.charCodeAt(at) + 256;
}

/** One `deb` entry of apt's sources, as written: sources.list(5). */
export interface SourceEntry {
  readonly url: string;
  readonly suites: readonly string[];
  /** Empty only where each suite is an exact path that ends in a slash. */
  readonly components: readonly string[];
  /** Undefined: all. */
  readonly architectures: readonly string[] | undefined;
  /** Undefined: every key that the machine trusts. */
  readonly signedBy: SignedBy | undefined;
  /** `Check-Valid-Until: no`: what is past its `Valid-Until` is taken. */
  readonly allowExpired: boolean;
}

export interface SignedBy {
  /** Keyring files, absolute. */
  readonly paths: readonly string[];
  /** 40 upper-case hexadecimal digits; when there are any, only these keys count. */
  readonly fingerprints: readonly string[];
  /** An armored key block inside the entry. */
  readonly inline: string | undefined;
}

/** Values of `Signed-By` that are no key block. Words that are neither path nor fingerprint are dropped, so that nothing is trusted by them. */
export function signedByWords(words: readonly string[]): SignedBy {
  return {
    paths: words.filter((word) => word.startsWith("/")),
    // The exclamation mark excludes subkeys: stricter than what is checked here, which is the primary key.
    fingerprints: words.filter((word) => /^[0-9A-Fa-f]{40}!?$/.test(word)).map((word) => word.replace("!", "").toUpperCase()),
    inline: undefined,
  };
}

/** Archives that can be read: no mirror lists, no discs, no variables of another machine. */
export function isReadable(entry: Pick<SourceEntry, "url" | "suites">): boolean {
  return /^(?:https?|file):\/?\/?./.test(entry.url) && URL.canParse(entry.url) && !entry.suites.some((suite) => suite.includes("$("));
}

/** A value that means no (apt.conf(5), "StringToBool" of apt). */
export function isNo(value: string): boolean {
  return /^(?:no|false|0|off|without|disable)$/i.test(value.trim());
}

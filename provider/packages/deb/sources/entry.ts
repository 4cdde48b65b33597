/** One `deb` entry of apt's sources, as written: sources.list(5). */
export interface SourceEntry {
  readonly url: string;
  readonly suites: readonly string[];
  /** Empty only where each suite is an exact path that ends in a slash. */
  readonly components: readonly string[];
  /** Undefined: all. */
  readonly architectures: readonly string[] | undefined;
  /** Undefined: every key that the machine trusts globally. */
  readonly signedBy: SignedBy | undefined;
  /** `Check-Valid-Until: no`: a release past its `Valid-Until` is accepted. */
  readonly allowExpired: boolean;
}

export interface SignedBy {
  /** Keyring files, absolute. */
  readonly paths: readonly string[];
  /** 40 upper-case hexadecimal digits each; if not empty, only these keys count. */
  readonly fingerprints: readonly string[];
  /** An armored key block inside the entry. */
  readonly inline: string | undefined;
}

/** Values of `Signed-By` other than a key block. Words that are neither a path nor a fingerprint are dropped, so that they add no trust. */
export function signedByWords(words: readonly string[]): SignedBy {
  return {
    paths: words.filter((word) => word.startsWith("/")),
    // The exclamation mark excludes subkeys: stricter than the check here, which is of the primary key.
    fingerprints: words.filter((word) => /^[0-9A-Fa-f]{40}!?$/.test(word)).map((word) => word.replace("!", "").toUpperCase()),
    inline: undefined,
  };
}

/** Whether an archive can be read: not a mirror list, a disc, or a URL with variables of another machine. */
export function isReadable(entry: Pick<SourceEntry, "url" | "suites">): boolean {
  return /^(?:https?|file):\/?\/?./.test(entry.url) && URL.canParse(entry.url) && !entry.suites.some((suite) => suite.includes("$("));
}

/** A value that means no (apt.conf(5), "StringToBool" of apt). */
export function isNo(value: string): boolean {
  return /^(?:no|false|0|off|without|disable)$/i.test(value.trim());
}

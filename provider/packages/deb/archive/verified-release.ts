import { DhiError } from "../../../errors.js";
import { digestOf, type Digest } from "../../../image/digest.js";
import type { SeenPolicy } from "../../fetch/archive-dates.js";
import type { Fetcher } from "../../fetch/fetcher.js";
import type { PackageNotice, PackageSource } from "../../packages.js";
import { checkAge } from "./age.js";
import { suiteUrl } from "./archive-url.js";
import { MAX_RELEASE, parseRelease, type Release } from "./release.js";
import { verifyInRelease, verifyRelease, type Verified } from "./signature.js";
import { rememberVerified } from "./verified-releases.js";

/** Empty for unsigned data. */
type Signers = Pick<Verified, "text" | "fingerprints">;

/** A suite's release data, after its signature was checked. */
export interface OpenedRelease {
  readonly source: PackageSource;
  readonly suite: string;
  /** The folder of the suite. */
  readonly url: string;
  /** Digest of the signed data. */
  readonly digest: Digest;
  /** Digest of the file as served, InRelease or Release: if it is the same, nothing in the suite has changed. */
  readonly file: Digest;
  readonly release: Release;
  /** Whether `binary-all` has packages that the indexes of other architectures lack. */
  readonly separateAll: boolean;
  /** Primary keys with good signatures; empty for an unsigned suite that is allowed. */
  readonly fingerprints: readonly string[];
  readonly notices: readonly PackageNotice[];
}

/** Fetches, verifies and checks the release data of one suite. Throws `DhiError` with origin "packages". */
export async function openRelease(fetcher: Fetcher, source: PackageSource, suite: string, policy: SeenPolicy): Promise<OpenedRelease> {
  const url = suiteUrl(source, suite);
  const { text, fingerprints, file } = await readSigned(fetcher, source, suite, url, policy);
  const release = parseRelease(text, `${url}/Release`);
  checkSuite(release, suite, url);
  const unsigned = fingerprints.length > 0 ? [] : [unsignedNotice(url)];
  const digest = digestOf(text);
  return {
    source,
    suite,
    url,
    digest,
    file,
    release,
    separateAll:
      release.architectures.includes("all") && !/^No-Support-for-Architecture-all:.*\bPackages\b/im.test(text.toString("latin1")),
    fingerprints,
    notices: [...unsigned, ...(await checkAge(release, source, suite, url, policy))],
  };
}

/** Only what verification returns is used: InRelease may have text outside of the signed part. */
async function readSigned(
  fetcher: Fetcher,
  source: PackageSource,
  suite: string,
  url: string,
  { cache }: SeenPolicy,
): Promise<Signers & { readonly file: Digest }> {
  const unsigned = (text: Buffer): Signers & { readonly file: Digest } => ({ text, fingerprints: [], file: digestOf(text) });
  if (source.allowUnsigned && source.keys.length === 0) return unsigned(await readPlain(fetcher, source, suite, url));
  const options = { keys: source.keys, what: `${url}/InRelease` };
  const inline = await fetcher.read({ url: `${url}/InRelease`, origin: source.origin }, MAX_RELEASE);
  if (inline !== undefined) {
    const verified = await rememberVerified(cache, { bytes: inline, keys: source.keys }, () => verifyInRelease(inline, options));
    return { ...checkSigners(verified, source, options.what), file: digestOf(inline) };
  }
  const plain = await readPlain(fetcher, source, suite, url);
  const signature = await fetcher.read({ url: `${url}/Release.gpg`, origin: source.origin }, MAX_RELEASE);
  if (signature !== undefined) {
    const what = `${url}/Release`;
    const signed = { bytes: plain, signature, keys: source.keys };
    const verified = await rememberVerified(cache, signed, () => verifyRelease(plain, signature, { ...options, what }));
    return { ...checkSigners(verified, source, what), file: digestOf(plain) };
  }
  if (source.allowUnsigned) return unsigned(plain);
  throw new DhiError("invalid", `${url} is not signed: it has neither InRelease nor Release.gpg`, {
    hint: "Sign it, or set allowUnsigned on its entry in packageSources if you trust the connection to it",
  });
}

async function readPlain(fetcher: Fetcher, { origin }: PackageSource, suite: string, url: string): Promise<Buffer> {
  const plain = await fetcher.read({ url: `${url}/Release`, origin }, MAX_RELEASE);
  if (plain !== undefined) return plain;
  throw new DhiError("not-found", `there is no suite "${suite}": ${url} has no Release file`, {
    hint: "Check url and suites of the source, or use another one in packageSources",
  });
}

function checkSigners(verified: Signers, { fingerprints = [] }: PackageSource, what: string): Signers {
  if (fingerprints.length === 0 || verified.fingerprints.some((found) => fingerprints.includes(found))) return verified;
  throw new DhiError(
    "invalid",
    `${what} is signed by ${verified.fingerprints.join(", ")}, but its source allows only ${fingerprints.join(", ")}`,
    {
      hint: "Fix Signed-By in the base, or set packageSources with keys",
    },
  );
}

/** A signature proves who signed, not which suite: other suites of the archive are signed by the same keys. */
function checkSuite(release: Release, asked: string, url: string): void {
  if (asked.endsWith("/")) return;
  const names = [...new Set([release.suite, release.codename])].filter((name) => name !== undefined);
  if (names.length === 0)
    throw new DhiError("invalid", `${url}/Release has neither Suite nor Codename: it cannot be matched to the requested suite`, {
      hint: "Add Suite where it is generated, or name the suite by an exact path that ends in a slash",
    });
  // Until Debian 10, suites of the security archive were named by a path.
  const legacy = asked.replace(/\/updates$/, "");
  if (names.some((name) => name === asked || name === legacy)) return;
  throw new DhiError("invalid", `${url} has the release of ${names.join(", ")} where ${asked} was requested`, {
    hint: "Check the mirror, or name the suite as the archive does",
  });
}

function unsignedNotice(url: string): PackageNotice {
  return {
    kind: "unsigned",
    message: `${url} is not signed, which allowUnsigned permits: anyone who can answer for it decides what is in the image`,
  };
}

/** Whether a suite is unchanged, by one small download and without verifying the signature again. */
export async function isReleaseUnchanged(
  fetcher: Fetcher,
  source: Pick<PackageSource, "url" | "origin">,
  suite: string,
  file: string,
): Promise<boolean> {
  const url = suiteUrl(source, suite);
  const found =
    (await fetcher.read({ url: `${url}/InRelease`, origin: source.origin }, MAX_RELEASE)) ??
    (await fetcher.read({ url: `${url}/Release`, origin: source.origin }, MAX_RELEASE));
  return found !== undefined && digestOf(found) === file;
}

import type { Cache } from "../../../cache/cache.js";
import { blame, DhiError } from "../../../errors.js";
import { digestOf, hexOf, type Digest } from "../../../image/digest.js";
import { refuseReplay } from "../../fetch/archive-dates.js";
import type { UsedArchive } from "../../used-archive.js";
import { Memo } from "../../../async/memo.js";
import type { ArchiveFile, Fetcher } from "../../fetch/fetcher.js";
import { isSecurityPart } from "../../security-archive.js";
import type { NamedVersion, PackageListing } from "../../family.js";
import type { PackageNotice } from "../../packages.js";
import { trustOf } from "../../fetch/trust.js";
import type { ApkPackage, ApkRepository } from "../formats/apk-package.js";
import type { IndexText } from "./package-index.js";
import { indexDigest, MAX_INDEX, openSignedIndex, signatureDigest, SIGNATURE_ROOM } from "./signed-index.js";

/** Folder of the cache: signed indexes as served, by the digest of their signatures; verified again on each use. */
const indexes = "apk-indexes";

export interface ApkArchivesOptions {
  readonly fetcher: Fetcher;
  readonly cache: Cache;
  readonly now?: (() => Date) | undefined;
}

/** A package index after its signature was checked. */
export interface OpenedIndex extends IndexText {
  /** The folder that holds the index and its packages. */
  readonly url: string;
  readonly digest: Digest;
  readonly date: Date | undefined;
  readonly notices: readonly PackageNotice[];
}

interface ReadIndex {
  readonly bytes: Buffer;
  readonly cached: boolean;
}

/** Package indexes of one operation: each is fetched, verified and read once, whatever the number of callers. */
export class ApkArchives {
  readonly #options: ApkArchivesOptions;
  readonly #opened = new Memo<OpenedIndex>();

  constructor(options: ApkArchivesOptions) {
    this.#options = options;
  }

  /** In the order of the repositories. Throws `DhiError` with origin "packages". */
  async openAll(repositories: readonly ApkRepository[], architecture: string): Promise<readonly OpenedIndex[]> {
    return await Promise.all(
      repositories.map((repository) => {
        const key = JSON.stringify([repository.url, repository.tag, architecture, trustOf(repository.source), repository.source.origin]);
        return this.#opened.run(key, () =>
          blame({ origin: "packages", hint: "Use another source in packageSources" }, () => this.#open(repository, architecture)),
        );
      }),
    );
  }

  async #open(repository: ApkRepository, architecture: string): Promise<OpenedIndex> {
    const url = `${repository.url}/${architecture}`;
    const file = { url: indexUrl(url), origin: repository.source.origin };
    const read = await this.#read(file);
    try {
      return await this.#accept(repository, url, read);
    } catch (thrown) {
      if (!read.cached) throw thrown;
      // The cached index may be damaged: fetch it again.
      return await this.#accept(repository, url, { bytes: await this.#readWhole(file), cached: false });
    }
  }

  async #accept(repository: ApkRepository, url: string, { bytes, cached }: ReadIndex): Promise<OpenedIndex> {
    const { cache, now = () => new Date() } = this.#options;
    const { source } = repository;
    const what = indexUrl(url);
    const { text, description, date, isSigned } = openSignedIndex(bytes, source, what);
    checkBranch(description, what);
    // An unverified signature identifies nothing.
    const digest = isSigned ? indexDigest(bytes) : digestOf(bytes);
    await refuseReplay({ key: [what, trustOf(source)], url: what, date }, { cache, now });
    if (isSigned && !cached) await cache.write(indexes, hexOf(digest), bytes);
    return { text, repository, what, url, digest, date, notices: isSigned ? [] : [unsignedNotice(what)] };
  }

  /** Reads its signature first, which tells whether the rest is cached. */
  async #read(file: ArchiveFile): Promise<ReadIndex> {
    const { cache, fetcher } = this.#options;
    const start = await fetcher.readStart(file, SIGNATURE_ROOM);
    if (start === undefined) throw withoutIndex(file.url);
    if (start.length < SIGNATURE_ROOM) return { bytes: start, cached: false };
    const digest = signatureDigest(start);
    const known = digest === undefined ? undefined : await cache.read(indexes, hexOf(digest));
    if (known !== undefined && indexDigest(known) === digest) return { bytes: known, cached: true };
    return { bytes: await this.#readWhole(file), cached: false };
  }

  async #readWhole(file: ArchiveFile): Promise<Buffer> {
    const bytes = await this.#options.fetcher.read(file, MAX_INDEX);
    if (bytes === undefined) throw withoutIndex(file.url);
    return bytes;
  }
}

/** The index used, for preview and state: the folder of the architecture, since each has an index of its own. */
export function describeIndex({ url, digest, date, repository: { source } }: OpenedIndex): UsedArchive {
  const dated = date === undefined ? {} : { date: date.toISOString() };
  return { family: "alpine", url, suite: "", components: [], origin: source.origin, digest, ...dated };
}

/** Which of these indexes list a version of a package. */
export function listingOf(
  opened: readonly OpenedIndex[],
  lookup: { readonly candidates: (name: string) => readonly ApkPackage[] },
  { name, version }: NamedVersion,
): PackageListing {
  const same = lookup.candidates(name).filter((found) => found.name === name && found.version === version);
  const urls = new Set(same.flatMap(({ repositories }) => repositories.map(({ url }) => url)));
  const found = opened.filter(({ repository }) => urls.has(repository.url));
  const times = found.flatMap(({ date }) => (date === undefined ? [] : [date.getTime()]));
  return {
    date: times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString(),
    security: found.some(({ repository }) => isSecurityPart(repository.url)),
  };
}

/** Whether an index is unchanged, by its signature alone, without verifying it again; an unsigned one is read whole. */
export async function isIndexUnchanged(
  fetcher: Fetcher,
  { url, origin, digest }: Pick<UsedArchive, "url" | "origin" | "digest">,
): Promise<boolean> {
  const file = { url: indexUrl(url), origin };
  const start = await fetcher.readStart(file, SIGNATURE_ROOM);
  if (start === undefined) return false;
  const signature = signatureDigest(start);
  // An unverified one is identified by its whole content: it counts as changed, and is read again.
  if (signature !== undefined) return signature === digest;
  const whole = start.length < SIGNATURE_ROOM ? start : await fetcher.read(file, MAX_INDEX);
  return whole !== undefined && digestOf(whole) === digest;
}

/** A signature proves who signed, not which branch: Alpine signs all branches with the same keys. Throws `DhiError` "invalid". */
function checkBranch(description: string, what: string): void {
  const asked = /\/v(\d+\.\d+)\//.exec(what)?.[1];
  const found = /^v(\d+\.\d+)\.\d/.exec(description)?.[1];
  if (asked === undefined || found === undefined || asked === found) return;
  throw new DhiError("invalid", `${what} is the index of Alpine ${found} where that of ${asked} was requested`, {
    hint: "The mirror is misconfigured or cannot be trusted: use another one in packageSources",
  });
}

function indexUrl(url: string): string {
  return `${url}/APKINDEX.tar.gz`;
}

function withoutIndex(what: string): DhiError {
  return new DhiError("not-found", `there is no package index ${what}`, {
    hint: "Check url of the source, and that it has packages for this architecture",
  });
}

function unsignedNotice(what: string): PackageNotice {
  return {
    kind: "unsigned",
    message: `${what} is not signed, which allowUnsigned permits: anyone who can answer for it decides what is in the image`,
  };
}

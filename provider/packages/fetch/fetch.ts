import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Cache } from "../../cache/cache.js";
import { asError, DhiError } from "../../errors.js";
import { holdLogin } from "../../text/redaction.js";
import { createHttpClient } from "../../http/client.js";
import { redactUrl } from "../../http/redact.js";
import type { HttpClientOptions } from "../../http/request.js";
import { digestFrom, hexOf, type Digest } from "../../image/digest.js";
import { asBuffer } from "../../rootfs/compression/decompress-bytes.js";
import type { Login } from "./credentials.js";
import { readMachineCredentials, type MachineCredentials } from "./machine-credentials.js";
import { readLocal, readLocalStart, streamLocal } from "./file.js";
import { downloadHttp, readHttp, readHttpStart, type ArchivePlace, type HttpSource } from "./http.js";
import { HostLimits } from "./limits.js";
import { Memo } from "../../async/memo.js";
import type { ArchiveFile, CheckedFile, Fetcher, PieceCheck } from "./fetcher.js";
import type { SourceOrigin } from "../used-archive.js";
import { userHosts, type UserHosts } from "./hosts.js";

/** Folder of the cache: complete, verified files of archives, by digest. */
const files = "package-files";

export interface FetcherOptions {
  readonly cache: Cache;
  readonly signal?: AbortSignal | undefined;
  /** Proxies, `NETRC`, `HTTP_AUTH`, `HOME` and `DHI_LOG`. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** PEM certificates to trust besides the system's, by host. */
  readonly certificates?: HttpClientOptions["certificates"];
  /** Hosts that a base may name too. Default: none. */
  readonly userHosts?: UserHosts | undefined;
  /** The folder of `auth.conf`. Default `/etc/apt`. */
  readonly aptDirectory?: string | undefined;
  /** Called with the number of bytes received from network or disk, for progress. */
  readonly received?: ((bytes: number) => void) | undefined;
  /** Milliseconds before the first retry. Default 500. */
  readonly firstDelay?: number | undefined;
}

/** A fetcher that also accepts logins from URLs of declared sources. */
export interface ArchiveFetcher extends Fetcher {
  /** Uses these before the machine's logins; those of a base only for archives that a base names. */
  addLogins(logins: readonly Login[], origin: SourceOrigin): void;
  /** Whether stack config names the host of a URL. */
  isNamed(url: string): boolean;
}

/** One per operation: it shares running downloads, and has at most eight requests per host. Plain HTTP is fine: archives are signed. */
export function createFetcher(options: FetcherOptions): ArchiveFetcher {
  return new CachingFetcher(options);
}

class CachingFetcher implements ArchiveFetcher {
  readonly #options: FetcherOptions;
  readonly #http: HttpSource;
  readonly #limits = new HostLimits();
  readonly #downloads = new Memo<string>("nothing");
  readonly #hosts: UserHosts;
  #ofUser: readonly Login[] = [];
  #ofBase: readonly Login[] = [];

  constructor(options: FetcherOptions) {
    this.#options = options;
    const { signal, certificates, firstDelay = 500, env = process.env } = options;
    this.#hosts = options.userHosts ?? userHosts({});
    const client = createHttpClient({
      signal,
      env,
      allowPlain: () => true,
      firstDelay,
      ...(certificates === undefined ? {} : { certificates }),
    });
    this.#http = { client, signal, firstDelay, credentials: (origin) => this.#credentials(origin, env), userHosts: this.#hosts };
  }

  addLogins(logins: readonly Login[], origin: SourceOrigin): void {
    for (const { username, password } of logins) holdLogin(username, password);
    if (origin === "base") this.#ofBase = [...logins, ...this.#ofBase];
    else this.#ofUser = [...logins, ...this.#ofUser];
  }

  isNamed(url: string): boolean {
    return this.#hosts.names(new URL(url));
  }

  async read(file: ArchiveFile, limit: number): Promise<Buffer | undefined> {
    return await fromArchive(file, async () => {
      const place = parse(file);
      if (place.url.protocol === "file:") return await readLocal(place.url, limit);
      return await this.#limits.run(place.url.host, () => readHttp(this.#http, place, limit));
    });
  }

  async readStart(file: ArchiveFile, length: number): Promise<Buffer | undefined> {
    return await fromArchive(file, async () => {
      const place = parse(file);
      if (place.url.protocol === "file:") return await readLocalStart(place.url, length);
      return await this.#limits.run(place.url.host, () => readHttpStart(this.#http, place, length));
    });
  }

  fetch(file: ArchiveFile, { digest, size }: { readonly digest: Digest; readonly size: number }): Promise<string> {
    return this.fetchChecked(file, { key: hexOf(digest), size, check: () => digestCheck(file.url, digest) });
  }

  fetchChecked(file: ArchiveFile, expected: CheckedFile): Promise<string> {
    // Origins differ in what they may reach.
    const key = `${expected.key} ${expected.size} ${file.origin === "base"}`;
    return this.#downloads.run(key, () => fromArchive(file, () => this.#fetch(parse(file), expected)));
  }

  async #fetch(place: ArchivePlace, expected: CheckedFile): Promise<string> {
    const { url } = place;
    const { cache, signal } = this.#options;
    return (
      (await this.#cached(url, expected)) ?? (await cache.exclusively(files, expected.key, signal, () => this.#download(place, expected)))
    );
  }

  async #download(place: ArchivePlace, expected: CheckedFile): Promise<string> {
    const { url } = place;
    // Another process may have brought it while this one waited.
    const cached = await this.#cached(url, expected);
    if (cached !== undefined) return cached;
    const save = (pieces: AsyncIterable<Uint8Array>): Promise<void> => this.#save(pieces, url, expected);
    if (url.protocol === "file:") await save(streamLocal(url, this.#options.signal));
    else await this.#limits.run(url.host, () => save(downloadHttp(this.#http, place, expected.size)));
    const path = await this.#cached(url, expected);
    if (path === undefined)
      throw new DhiError("unavailable", `${redactUrl(url)} was evicted from the cache while it was in use`, {
        hint: "Give the cache more room",
      });
    return path;
  }

  /** Only complete files are cached, so another size means a contradicting statement about the same content. */
  async #cached(url: URL, { key, size }: CheckedFile): Promise<string | undefined> {
    const path = await this.#options.cache.path(files, key);
    if (path === undefined) return undefined;
    const found = await stat(path);
    if (found.size !== size) throw mismatch(url, `the file with its digest has ${found.size} bytes, not ${size} as stated`);
    return path;
  }

  async #save(pieces: AsyncIterable<Uint8Array>, url: URL, expected: CheckedFile): Promise<void> {
    const writer = await this.#options.cache.create(files);
    try {
      const check = expected.check();
      let size = 0;
      for await (const piece of pieces) {
        size += piece.length;
        if (size > expected.size) throw mismatch(url, `it has more than the ${expected.size} bytes that are stated`);
        check.write(asBuffer(piece));
        await writer.write(piece);
        this.#options.received?.(piece.length);
      }
      if (size !== expected.size) throw mismatch(url, `it ended after ${size} of ${expected.size} bytes`);
      check.end();
      await writer.commit(expected.key);
    } finally {
      await writer.discard();
    }
  }

  async #credentials(origin: SourceOrigin, env: Readonly<Record<string, string | undefined>>): Promise<MachineCredentials> {
    const { logins, challenge } = await readMachineCredentials(env, this.#options.aptDirectory);
    return { logins: [...(origin === "base" ? this.#ofBase : []), ...this.#ofUser, ...logins], challenge };
  }
}

function digestCheck(text: string, digest: Digest): PieceCheck {
  const hash = createHash("sha256");
  return {
    write: (piece) => void hash.update(piece),
    end: () => {
      const found = digestFrom(hash);
      if (found !== digest) throw mismatch(text, `its digest is ${found}, not ${digest} as stated`);
    },
  };
}

function mismatch(url: URL | string, what: string): DhiError {
  return new DhiError("mismatch", `${redactUrl(url)} does not match what its archive states: ${what}`);
}

function parse({ url: text, origin }: ArchiveFile): ArchivePlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ["http:", "https:", "file:"].includes(url.protocol) && url.username === "" && url.password === "") {
    // Otherwise a base could choose which files of this machine are read.
    if (url.protocol !== "file:" || origin !== "base") return { url, origin };
    throw new DhiError("rejected", `"${redactUrl(text)}" is a file of this machine, and a base may name only http and https archives`, {
      hint: "Name the archive in packageSources if you want its packages",
    });
  }
  throw new DhiError("invalid", `"${redactUrl(text)}" is not an http, https or file URL`);
}

const changing = "The mirror is being updated, or cannot be trusted: try again later, or use another one in packageSources";
const unreachable = "Check the network and proxy, try again later, or use another mirror in packageSources";

async function fromArchive<T>({ url: text }: ArchiveFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error =
      thrown instanceof DhiError
        ? thrown
        : new DhiError("unavailable", `could not read ${redactUrl(text)}: ${asError(thrown).message}`, { cause: thrown });
    const named = error.message.includes(redactUrl(text))
      ? error
      : new DhiError(error.code, `${redactUrl(text)}: ${error.message}`, { hint: error.hint, cause: error.cause });
    const hint = error.code === "unavailable" ? unreachable : error.code === "mismatch" ? changing : undefined;
    throw named.within({ origin: "packages", hint });
  }
}

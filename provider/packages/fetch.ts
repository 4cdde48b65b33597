import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Cache } from "../cache/cache.js";
import { asError, DhiError } from "../errors.js";
import { holdLogin } from "../redaction.js";
import { createHttpClient } from "../http/client.js";
import { redactUrl } from "../http/redact.js";
import type { HttpClientOptions } from "../http/request.js";
import { digestFrom, hexOf, type Digest } from "../image/digest.js";
import { asBuffer } from "../rootfs/decompress-bytes.js";
import type { Login } from "./credentials.js";
import { readMachineCredentials, type MachineCredentials } from "./credentials-machine.js";
import { readLocal, readLocalStart, streamLocal } from "./fetch-file.js";
import { downloadHttp, readHttp, readHttpStart, type HttpSource } from "./fetch-http.js";
import { HostLimits, Once } from "./fetch-limits.js";
import type { CheckedFile, Fetcher, PieceCheck } from "./fetcher.js";

/** Folder of the cache: whole, checked files of archives, by digest. */
const files = "package-files";

export interface FetcherOptions {
  readonly cache: Cache;
  readonly signal?: AbortSignal | undefined;
  /** Proxies, `NETRC`, `HTTP_AUTH`, `HOME` and `DHI_LOG`. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** PEM certificates to trust beside the usual ones, for a place. */
  readonly certificates?: HttpClientOptions["certificates"];
  /** Where `auth.conf` is. Default `/etc/apt`. */
  readonly aptDirectory?: string | undefined;
  /** Told of bytes as they come over the network or from disk, for progress. */
  readonly received?: ((bytes: number) => void) | undefined;
  /** Milliseconds before a second try. Default 500. */
  readonly firstDelay?: number | undefined;
}

/** A fetcher that also takes logins which URLs of the program's own sources carry. */
export interface ArchiveFetcher extends Fetcher {
  /** Uses these before the machine's own. */
  addLogins(logins: readonly Login[]): void;
}

/** One for an operation: it shares what is under way, and holds eight requests a host at most. Plain HTTP is fine: what comes is signed. */
export function createFetcher(options: FetcherOptions): ArchiveFetcher {
  return new CachingFetcher(options);
}

class CachingFetcher implements ArchiveFetcher {
  readonly #options: FetcherOptions;
  readonly #http: HttpSource;
  readonly #limits = new HostLimits();
  readonly #downloads = new Once<string>(false);
  #added: readonly Login[] = [];

  constructor(options: FetcherOptions) {
    this.#options = options;
    const { signal, certificates, firstDelay = 500, env = process.env } = options;
    const client = createHttpClient({
      signal,
      env,
      allowPlain: () => true,
      firstDelay,
      ...(certificates === undefined ? {} : { certificates }),
    });
    this.#http = { client, signal, firstDelay, credentials: () => this.#credentials(env) };
  }

  addLogins(logins: readonly Login[]): void {
    for (const { username, password } of logins) holdLogin(username, password);
    this.#added = [...logins, ...this.#added];
  }

  async read(text: string, limit: number): Promise<Buffer | undefined> {
    return await fromArchive(text, async () => {
      const url = parse(text);
      if (url.protocol === "file:") return await readLocal(url, limit);
      return await this.#limits.run(url.host, () => readHttp(this.#http, url, limit));
    });
  }

  async readStart(text: string, length: number): Promise<Buffer | undefined> {
    return await fromArchive(text, async () => {
      const url = parse(text);
      if (url.protocol === "file:") return await readLocalStart(url, length);
      return await this.#limits.run(url.host, () => readHttpStart(this.#http, url, length));
    });
  }

  fetch(text: string, { digest, size }: { readonly digest: Digest; readonly size: number }): Promise<string> {
    return this.fetchChecked(text, { key: hexOf(digest), size, check: () => digestCheck(text, digest) });
  }

  fetchChecked(text: string, expected: CheckedFile): Promise<string> {
    return this.#downloads.run(`${expected.key} ${expected.size}`, () => fromArchive(text, () => this.#fetch(parse(text), expected)));
  }

  async #fetch(url: URL, expected: CheckedFile): Promise<string> {
    const cached = await this.#cached(url, expected);
    if (cached !== undefined) return cached;
    const save = (pieces: AsyncIterable<Uint8Array>): Promise<void> => this.#save(pieces, url, expected);
    if (url.protocol === "file:") await save(streamLocal(url, this.#options.signal));
    else await this.#limits.run(url.host, () => save(downloadHttp(this.#http, url, expected.size)));
    const path = await this.#cached(url, expected);
    if (path === undefined)
      throw new DhiError("unavailable", `the cache lost ${redactUrl(url)} while it was used`, { hint: "Give it more room" });
    return path;
  }

  /** Files come whole into the cache, so another size means another statement about the same content. */
  async #cached(url: URL, { key, size }: CheckedFile): Promise<string | undefined> {
    const path = await this.#options.cache.path(files, key);
    if (path === undefined) return undefined;
    const found = await stat(path);
    if (found.size !== size) throw mismatch(url, `its digest belongs to ${found.size} bytes where ${size} are stated`);
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

  async #credentials(env: Readonly<Record<string, string | undefined>>): Promise<MachineCredentials> {
    const { logins, challenge } = await readMachineCredentials(env, this.#options.aptDirectory);
    return { logins: [...this.#added, ...logins], challenge };
  }
}

function digestCheck(text: string, digest: Digest): PieceCheck {
  const hash = createHash("sha256");
  return {
    write: (piece) => void hash.update(piece),
    end: () => {
      const found = digestFrom(hash);
      if (found !== digest) throw mismatch(text, `its digest is ${found} where ${digest} is stated`);
    },
  };
}

function mismatch(url: URL | string, what: string): DhiError {
  return new DhiError("mismatch", `${redactUrl(url)} is not what its archive states: ${what}`);
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ["http:", "https:", "file:"].includes(url.protocol) && url.username === "" && url.password === "") return url;
  throw new DhiError("invalid", `"${redactUrl(text)}" is no http, https or file URL that packages can be read from`);
}

const changing = "The mirror is being updated, or is not to be trusted: try again later, or name another one in packageSources";
const unreachable = "Check the network and proxy, try again later, or name another mirror in packageSources";

async function fromArchive<T>(text: string, work: () => Promise<T>): Promise<T> {
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

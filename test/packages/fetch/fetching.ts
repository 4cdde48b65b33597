import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "mocha";
import { openCache } from "../../../provider/cache/open.js";
import type { Login } from "../../../provider/packages/fetch/credentials.js";
import { createFetcher, type ArchiveFetcher, type FetcherOptions } from "../../../provider/packages/fetch/fetch.js";
import type { CheckedFile, Fetcher } from "../../../provider/packages/fetch/fetcher.js";
import type { SourceOrigin } from "../../../provider/packages/used-archive.js";
import { listen } from "../../support/registries/listen.js";

export const root = mkdtempSync(join(tmpdir(), "dhi-fetch-"));
const stops: (() => Promise<void>)[] = [];
after(async () => {
  await Promise.all(stops.map((stop) => stop()));
  rmSync(root, { recursive: true });
});

let folders = 0;
/** A new folder, gone when the tests have run. */
export function folder(): string {
  const path = join(root, String((folders += 1)));
  mkdirSync(path);
  return path;
}

/** A server on loopback, stopped when the tests have run. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const { host, stop } = await listen(createServer(answer));
  stops.push(stop);
  return `http://${host}`;
}

/** With a cache, home and apt folder of its own: `directory` is all three. */
export function fetcher(options: Partial<FetcherOptions> = {}): ArchiveFetcher & { readonly directory: string } {
  const directory = folder();
  const made = createFetcher({
    cache: openCache({ directory }),
    env: { HOME: directory },
    aptDirectory: directory,
    firstDelay: 1,
    ...options,
  });
  return Object.assign(made, { directory });
}

/** A fetcher for archives that somebody of one origin names, by their URLs alone. */
export interface Reader {
  readonly directory: string;
  readonly read: (url: string, limit: number) => Promise<Buffer | undefined>;
  readonly readStart: (url: string, length: number) => Promise<Buffer | undefined>;
  readonly fetch: (url: string, expected: Parameters<Fetcher["fetch"]>[1]) => Promise<string>;
  readonly fetchChecked: (url: string, expected: CheckedFile) => Promise<string>;
  readonly addLogins: (logins: readonly Login[], from?: SourceOrigin) => void;
}

export function reader(options: Partial<FetcherOptions> = {}, origin: SourceOrigin = "packageSources"): Reader {
  const made = fetcher(options);
  return {
    directory: made.directory,
    read: (url, limit) => made.read({ url, origin }, limit),
    readStart: (url, length) => made.readStart({ url, origin }, length),
    fetch: (url, expected) => made.fetch({ url, origin }, expected),
    fetchChecked: (url, expected) => made.fetchChecked({ url, origin }, expected),
    addLogins: (logins, from = origin) => {
      made.addLogins(logins, from);
    },
  };
}

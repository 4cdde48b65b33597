import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { openCache } from "../../provider/cache/open.js";
import { createFetcher, type FetcherOptions } from "../../provider/packages/fetch.js";
import { listen } from "../support/registries/listen.js";

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
export function fetcher(options: Partial<FetcherOptions> = {}): ReturnType<typeof createFetcher> & { readonly directory: string } {
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

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { listen } from "../registries/listen.js";
import type { ArchiveFiles } from "./archive.js";

export interface ServedArchive {
  /** Without a slash at its end. */
  readonly url: string;
  /** Paths below the root that were asked for, in order; with ` 404` behind them when they were not there. */
  readonly requests: string[];
  /** Who asked, in the same order: `user:password`, or "" for nobody. */
  readonly logins: string[];
  /** From now on every answer is this status; without one, the files again. */
  readonly fail: (status?: number) => void;
  readonly stop: () => Promise<void>;
}

export interface ServeOptions {
  /** `user:password` that must be given (Basic, realm "packages"). What else is given is said in the answer. */
  readonly login?: string;
  /** Where a path is to be asked for instead; undefined: here. */
  readonly redirect?: (path: string) => string | undefined;
  /** Serve with TLS: PEM. */
  readonly tls?: { readonly key: string; readonly certificate: string };
}

/** Serves the files as they are at each request: GET with ranges, below `/debian`. */
export async function serveArchive(files: ArchiveFiles, { login, redirect, tls }: ServeOptions = {}): Promise<ServedArchive> {
  const requests: string[] = [];
  const logins: string[] = [];
  let failure: number | undefined;
  const answer: RequestListener = (request, response) => {
    const path = decodeURIComponent((request.url ?? "").replace(/^\/debian\//, ""));
    const given = Buffer.from((request.headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
    logins.push(given);
    if (failure !== undefined) {
      response.writeHead(failure, { "retry-after": "0" }).end("out of order");
      return;
    }
    if (login !== undefined && given !== login) {
      const said = `not for ${given}, ${request.headers.authorization ?? ""}`;
      response.writeHead(401, { "www-authenticate": 'Basic realm="packages"' }).end(said);
      return;
    }
    const elsewhere = redirect?.(path);
    if (elsewhere !== undefined) {
      response.writeHead(302, { location: elsewhere }).end();
      return;
    }
    const bytes = files.get(path);
    requests.push(bytes === undefined ? `${path} 404` : path);
    if (bytes === undefined) {
      response.writeHead(404).end("not found");
      return;
    }
    const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? "")?.[1] ?? "0");
    const partial = from > 0 && from < bytes.length;
    const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(partial ? 206 : 200, {
      "content-length": bytes.length - (partial ? from : 0),
      ...(partial ? { "content-range": range } : {}),
    });
    response.end(partial ? bytes.subarray(from) : bytes);
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer({ key: tls.key, cert: tls.certificate }, answer);
  const { host, stop } = await listen(server);
  const fail = (status?: number): void => {
    failure = status;
  };
  return { url: `${tls === undefined ? "http" : "https"}://${host}/debian`, requests, logins, fail, stop };
}

/** Writes the files below a folder; returns its file URL, without a slash at its end. */
export function writeArchive(files: ArchiveFiles, directory: string): string {
  for (const [path, bytes] of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  return pathToFileURL(directory).href;
}

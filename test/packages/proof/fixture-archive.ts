import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { listen, type Listening } from "../../support/registries/listen.js";

export interface FixtureArchive extends Listening {
  /** What went out. */
  readonly sent: { bytes: number; readonly paths: string[] };
}

/** Alpine's own signed repository on loopback, with the number of bytes that went out. */
export async function serveFixtures(folder: string): Promise<FixtureArchive> {
  const sent = { bytes: 0, paths: [] as string[] };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "");
    const file = join(folder, path);
    if (path.includes("..") || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    void stat(file).then(({ size }) => {
      const [, from = "0", to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
      const end = to === undefined ? size - 1 : Math.min(Number(to), size - 1);
      const length = end + 1 - Number(from);
      sent.bytes += length;
      sent.paths.push(path);
      response.writeHead(to === undefined ? 200 : 206, { "content-length": length });
      createReadStream(file, { start: Number(from), end }).pipe(response);
    });
  });
  return { ...(await listen(server)), sent };
}

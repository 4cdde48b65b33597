import type { ServerResponse } from "node:http";
import type { ArchiveFiles } from "../../../support/archives/archive.js";
import { serve } from "../../fetch/fetching.js";

export interface Served {
  readonly url: string;
  /** What is served; may be replaced. */
  files: ArchiveFiles;
  /** Answers for a path instead. */
  readonly instead: Map<string, (response: ServerResponse) => void>;
  /** Paths with the number of bytes that went out. */
  readonly sent: [string, number][];
}

/** Serves files by their paths, with ranges as servers of files do; `ranges` false: knows none. */
export async function served(files: ArchiveFiles, ranges = true): Promise<Served> {
  const state = { files, instead: new Map<string, (response: ServerResponse) => void>(), sent: [] as [string, number][] };
  const url = await serve((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const other = state.instead.get(path);
    if (other !== undefined) {
      other(response);
      return;
    }
    const bytes = state.files.get(path);
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    const [, from, to] = (ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "")) || [];
    const part = from === undefined ? bytes : bytes.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
    state.sent.push([path, part.length]);
    response.writeHead(from === undefined ? 200 : 206, { "content-length": part.length });
    response.end(part);
  });
  return Object.assign(state, { url });
}

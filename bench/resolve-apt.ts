import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { findAptLists, readAptList, type AptList } from "../test/support/apt/lists.js";
import { AptRoot } from "../test/support/apt/root.js";
import { releaseText, type ArchiveFiles } from "../test/support/archives/archive.js";
import { clearSign, makeKey } from "../test/support/archives/keys.js";
import { writeArchive } from "../test/support/archives/serve.js";
import { inTurns, median, runProcess, timed } from "./measure.js";
import { findRootfs } from "./packages.js";
import { milliseconds, type Row } from "./row.js";

const run = promisify(execFile);
const aim = 150;
const codename = "bookworm";
const asked = [["curl", "git"], ["jq"]];

/**
 * Names in Debian, on a base, from the machine's own lists: pulumi-dhi in a new process with a warm cache, and `apt-get -s` with a warm
 * cache.
 */
export async function benchResolveApt(_host: string, folder: string): Promise<readonly Row[]> {
  const rootfs = findRootfs();
  const lists = await findAptLists(codename).catch(() => []);
  if (rootfs === undefined || lists.length === 0) return [skipped(rootfs === undefined ? "no base" : `apt has no lists of ${codename}`)];
  const status = join(folder, "status");
  const { stdout } = await run("tar", ["-xOf", rootfs, "./var/lib/dpkg/status"], { encoding: "buffer", maxBuffer: 2 ** 28 });
  await writeFile(status, stdout);
  const sources = await copyLists(lists, join(folder, "archive"));
  const apt = await AptRoot.open(stdout, lists, "amd64");
  try {
    const rows: Row[] = [];
    for (const names of asked) {
      const args = [
        join(__dirname, "resolve-child.js"),
        join(folder, "resolve-cache"),
        status,
        codename,
        JSON.stringify(sources),
        ...names,
      ];
      let count = 0;
      const ours = async (): Promise<{ readonly milliseconds: number }> => {
        const answer = JSON.parse((await runProcess(process.execPath, args)).out) as {
          readonly milliseconds: number;
          readonly count: number;
        };
        count = answer.count;
        return answer;
      };
      const [own = [], peer = []] = await inTurns(7, [ours, () => timed(() => apt.simulate(...names))]);
      const took = median(own);
      rows.push({
        name: `resolving ${names.join(" and ")} for Debian, ${String(count)} packages, warm`,
        ours: milliseconds(took),
        peer: `apt-get -s install ${milliseconds(median(peer))}`,
        ratio: took / median(peer),
        aim: `under ${milliseconds(aim)}`,
        missed: took >= aim,
      });
    }
    return rows;
  } finally {
    await apt.close();
  }
}

/** The lists as an archive on disk, signed by a test key; returns its sources, for `packageSources`. */
async function copyLists(lists: readonly AptList[], folder: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const key = await makeKey("bench");
  const files: ArchiveFiles = new Map();
  const suites = [...new Set(lists.map(({ suite }) => suite))].map((suite) => ({
    suite,
    own: lists.filter((list) => list.suite === suite),
  }));
  for (const { suite, own } of suites) {
    const indexes = new Map<string, Buffer>();
    for (const list of own) {
      const path = `${list.component}/binary-amd64/Packages`;
      const bytes = await readAptList(list);
      const packed = gzipSync(bytes, { level: 1 });
      indexes.set(path, bytes).set(`${path}.gz`, packed);
      files.set(`dists/${suite}/${path}.gz`, packed);
    }
    const packages = Object.fromEntries(own.map(({ component }) => [component, []]));
    const text = releaseText({ suite, packages, keys: [key], byHash: false }, ["amd64"], indexes);
    files.set(`dists/${suite}/InRelease`, Buffer.from(await clearSign(text, [key])));
  }
  const url = writeArchive(files, folder);
  return suites.map(({ suite, own }) => ({
    url,
    suites: [suite],
    components: own.map(({ component }) => component),
    keys: [key.armored],
  }));
}

function skipped(why: string): Row {
  return { name: "resolving for Debian", ours: "skipped", peer: why, ratio: undefined, aim: "", missed: false };
}

import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, startProxy } from "../test/support/registries/index.js";
import { noContent, pushImage, rootEntries } from "./base.js";
import { benchSession, customize } from "./customize.js";
import { highestPeak, inTurns, median, runProcess, timed, type Sample } from "./measure.js";
import { megabytes, milliseconds, type Row } from "./row.js";

const rounds = 11;

/**
 * Adds one file of 10 KB, one variable and one label to a base in the same repository: `crane append` and `crane mutate`, and pulumi-dhi.
 */
export async function benchCrane(host: string, folder: string): Promise<readonly Row[]> {
  const crane = findProgram("crane");
  if (crane === undefined) {
    return [{ name: "one file, in process, warm", ours: "skipped", peer: "crane is missing", ratio: undefined, aim: "", missed: false }];
  }
  const repository = { kind: "registry", host, name: "bench/base" } as const;
  const cache = join(folder, "cache");
  await pushImage(benchSession(cache, folder), repository, "1", rootEntries(), noContent);
  let run = 0;
  const inputsOf = (at: string, content: string): Parameters<typeof customize>[1] => ({
    repository: `${at}/bench/base`,
    version: "1",
    suffix: "ours",
    // Through the proxy the base has another name.
    overwrite: true,
    scripts: [{ path: "/usr/bin/tool", content, uid: 0, gid: 0, mode: "0755" }],
    environment: { LEVEL: "info" },
    labels: { team: "bench" },
  });
  const ours = (at: string, directory: string): Promise<Sample> =>
    timed(() => customize(benchSession(directory, folder), inputsOf(at, randomBytes(5000).toString("hex"))));
  const oursWhole = async (at: string): Promise<Sample> =>
    runProcess(process.execPath, [
      join(__dirname, "child.js"),
      cache,
      folder,
      JSON.stringify(inputsOf(at, randomBytes(5000).toString("hex"))),
    ]);
  const peer = async (at: string): Promise<Sample> => {
    const layer = await fileLayer(folder, run++);
    const base = `${at}/bench/base:1`;
    const target = `${at}/bench/base:crane`;
    const append = await runProcess(crane, ["append", "--insecure", "-b", base, "-f", layer, "-t", target]);
    const mutate = await runProcess(crane, ["mutate", "--insecure", target, "--env", "LEVEL=info", "--label", "team=bench", "-t", target]);
    return { milliseconds: append.milliseconds + mutate.milliseconds, peak: Math.max(append.peak ?? 0, mutate.peak ?? 0) };
  };
  const cold = await ours(host, join(folder, "cold"));
  const [inProcess = [], whole = [], peers = []] = await inTurns(rounds, [
    () => ours(host, cache),
    () => oursWhole(host),
    () => peer(host),
  ]);
  const seenOurs = await traffic(host, (at) => ours(at, cache));
  const seenPeer = await traffic(host, peer);
  const ratio = median(inProcess) / median(peers);
  return [
    row("one file, in process, warm", median(inProcess), median(peers), "not slower than crane", ratio > 1),
    row("one file, whole process, warm", median(whole), median(peers), "", false),
    row("one file, in process, empty cache", cold.milliseconds, median(peers), "reads the base once", false),
    {
      name: "requests",
      ours: String(seenOurs.requests),
      peer: `crane ${String(seenPeer.requests)}`,
      ratio: seenOurs.requests / seenPeer.requests,
      aim: "",
      missed: false,
    },
    {
      name: "bytes up and down",
      ours: String(seenOurs.bytes),
      peer: `crane ${String(seenPeer.bytes)}`,
      ratio: seenOurs.bytes / seenPeer.bytes,
      aim: "",
      missed: false,
    },
    {
      name: "peak memory, whole process",
      ours: megabytes(highestPeak(whole)),
      peer: `crane ${megabytes(highestPeak(peers))}`,
      ratio: highestPeak(whole) / highestPeak(peers),
      aim: "",
      missed: false,
    },
  ];
}

function row(name: string, ours: number, peer: number, aim: string, missed: boolean): Row {
  return { name, ours: milliseconds(ours), peer: `crane append + mutate ${milliseconds(peer)}`, ratio: ours / peer, aim, missed };
}

async function fileLayer(folder: string, run: number): Promise<string> {
  const root = join(folder, `layer-${String(run)}`);
  await mkdir(join(root, "usr/bin"), { recursive: true });
  await writeFile(join(root, "usr/bin/tool"), randomBytes(5000).toString("hex"));
  await runProcess("tar", ["-C", root, "-cf", `${root}.tar`, "usr"]);
  return `${root}.tar`;
}

async function traffic(
  host: string,
  work: (at: string) => Promise<Sample>,
): Promise<{ readonly requests: number; readonly bytes: number }> {
  const proxy = await startProxy(host);
  try {
    await work(proxy.host);
    return { requests: proxy.requests.length, bytes: proxy.bytes.up + proxy.bytes.down };
  } finally {
    await proxy.stop();
  }
}

import { join } from "node:path";
import { startProxy } from "../test/support/registries/index.js";
import { noContent, pushImage, rootEntries } from "./base.js";
import { benchSession, check, customize } from "./customize.js";
import { inTurns, median, timed } from "./measure.js";
import { milliseconds, type Row } from "./row.js";

const aim = 50;

/** A check of an unchanged image, in a warm process, with a new session and an empty cache each time. */
export async function benchUnchanged(host: string, folder: string): Promise<readonly Row[]> {
  const repository = { kind: "registry", host, name: "bench/unchanged" } as const;
  await pushImage(benchSession(join(folder, "cache"), folder), repository, "1", rootEntries().slice(0, 100), noContent);
  const proxy = await startProxy(host);
  const inputs = { repository: `${proxy.host}/bench/unchanged`, version: "1", suffix: "ours", labels: { team: "bench" }, runAs: "root" };
  try {
    const olds = await customize(benchSession(join(folder, "cache"), folder), inputs);
    let session = 0;
    const before = proxy.requests.length;
    const [samples = []] = await inTurns(11, [
      () => timed(() => check(benchSession(join(folder, `empty-${String(session++)}`), folder), olds, inputs)),
    ]);
    const took = median(samples);
    const requests = proxy.requests.slice(before);
    const downloads = requests.filter(({ method, url }) => method === "GET" && url !== "/v2/").length;
    return [
      {
        name: "check of an unchanged image",
        ours: milliseconds(took),
        peer: `${String(requests.length / 12)} requests, ${String(downloads)} downloads`,
        ratio: undefined,
        aim: `under ${String(aim)} ms, no download`,
        missed: took >= aim || downloads > 0,
      },
    ];
  } finally {
    await proxy.stop();
  }
}

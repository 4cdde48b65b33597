import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ApkIndex } from "../provider/packages/apk/archive/package-index.js";
import { resolveApk, type ResolveOptions } from "../provider/packages/apk/resolve/resolver.js";
import { parseWorld } from "../provider/packages/apk/resolve/world.js";
import { alpine, withoutChroot } from "../test/packages/apk/install/alpine-root.js";
import { readApkIndexText } from "../test/packages/apk/archive/index-text.js";
import { asked, madeRepository, readBase } from "../test/support/apk/made-case.js";
import { ApkRoot } from "../test/support/apk/root.js";
import { timed } from "./measure.js";
import { milliseconds, type Row } from "./row.js";

const name = "resolving for Alpine";
const aim = 150;
const turns = 7;
const names = ["git", "nginx", "python3", "postgresql16", "openssh", "chrony"];

/**
 * Six names in Alpine's main, on its root filesystem: pulumi-dhi from the text of the package index and from a parsed one, and apk in a
 * chroot.
 */
export async function benchResolveApk(): Promise<readonly Row[]> {
  if (withoutChroot !== false) return [{ name, ours: "skipped", peer: withoutChroot, ratio: undefined, aim: "", missed: false }];
  const root = await ApkRoot.open();
  try {
    const folder = join(alpine ?? "", "main/x86_64");
    await root.write("repo/x/x86_64/APKINDEX.tar.gz", readFileSync(join(folder, "APKINDEX.tar.gz")));
    await root.setRepositories([{ path: "/repo/x" }]);
    const repository = madeRepository(0);
    const text = readApkIndexText(folder);
    const base: Omit<ResolveOptions, "lookup"> = {
      installed: readBase((await root.read("lib/apk/db/installed")).replace(/^[FMRaZ]:.*\n/gm, "")),
      world: parseWorld(await root.read("etc/apk/world")),
      repositories: [repository],
      architecture: "x86_64",
      requests: asked(names),
    };
    const read = (): ApkIndex => new ApkIndex([{ text, repository, what: "main" }]);
    const lookup = read();
    const cold = await median(() => resolveApk({ ...base, lookup: read() }));
    const warm = await median(() => resolveApk({ ...base, lookup }));
    const apk = await median(() => root.simulate([names]));
    const count = resolveApk({ ...base, lookup }).added.length;
    const toRow = (what: string, ours: number): Row => ({
      name: `${name}, ${String(count)} packages, ${what}`,
      ours: milliseconds(ours),
      peer: `apk add --simulate ${milliseconds(apk)}`,
      ratio: ours / apk,
      aim: "",
      missed: false,
    });
    return [toRow("index not parsed", cold), { ...toRow("warm", warm), aim: `under ${milliseconds(aim)}`, missed: warm >= aim }];
  } finally {
    await root.close();
  }
}

async function median(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn++) times.push((await timed(async () => await work())).milliseconds);
  return times.toSorted((one, other) => one - other)[Math.floor(turns / 2)] ?? 0;
}

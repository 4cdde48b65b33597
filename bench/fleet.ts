import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ValueMap } from "../provider/values.js";
import { debianBase, forBoth } from "../test/pipeline/packages/packages-shop.js";
import { buildArchive } from "../test/support/archives/archive.js";
import { makeKey } from "../test/support/archives/keys.js";
import { serveArchive } from "../test/support/archives/serve.js";
import { makeImage, putImage } from "../test/support/images/image.js";
import { file } from "../test/support/images/layer-tar.js";
import { startProxy, type FaultProxy } from "../test/support/registries/index.js";
import { benchSession } from "./customize.js";
import type { FleetTimes } from "./fleet-child.js";
import { runProcess } from "./measure.js";
import { megabytes, milliseconds, seconds, type Row } from "./row.js";

const fleet = 100;
const bases = 4;
const layerBytes = 20_000_000;
/** Milliseconds that one check of an unchanged image may take in a warm process. */
const aim = 30;
const roundTrip = 50;
const distant = 40;
/** Images that change in the rows of `preview` and `up` alone, and how many times the bound these may take. */
const changed = 40;
const aimOfBound = 1.5;

interface Stack {
  readonly cache: string;
  readonly file: string;
  readonly mode?: "preview" | "up";
}

/**
 * A stack of 100 customizations of four bases for two platforms, each with a package, an artifact and a script: created with an empty cache,
 * checked unchanged, and created again elsewhere with a warm one; then the check of 40 at a registry that is 50 ms away, and `preview` and `up` of
 * 40 that changed, each with an empty cache.
 */
export async function benchFleet(host: string, folder: string): Promise<readonly Row[]> {
  const key = await makeKey("archive");
  const archive = await serveArchive(
    await buildArchive([{ suite: "bookworm", packages: { main: [...forBoth("tool"), ...forBoth("lib")] }, keys: [key] }]),
  );
  const proxy = await startProxy(host);
  const far = await startProxy(host, { onRequest: () => ({ kind: "delay", milliseconds: roundTrip }) });
  try {
    await pushBases(host, folder);
    const source = { url: archive.url, suites: ["bookworm"], components: ["main"], keys: [key.armored] };
    const declare = (at: string, name: string, count = fleet): readonly ValueMap[] =>
      Array.from({ length: count }, (_, number) => ({
        repository: `${at}/fleet/base${String(number % bases)}`,
        version: "12",
        destination: `${at}/fleet/${name}${String(number)}`,
        suffix: "ours",
        packages: ["tool"],
        packageSources: [source],
        artifacts: [{ image: `${at}/fleet/artifact:1`, includes: ["/opt/artifact"] }],
        scripts: scriptOf(String(number)),
      }));
    const cache = join(folder, "fleet-cache");
    const open = async (name: string, images: readonly ValueMap[], at = cache): Promise<Stack> => {
      const list = join(folder, `${name}.json`);
      await writeFile(list, JSON.stringify({ images: images.map((inputs) => ({ inputs })) }));
      return { cache: at, file: list };
    };
    const stack = await open("cold", declare(proxy.host, "cold"));
    const cold = await run(stack, folder, proxy, archive.requests);
    const unchanged = await run(stack, folder, proxy, archive.requests);
    const warm = await run(await open("warm", declare(proxy.host, "warm")), folder, proxy, archive.requests);
    const away = await open("away", declare(far.host, "away", distant));
    await run(away, folder, far, archive.requests);
    const remote = await run(away, folder, far, archive.requests);
    const perCheck = unchanged.check / fleet;
    const before = JSON.parse(await readFile(stack.file, "utf8")) as {
      readonly images: readonly { readonly inputs: ValueMap; readonly olds: ValueMap }[];
    };
    const edited = before.images
      .slice(0, changed)
      .map(({ inputs, olds }) => ({ olds, inputs: { ...inputs, labels: { edited: "yes" }, scripts: scriptOf("edited") } }));
    const again = async (mode: "preview" | "up"): Promise<Outcome> => {
      const list = join(folder, `changed-${mode}.json`);
      await writeFile(list, JSON.stringify({ images: edited }));
      return run({ cache: join(folder, `changed-${mode}-cache`), file: list, mode }, folder, proxy, archive.requests);
    };
    const [previewed, brought] = [await again("preview"), await again("up")];
    return [
      row(`stack of ${String(fleet)}, empty cache`, cold, `${seconds(cold.check)} check, ${seconds(cold.create)} create`),
      row(`stack of ${String(fleet)} elsewhere, warm cache`, warm, `${seconds(warm.check)} check, ${seconds(warm.create)} create`),
      {
        ...row(`stack of ${String(fleet)}, unchanged`, unchanged, `${milliseconds(perCheck)} for each check`),
        aim: `under ${String(aim)} ms`,
        missed: perCheck >= aim,
      },
      row(`${String(distant)} unchanged, ${String(roundTrip)} ms away`, remote, `${milliseconds(remote.check / distant)} for each check`),
      boundRow(`preview of ${String(changed)} changed, empty cache`, previewed),
      boundRow(`up of ${String(changed)} changed, empty cache`, brought),
    ];
  } finally {
    await Promise.all([proxy.stop(), far.stop(), archive.stop()]);
  }
}

interface Outcome extends FleetTimes {
  readonly milliseconds: number;
  readonly peak: number;
  readonly requests: number;
  readonly bytes: number;
}

/** One process; its requests go to the registry through the proxy, and to the archive. */
async function run(
  { cache, file: list, mode = "up" }: Stack,
  folder: string,
  proxy: FaultProxy,
  archived: readonly string[],
): Promise<Outcome> {
  const before = { requests: proxy.requests.length + archived.length, bytes: proxy.bytes.up + proxy.bytes.down };
  const sample = await runProcess(process.execPath, [join(__dirname, "fleet-child.js"), cache, folder, list, mode]);
  return {
    ...(JSON.parse(sample.out) as FleetTimes),
    milliseconds: sample.milliseconds,
    peak: sample.peak ?? 0,
    requests: proxy.requests.length + archived.length - before.requests,
    bytes: proxy.bytes.up + proxy.bytes.down - before.bytes,
  };
}

function row(name: string, { milliseconds: took, requests, bytes, peak }: Outcome, what: string): Row {
  const about = `${what}, ${String(requests)} requests, ${megabytes(bytes)}, peak ${megabytes(peak)}`;
  return { name, ours: seconds(took), peer: about, ratio: undefined, aim: "", missed: false };
}

/** The bound: all of its processor time on all cores, which compares bytes hashed, compressed and moved with the cores that there are. */
function boundRow(name: string, outcome: Outcome): Row {
  const took = outcome.check + outcome.create;
  const bound = outcome.cpu / availableParallelism();
  const ratio = took / bound;
  const peer = `bound ${seconds(bound)}, ${String(outcome.requests)} requests, ${megabytes(outcome.bytes)}`;
  return { name, ours: seconds(took), peer, ratio, aim: `at most ${String(aimOfBound)}`, missed: ratio > aimOfBound };
}

function scriptOf(text: string): readonly ValueMap[] {
  return [{ path: "/opt/run", content: `#!/bin/sh\necho ${text}\n`, uid: 0, gid: 0, mode: "0755" }];
}

async function pushBases(host: string, folder: string): Promise<void> {
  const { repositories } = benchSession(join(folder, "fleet-setup"), folder);
  const open = (name: string): ReturnType<typeof repositories.open> => repositories.open({ kind: "registry", host, name: `fleet/${name}` });
  const content = (path: string) => file(path, randomBytes(layerBytes).toString("latin1"));
  for (let at = 0; at < bases; at += 1) {
    const parts = debianBase(undefined, [content(`usr/lib/base${String(at)}`)]);
    await putImage(open(`base${String(at)}`), makeImage(parts), "12");
  }
  await putImage(open("artifact"), makeImage(debianBase("none", [content("opt/artifact")])), "1");
}

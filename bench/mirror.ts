import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { join } from "node:path";
import type { ImageRepository } from "../provider/registry/repository.js";
import { attach, listUnderTag } from "../test/support/images/referrer.js";
import { findProgram, startDockerRegistry, startProxy } from "../test/support/registries/index.js";
import { expect } from "../test/support/expectations.js";
import { noContent, pushImage } from "./base.js";
import { benchSession, mirror } from "./customize.js";
import { inTurns, median, runProcess, timed, type Sample } from "./measure.js";
import { textNode } from "../provider/pipeline/plan/files.js";
import { megabytes, milliseconds, type Row } from "./row.js";

const run = promisify(execFile);
const rounds = 5;
const images = 8;
const layerBytes = 12_000_000;
const source = "bench/mirror";

/** Copies a repository, eight images of 12 MB with a referrer each, from one registry to another: crane, regctl, and a `Mirror`. */
export async function benchMirror(host: string, folder: string): Promise<readonly Row[]> {
  const [crane, regctl] = [findProgram("crane"), findProgram("regctl")];
  if (crane === undefined || regctl === undefined) {
    return [{ name: "mirror", ours: "skipped", peer: "crane or regctl is missing", ratio: undefined, aim: "", missed: false }];
  }
  const session = benchSession(join(folder, "mirror"), folder);
  const repository = { kind: "registry", host, name: source } as const;
  const tags = await pushAll(session.repositories.open(repository), (tag, entries) =>
    pushImage(session, repository, tag, entries, noContent),
  );
  const target = await startDockerRegistry();
  try {
    let copies = 0;
    const contestants = {
      ours: (from: string, to: string): Promise<Sample> =>
        timed(() =>
          mirror(benchSession(join(folder, `mirror-${String(copies)}`), folder), {
            source: `${from}/${source}`,
            destination: to,
            select: ["*"],
          }),
        ),
      crane: (from: string, to: string): Promise<Sample> =>
        runProcess(crane, ["copy", "--insecure", "--all-tags", `${from}/${source}`, to]),
      regctl: (from: string, to: string): Promise<Sample> =>
        timed(async () => {
          const plain = [from, to.slice(0, to.indexOf("/"))].flatMap((at) => ["--host", `reg=${at},tls=disabled`]);
          for (const tag of tags) await run(regctl, [...plain, "image", "copy", "--referrers", `${from}/${source}:${tag}`, `${to}:${tag}`]);
        }),
    };
    const next = (at = target.host): string => `${at}/copy-${String((copies += 1))}`;
    const all = Object.values(contestants);
    const samples = await inTurns(
      rounds,
      all.map((contestant) => () => contestant(host, next())),
    );
    const [ours = NaN, byCrane = NaN, byRegctl = NaN] = samples.map(median);
    const [oursMoved, craneMoved, regctlMoved] = [
      await traffic(host, target.host, next, contestants.ours),
      await traffic(host, target.host, next, contestants.crane),
      await traffic(host, target.host, next, contestants.regctl),
    ];
    const last = session.repositories.open({ kind: "registry", host: target.host, name: `copy-${String(copies)}` });
    for (const tag of tags) {
      const wanted = await session.repositories.open(repository).headManifest(tag);
      expect((await last.headManifest(tag))?.digest).to.equal(wanted?.digest);
    }
    return [
      row("mirror of eight images", ours, `crane ${milliseconds(byCrane)}`, ours / byCrane),
      row("mirror of eight images", ours, `regctl, one by one ${milliseconds(byRegctl)}`, ours / byRegctl),
      bytesRow(oursMoved, "crane", craneMoved),
      bytesRow(oursMoved, "regctl", regctlMoved),
    ];
  } finally {
    await target.stop();
  }
}

async function pushAll(
  repository: ImageRepository,
  push: (tag: string, entries: Parameters<typeof pushImage>[3]) => Promise<void>,
): Promise<readonly string[]> {
  const tags = Array.from({ length: images }, (_, at) => `1.${String(at)}`);
  for (const tag of tags) {
    const node = textNode(randomBytes(layerBytes), { mode: 0o644, uid: 0, gid: 0 });
    await push(tag, [{ path: "big", node }]);
    const image = await repository.getManifest(tag);
    if (image === undefined) throw new Error(`${tag} was not pushed`);
    await listUnderTag(repository, image.digest, await attach(repository, image, "application/spdx+json"));
  }
  return tags;
}

/** Bytes of bodies that went through both registries. */
async function traffic(
  from: string,
  to: string,
  next: (at: string) => string,
  work: (from: string, to: string) => Promise<unknown>,
): Promise<number> {
  const [reading, writing] = [await startProxy(from), await startProxy(to)];
  try {
    await work(reading.host, next(writing.host));
    return [reading, writing].reduce((sum, { bytes }) => sum + bytes.up + bytes.down, 0);
  } finally {
    await reading.stop();
    await writing.stop();
  }
}

function row(name: string, ours: number, peer: string, ratio: number): Row {
  return { name, ours: milliseconds(ours), peer, ratio, aim: "", missed: false };
}

function bytesRow(ours: number, peer: string, theirs: number): Row {
  return {
    name: "mirror, bytes read and written",
    ours: megabytes(ours),
    peer: `${peer} ${megabytes(theirs)}`,
    ratio: ours / theirs,
    aim: "not more",
    missed: ours > theirs * 1.001,
  };
}

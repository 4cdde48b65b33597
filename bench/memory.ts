import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { digestFrom } from "../provider/image/digest.js";
import type { Content, LayerEntry } from "../provider/rootfs/tree/node.js";
import { createHash } from "node:crypto";
import { noContent, pushImage } from "./base.js";
import { benchSession } from "./customize.js";
import { runProcess } from "./measure.js";
import { megabytes, type Row } from "./row.js";

const size = 1024 ** 3;
const aim = 350 * 1024 ** 2;

/** Puts a whole artifact layer of 1 GiB into an image: read, laid out again, compressed and pushed, in a process of its own. */
export async function benchMemory(host: string, folder: string): Promise<readonly Row[]> {
  const session = benchSession(join(folder, "making"), folder);
  const entry: LayerEntry = {
    path: "big",
    node: {
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      nanoseconds: 0,
      pax: {},
      content: { from: "disk", file: "", size, digest: await digestOfBlocks() },
    },
  };
  await pushImage(session, { kind: "registry", host, name: "bench/big" }, "1", [entry], () => blocks());
  await pushImage(session, { kind: "registry", host, name: "bench/small" }, "1", [], noContent);
  const inputs = {
    repository: `${host}/bench/small`,
    version: "1",
    suffix: "big",
    artifacts: [{ image: `${host}/bench/big:1`, includes: ["/big"] }],
  };
  const sample = await runProcess(process.execPath, [join(__dirname, "child.js"), join(folder, "memory"), folder, JSON.stringify(inputs)]);
  const peak = sample.peak ?? 0;
  return [
    {
      name: "peak memory, artifact layer of 1 GiB",
      ours: megabytes(peak),
      peer: `${(sample.milliseconds / 1000).toFixed(0)} s, empty cache`,
      ratio: undefined,
      aim: `under ${megabytes(aim)}`,
      missed: peak >= aim,
    },
  ];
}

const block = randomBytes(1 << 20);

async function* blocks(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size / block.length; at++) {
    block.writeUInt32LE(at);
    yield block;
  }
}

async function digestOfBlocks(): Promise<Content["digest"]> {
  const hash = createHash("sha256");
  for await (const chunk of blocks()) hash.update(chunk);
  return digestFrom(hash);
}

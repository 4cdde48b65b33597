import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDockerRegistry } from "../test/support/registries/index.js";
import { benchCrane } from "./crane.js";
import { benchMemory } from "./memory.js";
import { benchUnchanged } from "./unchanged.js";
import { formatRow } from "./row.js";

/** Side by side, in turns, on one registry. A row that misses its aim is marked. */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "dhi-bench-"));
  const registry = await startDockerRegistry();
  let missed = 0;
  try {
    for (const bench of [benchCrane, benchUnchanged, benchMemory]) {
      for (const row of await bench(registry.host, folder)) {
        missed += row.missed ? 1 : 0;
        process.stdout.write(`${formatRow(row)}\n`);
      }
    }
  } finally {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${missed === 0 ? "every aim is met" : `${String(missed)} aims are missed`}\n`);
}

void main();

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDockerRegistry } from "../test/support/registries/index.js";
import { benchAttest } from "./attest.js";
import { benchCrane } from "./crane.js";
import { benchFleet } from "./fleet.js";
import { benchMemory } from "./memory.js";
import { benchMirror } from "./mirror.js";
import { benchPackages } from "./packages.js";
import { benchResolveApk } from "./resolve-apk.js";
import { benchResolveApt } from "./resolve-apt.js";
import { benchUnchanged } from "./unchanged.js";
import { formatRow } from "./row.js";

const all = {
  crane: benchCrane,
  unchanged: benchUnchanged,
  attest: benchAttest,
  memory: benchMemory,
  mirror: benchMirror,
  fleet: benchFleet,
  packages: benchPackages,
  resolveApk: benchResolveApk,
  resolveApt: benchResolveApt,
};

/**
 * Runs the measurements, alternating with the peer, on one registry. A row that misses its goal is marked. `names`: keys of `all`; all when
 * empty.
 */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !Object.hasOwn(all, name));
  if (unknown !== undefined) throw new Error(`there is no measurement ${unknown}; choose from ${Object.keys(all).join(", ")}`);
  const benches = Object.entries(all).flatMap(([name, bench]) => (names.length === 0 || names.includes(name) ? [bench] : []));
  const folder = await mkdtemp(join(tmpdir(), "dhi-bench-"));
  const registry = await startDockerRegistry();
  let missed = 0;
  try {
    for (const bench of benches) {
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

void main(process.argv.slice(2)).catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
});

import { readFileSync } from "node:fs";
import { openCache } from "../provider/cache/open.js";
import { openFamilies } from "../provider/packages/families.js";
import type { DeclaredSource } from "../provider/packages/declared-source.js";
import { treeOf } from "../test/packages/root/base-tree.js";
import { timed } from "./measure.js";

/**
 * Resolves once in a process of its own: `node resolve-child.js <cache> <status> <codename> <sources as JSON> <name>…`; prints how long it
 * took.
 */
async function main([directory = "", status = "", release = "", sources = "[]", ...names]: readonly string[]): Promise<void> {
  const base = treeOf({ "etc/os-release": "ID=debian\n", "var/lib/dpkg/status": readFileSync(status) });
  const family = openFamilies({ cache: openCache({ directory }), configured: {} }).of({ family: "debian" });
  let count = 0;
  const { milliseconds } = await timed(async () => {
    const { added } = await family.resolve({
      distribution: { family: "debian", release },
      base,
      architecture: "amd64",
      requests: names.map((name, at) => ({ name, property: `packages[${String(at)}]` })),
      sources: JSON.parse(sources) as readonly DeclaredSource[],
      assumeInstalled: [],
    });
    count = added.length;
  });
  family.close();
  process.stdout.write(JSON.stringify({ milliseconds, count }));
}

void main(process.argv.slice(2));

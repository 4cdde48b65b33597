import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../scripts/peers.mjs", import.meta.url));

// Issue 9, item 16: a bench that misses a part says so and goes on, and gets what it can get.
it("what cannot be had is told with the reason, and the rest is there", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "dhi-peers-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // Neither apt-get nor npm on the path, and an empty cache: nothing can be installed.
  const program = `const { preparePeers } = await import(${JSON.stringify(script)}); console.log(JSON.stringify(await preparePeers("rows are skipped", ["lowest"])));`;
  const env = { PATH: folder, HOME: folder, XDG_CACHE_HOME: folder, DHI_FIXTURES: folder };
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { env });
  const lines = stdout.trim().split("\n");
  assert.match(lines[0], /^Missing: .*docker-registry.*: rows are skipped\.$/);
  assert.match(lines.slice(1, -1).join("\n"), /^Without the lowest Node, rows are skipped: /m);
  assert.deepEqual(JSON.parse(lines.at(-1)), { DHI_FIXTURES: folder });
});

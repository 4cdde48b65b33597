import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { it } from "mocha";
import { cleanup } from "../../build/test/support/running-test.js";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../scripts/peers.mjs", import.meta.url));

// Issue 9, item 16: a bench that misses a part says so and goes on, and gets what it can get.
it("what cannot be had is told with the reason, and the rest is there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dhi-peers-"));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  // Neither apt-get nor npm on the path, and an empty cache: nothing can be installed.
  const program = `const { preparePeers } = await import(${JSON.stringify(script)}); console.log(JSON.stringify(await preparePeers("rows are skipped", ["lowest"])));`;
  const env = { PATH: folder, HOME: folder, XDG_CACHE_HOME: folder, DHI_FIXTURES: folder };
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { env });
  const lines = stdout.trim().split("\n");
  expect(lines[0]).to.match(/^Missing: .*docker-registry.*: rows are skipped\.$/);
  expect(lines.slice(1, -1).join("\n")).to.match(/^Without the lowest Node, rows are skipped: /m);
  expect(JSON.parse(lines.at(-1))).to.deep.equal({ DHI_FIXTURES: folder });
});

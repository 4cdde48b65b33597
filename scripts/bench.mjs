// npm run bench: measurements against peers, the named ones or all. Installs what it needs, as npm test does.
import { join } from "node:path";
import { preparePeers } from "./peers.mjs";
import { run, runMain, say } from "./run.mjs";
import { binFolder, compileTests, ensureDist, ensureNodeModules, root } from "./workspace.mjs";

await runMain(async (names) => {
  await ensureNodeModules();
  await ensureDist();
  await compileTests();
  const peers = await preparePeers("rows that need it are skipped", ["tools", "base"]);
  say("Measuring …");
  const env = { ...process.env, PATH: `${binFolder}:${process.env.PATH ?? ""}`, ...peers };
  const { code } = await run(join(binFolder, "node"), ["--enable-source-maps", join("build", "bench", "index.js"), ...names], {
    cwd: root,
    stdio: "inherit",
    env,
  });
  return code;
});

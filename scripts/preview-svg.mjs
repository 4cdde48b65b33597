// npm run docs:preview: runs the README's program with the real engine and draws what `pulumi preview` prints into docs/preview.svg.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, runMain, say } from "./run.mjs";
import { ensurePulumi, ensureTools } from "./tools.mjs";
import { binFolder, compileTests, ensureDist, ensureNodeModules, root } from "./workspace.mjs";

const picture = join(root, "docs", "preview.svg");

await runMain(async (args) => {
  if (args.length > 0) throw new Error(`npm run docs:preview takes no arguments, and got ${args.join(" ")}`);
  await ensureNodeModules();
  await compileTests();
  await ensureDist();
  const env = {
    ...process.env,
    PATH: `${binFolder}:${process.env.PATH ?? ""}`,
    DHI_PULUMI: (await ensurePulumi()).folder,
    DHI_TOOLS: await ensureTools(),
  };
  // In a process of its own, on the project's Node, which the tests use too.
  const { code, output } = await run(join(binFolder, "node"), [join(root, "build", "test", "docs", "draw-preview.js")], { cwd: root, env });
  if (code !== 0) throw new Error(output);
  writeFileSync(picture, output);
  say(`Wrote ${picture}`);
});

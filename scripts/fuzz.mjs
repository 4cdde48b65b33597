// npm run fuzz [-- <minutes> [target …]]: fuzzes the parsers of foreign bytes for the given time, on all cores.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runMain, say } from "./run.mjs";
import { compileTests, ensureNodeModules, root } from "./workspace.mjs";

const folder = join(root, ".fuzz");

function save(name, { corpus, finds }) {
  mkdirSync(folder, { recursive: true });
  const asFields = (entries) => `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
  writeFileSync(
    join(folder, `${name}.corpus.json`),
    asFields(corpus.filter((input) => input.length <= 1024).map((input, at) => [String(at), input])),
  );
  if (finds.length > 0)
    writeFileSync(join(folder, `${name}.finds.json`), asFields(finds.map(({ fault, input }, at) => [`${at} ${fault}`, input])));
}

await runMain(async ([minutes = "60", ...names]) => {
  if (!(Number(minutes) > 0)) throw new Error(`npm run fuzz takes minutes of processor time; "${minutes}" is not a valid number`);
  await ensureNodeModules();
  await compileTests();
  const require = createRequire(import.meta.url);
  const { targets, findTarget } = require("../build/test/fuzz/targets.js");
  const { fuzzInProcess } = require("../build/test/fuzz/process.js");
  const chosen = names.length === 0 ? [...targets] : names.map(findTarget);
  const seconds = (Number(minutes) * 60) / chosen.length;
  const seed = Number(process.env.DHI_SEED || Math.floor(Math.random() * 2 ** 31));
  say(`Seed ${seed}, ${Math.round(seconds)} s for each of ${chosen.length} targets; finds are saved to .fuzz/`);
  let found = 0;
  const work = async () => {
    for (let target = chosen.shift(); target !== undefined; target = chosen.shift()) {
      const report = await fuzzInProcess(target.name, { seed, seconds });
      save(target.name, report);
      found += report.finds.length;
      say(`${target.name}: ${report.runs} inputs, ${report.covered} bytes of code reached, ${report.finds.length} finds`);
      for (const { fault } of report.finds.slice(0, 3)) say(`  ${fault.split("\n")[0]}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return found === 0 ? 0 : 1;
});

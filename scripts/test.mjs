// npm test, npm run test:unit, npm run test:long. The last line is always `N passed, N failed`.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparePeers } from "./peers.mjs";
import { run, runMain, say } from "./run.mjs";
import { addRun, exitCodeOf, formatSum, lostRun, parseRuns, sumRuns } from "./summary.mjs";
import { binFolder, compileTests, ensureDist, ensureNode, ensureNodeModules, root } from "./workspace.mjs";

const concurrency = 2;
/** A test that hangs fails, and the run goes on. */
const timeoutMs = { short: 15 * 60_000, long: 90 * 60_000 };
const reporter = new URL("./test-reporter.mjs", import.meta.url).href;

const readRuns = (file) => (existsSync(file) ? parseRuns(readFileSync(file, "utf8")) : []);

/** Whether a test file needs real peers, the engine or the network. */
const isUnit = (file) => !/\.(peer|engine)\.test\.(ts|mjs)$/.test(file);

/** The test files of the sources: a compiled file whose source is gone is no test. */
function findTests() {
  const sources = readdirSync(join(root, "test"), { recursive: true }).filter((name) => /\.test\.(ts|mjs)$/.test(name));
  return sources.sort().map((name) => ({
    source: name,
    file: name.endsWith(".mjs") ? join("test", name) : join("build", "test", name.replace(/\.ts$/, ".js")),
  }));
}

async function runTests(label, tests, { node, env, runFile, coverage }) {
  if (tests.length === 0) return;
  say(`\n${label}: ${tests.length} files`);
  const before = readRuns(runFile).length;
  const flags = coverage ? ["--experimental-test-coverage"] : [];
  const args = [
    "--enable-source-maps",
    "--test",
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${env.DHI_LONG ? timeoutMs.long : timeoutMs.short}`,
    `--test-reporter=${reporter}`,
    ...flags,
  ];
  const runEnv = { ...env, DHI_RUN_FILE: runFile, DHI_RUN_LABEL: label };
  const { code } = await run(node, [...args, ...tests.map(({ file }) => file)], { cwd: root, stdio: "inherit", env: runEnv });
  const runs = readRuns(runFile);
  // A runner that died, or that says it failed without a failed test, is a failure too.
  if (runs.length === before || (code !== 0 && runs.at(-1).failed === 0)) addRun(runFile, lostRun(label));
}

function finish(runFile, before) {
  const sum = sumRuns(readRuns(runFile).slice(before));
  say(`\n${formatSum(sum)}`);
  return exitCodeOf(sum);
}

function readOptions(args) {
  const options = { unit: false, long: false, node: join(binFolder, "node"), filters: [] };
  for (const argument of args) {
    if (argument === "--unit") options.unit = true;
    else if (argument === "--long") options.long = true;
    else if (argument.startsWith("--node=")) options.node = argument.slice("--node=".length);
    else if (argument.startsWith("-"))
      throw new Error(`test.mjs knows no ${argument}; it takes --unit, --long, --node=<binary> and parts of test file names`);
    else options.filters.push(argument);
  }
  return options;
}

await runMain(async (args) => {
  const options = readOptions(args);
  await ensureNodeModules();
  if (options.node === "lowest") options.node = await ensureNode();
  const seed = process.env.DHI_SEED || String(Math.floor(Math.random() * 2 ** 31));
  say(`Seed ${seed}: repeat a run with DHI_SEED=${seed}`);
  const env = {
    ...process.env,
    PATH: `${binFolder}:${process.env.PATH ?? ""}`,
    DHI_SEED: seed,
    ...(options.long ? { DHI_LONG: "1" } : {}),
  };
  const chosen = findTests().filter(({ source }) => options.filters.length === 0 || options.filters.some((part) => source.includes(part)));
  const folder = mkdtempSync(join(tmpdir(), "dhi-test-"));
  const runFile = process.env.DHI_RUN_FILE || join(folder, "runs.jsonl");
  const own = readRuns(runFile).length;
  try {
    await compileTests();
    const isOwnNode = options.node === join(binFolder, "node");
    const label = isOwnNode ? "Unit tests" : "Unit tests on another Node";
    await runTests(
      label,
      chosen.filter(({ source }) => isUnit(source)),
      { node: options.node, env, runFile, coverage: isOwnNode },
    );
    const others = options.unit ? [] : chosen.filter(({ source }) => !isUnit(source));
    if (others.length > 0) {
      await ensureDist();
      await runTests("Tests with real peers", others, {
        node: options.node,
        env: { ...env, ...(await preparePeers("tests that need it are skipped")) },
        runFile,
      });
    }
    return finish(runFile, own);
  } catch (error) {
    // What stops the run is a failure of it, told before the counts.
    say(`\n${process.env.DEBUG ? error.stack : error.message}`);
    addRun(runFile, lostRun("preparing"));
    return finish(runFile, own);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

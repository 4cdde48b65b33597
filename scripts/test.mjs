// npm test, npm run test:unit, npm run test:long. The last line is always `N passed, N failed`.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparePeers } from "./peers.mjs";
import { runMain, say } from "./run.mjs";
import { addRun, exitCodeOf, formatSum, lostRun, parseRuns, sumRuns } from "./summary.mjs";
import { runTestFile } from "./test-file.mjs";
import { binFolder, compileTests, ensureDist, ensureNode, ensureNodeModules, root } from "./workspace.mjs";

const concurrency = 2;
/** A file that hangs is stopped, later than mocha stops a test of it: so what is stopped here is a loop that lets nothing else run. */
const timeoutMs = { short: 20 * 60_000, long: 120 * 60_000 };

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

/** What depends on the version of Node that users have: files, network, compression, processes, modules. Plain computing does not. */
const isForLowest = ({ source }) =>
  /^(async|cache|cli|http|pulumi|registry|rootfs|sdk|text|packages\/fetch|pipeline\/publish)\//.test(source);

const indent = (text) => text.replace(/^(?=.)/gm, "    ");

/**
 * Runs each file in a mocha and a process of its own, two at a time. mocha's parallel mode does not do: a loop that does not let go hangs the whole
 * run there, a process that dies is told without its file, and files share processes, so what one changes (folder, environment, umask,
 * what a module keeps, memory) the next one meets.
 */
async function runTests(label, tests, { node, env, runFile }) {
  if (tests.length === 0) return;
  say(`\n${label}: ${tests.length} files`);
  const sum = { label, passed: 0, failed: 0, skipped: [] };
  const rest = [...tests];
  const work = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const { file } = next;
      const started = Date.now();
      const { passed, skipped, failures, output } = await runTestFile(file, {
        node,
        env,
        timeoutMs: env.DHI_LONG ? timeoutMs.long : timeoutMs.short,
      });
      for (const { name, text } of failures) say(`FAILED ${file}: ${name}\n${indent(text)}`);
      if (failures.length > 0 && output !== "") say(`Output of ${file}, its end:\n${indent(output)}`);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      say(`  ${failures.length === 0 ? "ok    " : "failed"} ${file}: ${passed} of ${passed + failures.length}, ${seconds} s`);
      sum.passed += passed;
      sum.failed += failures.length;
      sum.skipped.push(...skipped.map((name) => `${file}: ${name}`));
    }
  };
  try {
    const workers = await Promise.allSettled(Array.from({ length: concurrency }, work));
    const stopped = workers.find(({ status }) => status === "rejected");
    if (stopped !== undefined) throw stopped.reason;
  } finally {
    if (sum.skipped.length > 0) say(`Skipped:\n${sum.skipped.map((name) => `  ${name}`).join("\n")}`);
    addRun(runFile, sum);
  }
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
      throw new Error(`test.mjs has no option ${argument}; it takes --unit, --long, --node=<binary> and parts of test file names`);
    else options.filters.push(argument);
  }
  return options;
}

await runMain(async (args) => {
  const options = readOptions(args);
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
    await ensureNodeModules();
    const isLowest = options.node === "lowest";
    if (isLowest) options.node = await ensureNode();
    await compileTests();
    await runTests(
      options.node === join(binFolder, "node") ? "Unit tests" : "Unit tests on another Node",
      chosen.filter((test) => isUnit(test.source) && (!isLowest || isForLowest(test))),
      { node: options.node, env, runFile },
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

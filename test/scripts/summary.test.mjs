import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { exitCodeOf, formatSum, parseRuns, sumRuns } from "../../scripts/summary.mjs";
import { sumCoverage } from "../../scripts/test-reporter.mjs";

describe("summary", () => {
  it("adds runs up", () => {
    const runs = parseRuns('{"label":"a","passed":2,"failed":0,"skipped":["x"]}\n{"label":"b","passed":3,"failed":1,"skipped":[]}\n');
    assert.deepEqual(sumRuns(runs), { passed: 5, failed: 1, skipped: ["x"] });
    assert.equal(formatSum(sumRuns(runs)), "5 passed, 1 failed, 1 skipped");
  });

  it("counts what cannot be read as a failure", () => {
    assert.equal(sumRuns(parseRuns('{"passed":2\n')).failed, 1);
    assert.equal(sumRuns(parseRuns('{"passed":"2","failed":0,"skipped":[]}\n')).failed, 1);
  });

  it("says nothing of skips where there are none", () => {
    assert.equal(formatSum({ passed: 1, failed: 0, skipped: [] }), "1 passed, 0 failed");
  });

  it("succeeds only where something ran and nothing failed", () => {
    assert.equal(exitCodeOf({ passed: 1, failed: 0 }), 0);
    assert.equal(exitCodeOf({ passed: 1, failed: 1 }), 1);
    assert.equal(exitCodeOf({ passed: 0, failed: 0 }), 1);
  });
});

describe("test reporter", () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "dhi-reporter-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  function runNode(name, source) {
    const file = join(folder, `${name}.test.mjs`);
    const runFile = join(folder, `${name}.jsonl`);
    writeFileSync(file, source);
    const reporter = new URL("../../scripts/test-reporter.mjs", import.meta.url).href;
    // A runner within a runner would report to the outer one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = spawnSync(process.execPath, ["--test", `--test-reporter=${reporter}`, file], {
      cwd: folder,
      encoding: "utf8",
      env: { ...env, DHI_RUN_FILE: runFile, DHI_RUN_LABEL: name },
    });
    return { stdout, runs: parseRuns(readFileSync(runFile, "utf8")) };
  }

  it("counts tests, not suites, and names what was skipped and what failed", () => {
    const { stdout, runs } = runNode(
      "mixed",
      `import { describe, it } from "node:test";
       describe("outer", () => {
         it("passes", () => undefined);
         it("fails", () => { throw new Error("because"); });
         it("waits", { skip: "no peer" }, () => undefined);
       });
       it("passes too", () => undefined);`,
    );
    assert.deepEqual(runs, [{ label: "mixed", passed: 2, failed: 1, skipped: ["mixed.test.mjs: outer > waits (no peer)"] }]);
    assert.match(stdout, /FAILED mixed\.test\.mjs: outer > fails\n {4}Error: because/);
  });

  it("counts a failing hook and a file that does not load", () => {
    const hook = `import { before, describe, it } from "node:test";
      describe("outer", () => { before(() => { throw new Error("hook"); }); it("never", () => undefined); });`;
    assert.ok(sumRuns(runNode("hook", hook).runs).failed >= 1);
    const broken = runNode("broken", "import './none.mjs';");
    assert.equal(sumRuns(broken.runs).failed, 1);
    assert.match(broken.stdout, /Standard error of broken\.test\.mjs[^]*Cannot find module/);
  });

  it("sums coverage over the project's own sources only", () => {
    const file = (path, covered) => ({
      path,
      totalLineCount: 10,
      coveredLineCount: covered,
      totalBranchCount: 0,
      coveredBranchCount: 0,
      totalFunctionCount: 2,
      coveredFunctionCount: 1,
    });
    const text = sumCoverage([
      file("/x/provider/a.ts", 9),
      file("/x/sdk/b.ts", 10),
      file("/x/test/provider/c.ts", 0),
      file("/x/other/d.ts", 0),
    ]);
    assert.equal(text, "Coverage of 2 files: lines 95.0 %, branches 100.0 %, functions 50.0 %");
  });
});

import { expect } from "chai";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { exitCodeOf, formatSum, parseRuns, sumRuns } from "../../scripts/summary.mjs";
import { judgeFile, runTestFile } from "../../scripts/test-file.mjs";
import { root } from "../../scripts/workspace.mjs";

describe("summary", () => {
  it("adds runs up", () => {
    const runs = parseRuns('{"label":"a","passed":2,"failed":0,"skipped":["x"]}\n{"label":"b","passed":3,"failed":1,"skipped":[]}\n');
    expect(sumRuns(runs)).to.deep.equal({ passed: 5, failed: 1, skipped: ["x"] });
    expect(formatSum(sumRuns(runs))).to.equal("5 passed, 1 failed, 1 skipped");
  });

  it("counts what cannot be read as a failure", () => {
    expect(sumRuns(parseRuns('{"passed":2\n')).failed).to.equal(1);
    expect(sumRuns(parseRuns('{"passed":"2","failed":0,"skipped":[]}\n')).failed).to.equal(1);
  });

  it("says nothing of skips where there are none", () => {
    expect(formatSum({ passed: 1, failed: 0, skipped: [] })).to.equal("1 passed, 0 failed");
  });

  it("succeeds only where something ran and nothing failed", () => {
    expect(exitCodeOf({ passed: 1, failed: 0 })).to.equal(0);
    expect(exitCodeOf({ passed: 1, failed: 1 })).to.equal(1);
    expect(exitCodeOf({ passed: 0, failed: 0 })).to.equal(1);
  });
});

describe("a test file's process", () => {
  const done = { passed: 2, skipped: [], failures: [], ended: true };
  const told = (outcome, ended) => judgeFile(outcome, ended).failures.map(({ name, text }) => `${name}: ${text}`);

  it("that ends well has no failure", () => expect(told(done, { code: 0 })).to.deep.equal([]));

  for (const [what, outcome, ended, failure] of [
    ["says nothing", undefined, { code: 1 }, "the file: it did not load: its process ended with exit code 1"],
    ["dies within a test", { ...done, ended: false, running: "a > b" }, { code: 1, signal: "SIGKILL" }, "a > b: the process was stopped by SIGKILL while this ran"], // prettier-ignore
    ["ends well, but early", { ...done, ended: false, running: "a > b" }, { code: 0 }, "a > b: the process ended with exit code 0 while this ran"], // prettier-ignore
    ["fails after its tests", done, { code: 7 }, "the file: its process ended with exit code 7 after its tests"],
    ["has no tests", { ...done, passed: 0 }, { code: 1 }, "the file: it has no tests"],
  ])
    it(`that ${what} is a failure that is named`, () => expect(told(outcome, ended)).to.deep.equal([failure]));
});

/** Milliseconds in which a file loads and comes to its test, also on a busy machine. */
const patience = 20_000;

describe("a test file", () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "dhi-runner-"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    symlinkSync(join(root, "build"), join(folder, "build"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const start = `import { after, before, describe, it } from "mocha";
    import { cleanup, skipTest } from "${join(root, "build", "test", "support", "running-test.js")}";
    import { suiteUnless, testUnless } from "${join(root, "build", "test", "support", "skips.js")}";
    import { expect } from "${join(root, "build", "test", "support", "expectations.js")}";\n`;
  async function runFile(source, { timeoutMs = 60_000, args = [] } = {}) {
    const file = join(folder, "made.test.mjs");
    writeFileSync(file, start + source);
    const answer = await runTestFile(file, { node: process.execPath, env: process.env, timeoutMs, args });
    return { ...answer, failed: answer.failures.map(({ name }) => name), texts: answer.failures.map(({ text }) => text).join("\n") };
  }

  it("has its tests counted, not its suites, and names what was skipped, why, and what failed", async () => {
    const { passed, skipped, failures } = await runFile(`
      describe("outer", () => {
        it("passes", () => undefined);
        it("fails", () => { throw new Error("because", { cause: new Error("of this") }); });
        it("waits", testUnless("no peer", () => undefined));
        it("goes", testUnless(false, () => undefined));
        it("stops", () => skipTest("too old"));
      });
      describe("rest", suiteUnless("no tool", () => { throw new Error("not called"); }));
      it("passes too", () => undefined);`);
    expect(passed).to.equal(3);
    expect(skipped).to.deep.equal(["outer > waits (no peer)", "outer > stops (too old)", "rest > all of it (no tool)"]);
    expect(failures.map(({ name }) => name)).to.deep.equal(["outer > fails"]);
    expect(failures[0].text).to.match(/^Error: because\n> it\("fails"[^]*Caused by: Error: of this/);
  });

  it("fails by a hook, and where it does not load", async () => {
    const hook = await runFile(`describe("outer", () => { before(() => { throw new Error("hook"); }); it("never", () => undefined); });`);
    expect(hook.failed).to.deep.equal(['outer > "before all" hook for "never"']);
    const broken = await runFile("import './none.mjs';");
    expect(broken.texts).to.match(/did not load/);
    expect(broken.output).to.match(/Cannot find module/);
    expect((await runFile("")).failed).to.deep.equal(["the file"]);
    expect((await runFile(`it.only("one", () => undefined);`)).failed).to.deep.equal(["the file"]);
  });

  it("fails by a rejection that nobody handles, and by an error thrown later", async () => {
    const later = "await new Promise((resolve) => setTimeout(resolve, 50));";
    const { failed, texts } = await runFile(`
      it("drops a promise", async () => { void Promise.reject(new Error("dropped")); ${later} });
      it("throws later", async () => { setTimeout(() => { throw new Error("thrown"); }, 1); ${later} });
      it("passes", () => undefined);`);
    expect(failed).to.deep.equal(["drops a promise", "throws later"]);
    expect(texts).to.match(/dropped[^]*thrown/);
  });

  it("goes on after a test that hangs, and is stopped with its name where that lets nothing else run", async () => {
    const hangs = await runFile(
      `it("hangs", () => new Promise((resolve) => setTimeout(resolve, 3000))).timeout(50); it("next", () => undefined);`,
    );
    expect([hangs.failed, hangs.passed]).to.deep.equal([["hangs"], 1]);
    const loops = await runFile(`it("one", () => undefined); it("loops", () => { for (;;); });`, { timeoutMs: patience });
    expect([loops.failed, loops.passed]).to.deep.equal([["loops"], 1]);
    expect(loops.texts).to.match(/stopped by SIGKILL/);
  });

  it("fails where its process ends within a test, or does not end after them", async () => {
    const ends = await runFile(`it("one", () => undefined); it("ends", () => process.exit(0));`);
    expect([ends.failed, ends.passed]).to.deep.equal([["ends"], 1]);
    const stays = await runFile(`it("leaves a handle", () => void setInterval(() => undefined, 1000));`, { timeoutMs: patience });
    expect(stays.texts).to.match(/stopped by SIGKILL after its tests/);
  });

  it("runs what a test wants done after it, last first, also when it fails, and not in a hook", async () => {
    const { failed, passed, texts } = await runFile(`
      const seen = [];
      it("fails", () => { cleanup(() => seen.push("a")); cleanup(async () => seen.push("b")); throw new Error(); });
      it("next", () => expect(seen).to.deep.equal(["b", "a"]));
      describe("suite", () => { before(() => cleanup(() => undefined)); it("never", () => undefined); });`);
    expect([failed, passed]).to.deep.equal([["fails", 'suite > "before all" hook for "never"'], 1]);
    expect(texts).to.match(/cleanup is for a test that runs/);
  });

  it("has a failed comparison told with both values, as they are", async () => {
    const { texts } = await runFile(`
      it("differs", () => expect({ a: 1, b: [-0, undefined], c: new Uint8Array([1]) }).to.deep.equal({ a: 1, b: [0, null], c: Buffer.from([1]) }));`);
    for (const line of [
      "-    -0,",
      "+    0,",
      "-    undefined",
      "+    null",
      "-  c: Uint8Array(1) [",
      "+  c: <Buffer 01>",
      '> it("differs"',
    ])
      expect(texts).to.include(line);
  });
});

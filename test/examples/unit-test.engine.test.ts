import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { packageFolder } from "../support/engine/index.js";
import { copyExample } from "./example.js";

/** Without the variables that tell a test runner that it runs within one. */
const { NODE_TEST_CONTEXT: _, ...env } = process.env;

function runTests(cwd: string): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--test", "--test-reporter=tap"], { cwd, env, encoding: "utf8" });
  return { code: status, text: stdout + stderr };
}

test("a program is tested against mocks, without engine and registry", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "dhi-unit-test-"));
  t.after(() => rm(folder, { recursive: true }));
  await copyExample("unit-test", folder);
  await symlink(join(packageFolder, "node_modules"), join(folder, "node_modules"));
  const good = runTests(folder);
  assert.equal(good.code, 0, good.text);
  assert.match(good.text, /# pass 1\n/);

  const program = await readFile(join(folder, "index.js"), "utf8");
  await writeFile(join(folder, "index.js"), program.replace('runAs: "app"', 'runAs: "root"'));
  const bad = runTests(folder);
  assert.equal(bad.code, 1, bad.text);
  assert.match(bad.text, /web runs as root/);
});

import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import { packageFolder } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";
import { copyExample } from "./example.js";

/** Without the variables that tell a test runner that it runs within one. */
const { NODE_TEST_CONTEXT: _, ...env } = process.env;

function runTests(cwd: string): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--test", "--test-reporter=tap"], { cwd, env, encoding: "utf8" });
  return { code: status, text: stdout + stderr };
}

it("a program is tested against mocks, without engine and registry", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dhi-unit-test-"));
  cleanup(() => rm(folder, { recursive: true }));
  await copyExample("unit-test", folder);
  await symlink(join(packageFolder, "node_modules"), join(folder, "node_modules"));
  const good = runTests(folder);
  expect(good.code, good.text).to.equal(0);
  expect(good.text).to.match(/# pass 1\n/);

  const program = await readFile(join(folder, "index.js"), "utf8");
  await writeFile(join(folder, "index.js"), program.replace('runAs: "app"', 'runAs: "root"'));
  const bad = runTests(folder);
  expect(bad.code, bad.text).to.equal(1);
  expect(bad.text).to.match(/web runs as root/);
});

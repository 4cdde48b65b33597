import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openProject, skipWithoutEngine } from "../support/engine/index.js";

const program = `new dhi.OciArtifact("tools", { repository: "oci:registry", tag: "1", platforms: ["linux/amd64"], labels: { a: "b" } });`;

test("an operation that publishes trims the cache", { skip: skipWithoutEngine }, async (t) => {
  const project = await openProject(program);
  t.after(() => project.remove());
  const cache = join(project.folder, "cache");
  const temporary = join(cache, "temporary");
  await mkdir(temporary, { recursive: true });
  // What a killed process left days ago, and what another one is writing now.
  const [old, fresh] = [`11-${randomUUID()}`, `12-${randomUUID()}`];
  await writeFile(join(temporary, old), "");
  await utimes(join(temporary, old), new Date(0), new Date(0));
  await writeFile(join(temporary, fresh), "");
  await project.config({ "dhi:cacheDirectory": "cache" });
  const up = await project.up();
  assert.equal(up.code, 0, up.text);
  assert.equal(existsSync(join(temporary, old)), false);
  assert.equal(existsSync(join(temporary, fresh)), true);
});

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "mocha";
import { openProject, skipWithoutEngine } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";

const program = `new dhi.OciArtifact("tools", { repository: "oci:registry", tag: "1", platforms: ["linux/amd64"], labels: { a: "b" } });`;

it(
  "an operation that publishes trims the cache",
  testUnless(skipWithoutEngine, async () => {
    const project = await openProject(program);
    cleanup(() => project.remove());
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
    expect(up.code, up.text).to.equal(0);
    expect(existsSync(join(temporary, old))).to.equal(false);
    expect(existsSync(join(temporary, fresh))).to.equal(true);
  }),
);

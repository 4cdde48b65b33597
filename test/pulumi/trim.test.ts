import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { it } from "mocha";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";

/** A separate process, as for each operation of the engine; it serves one call and waits until the cache was trimmed. */
const script = (folder: string, call: string): string => `
  const { adaptLifecycle } = require(${JSON.stringify(join(__dirname, "../../provider/pulumi/adapter.js"))});
  const { readdirSync } = require("node:fs");
  const work = async () => {
    if (process.env.FAILS) throw new Error("the registry is down");
    return { inputs: {}, outputs: {}, derived: {}, failures: [], secrets: [], id: "id" };
  };
  const secrecy = { dictionaries: new Set(), paths: new Set(), names: new Set(), anywhere: [] };
  const adapted = adaptLifecycle({
    secrecy, identify: () => "id", check: work, diff: () => [], create: work, update: work, read: work, delete: work,
  });
  (async () => {
    await adapted.configure({ config: { get: (key) => (key === "dhi:cacheDirectory" ? ${JSON.stringify(folder)} : undefined) } });
    await adapted.${call}.catch(() => undefined);
    for (let wait = 0; wait < 200 && readdirSync(${JSON.stringify(join(folder, "temporary"))}).length > 0; wait += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    process.exit(0);
  })();`;

const calls = {
  check: "check({}, {})",
  create: "create({})",
  update: 'update("id", {}, {})',
  read: 'read("id", {})',
  delete: 'delete("id", {})',
};

// Issue 9, item 13: only create trimmed the cache.
for (const [name, call] of Object.entries(calls)) {
  for (const fails of [false, true]) {
    it(`${name} trims the cache${fails ? ", also where it fails" : ""}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "dhi-trim-"));
      cleanup(() => rm(folder, { recursive: true, force: true }));
      const temporary = join(folder, "temporary");
      const old = join(temporary, `11-${randomUUID()}`);
      await mkdir(temporary);
      await writeFile(old, "");
      await utimes(old, new Date(0), new Date(0));
      await promisify(execFile)(process.execPath, ["-e", script(folder, call)], {
        env: { ...process.env, ...(fails ? { FAILS: "1" } : {}) },
      });
      expect(await readdir(temporary)).to.deep.equal([]);
    });
  }
}

import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as files from "node:fs/promises";
import { lstat, lutimes, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { withFileLock } from "../../../provider/registry/layout/file-lock.js";

/** In whole seconds: what `utimes` takes as a fraction may come back a microsecond less. */
const old = new Date(Math.floor(Date.now() / 1000) * 1000 - 60 * 60_000);

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-lock-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

const hold = (path: string): Promise<string> => withFileLock(path, { what: "the layout" }, () => Promise.resolve("held"));

// Issue 9, item 15: a dangling link was waited for ten minutes.
for (const name of ["lock", "lock.breaking"]) {
  it(`refuses a link in place of ${name}, whatever it points at, and leaves both`, async (t) => {
    const directory = await folder(t);
    const lock = join(directory, "lock");
    const victim = join(directory, "victim");
    await writeFile(victim, "precious");
    await utimes(victim, old, old);
    if (name === "lock.breaking") {
      await writeFile(lock, "{}");
      await utimes(lock, old, old);
    }
    for (const target of [victim, "/nonexistent/x", "lock"]) {
      const link = join(directory, name);
      await symlink(target, link);
      await lutimes(link, old, old);
      await assert.rejects(hold(lock), { code: "conflict", message: /is a symbolic link/, hint: "Remove it" });
      assert.ok((await lstat(link)).isSymbolicLink());
      await rm(link);
    }
    assert.equal(await readFile(victim, "utf8"), "precious");
    assert.equal((await lstat(victim)).mtimeMs, old.getTime());
    await rm(join(directory, name), { force: true });
    assert.equal(await hold(lock), "held");
  });
}

it("refuses a folder in place of a lock", async (t) => {
  const lock = join(await folder(t), "lock");
  await mkdir(lock);
  await assert.rejects(hold(lock), { code: "conflict", message: /is not a file/ });
});

it("breaks a lock that was not renewed for a minute, whatever it says, and leaves none behind", async (t) => {
  const lock = join(await folder(t), "lock");
  for (const content of ["", "{", '{"pid":1,"host":"elsewhere","token":"x"}']) {
    await writeFile(lock, content);
    await utimes(lock, old, old);
    assert.equal(await hold(lock), "held");
    assert.equal(existsSync(lock), false);
  }
});

/** A holder that is killed right after its call number `cut` that may change files. */
const killed = `const [, file, lock, cut] = process.argv;
  const files = require("node:fs/promises");
  let count = 0;
  for (const name of ["open", "writeFile", "link", "rm", "unlink"]) {
    const real = files[name];
    files[name] = async (...all) => {
      const result = await real(...all);
      count += 1;
      if (count > Number(cut)) await new Promise(() => process.kill(process.pid, "SIGKILL"));
      return result;
    };
  }
  require(file).withFileLock(lock, { what: "it" }, () => Promise.resolve());`;

// A lock that was created and not filled yet kept others waiting for a minute.
for (let cut = 0; cut < 4; cut += 1) {
  it(`is left by a process that is killed with whose it is, or not at all: after call ${String(cut)}`, async (t) => {
    const lock = join(await folder(t), "lock");
    const file = require.resolve("../../../provider/registry/layout/file-lock.js");
    const { signal, stderr } = spawnSync(process.execPath, ["-e", killed, file, lock, String(cut)], { encoding: "utf8", timeout: 60_000 });
    assert.equal(signal, "SIGKILL", stderr);
    if (existsSync(lock)) assert.match(await readFile(lock, "utf8"), /"pid":\d+/);
    // Half of what a lock that nobody renews is left for.
    assert.equal(await withFileLock(lock, { what: "it", signal: AbortSignal.timeout(30_000) }, () => Promise.resolve("held")), "held");
    assert.equal(existsSync(lock), false);
  });
}

for (const code of [undefined, "EPERM", "EOPNOTSUPP", "ENOSYS"]) {
  it(`is held by one at a time, and leaves nothing behind, where a hard link gives ${code ?? "a name"}`, async (t) => {
    const directory = await folder(t);
    const refused = Object.assign(new Error("no hard links"), { code });
    const real = files.link;
    t.after(() => Object.assign(files, { link: real }));
    if (code !== undefined) Object.assign(files, { link: () => Promise.reject(refused) });
    let holders = 0;
    const work = async (): Promise<void> => {
      holders += 1;
      assert.equal(holders, 1);
      assert.match(await readFile(join(directory, "lock"), "utf8"), /"pid"/);
      assert.deepEqual(
        (await readdir(directory)).filter((name) => name === "lock.breaking"),
        [],
      );
      holders -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => withFileLock(join(directory, "lock"), { what: "it" }, work)));
    assert.deepEqual(await readdir(directory), []);
  });
}

it("names the lock where the system refuses it", async (t) => {
  const directory = await folder(t);
  await writeFile(join(directory, "file"), "");
  for (const path of [join(directory, "x".repeat(300)), join(directory, "file", "lock")]) {
    await assert.rejects(hold(path), { name: "DhiError", message: /the lock .*(too long|not a folder)/ });
  }
});

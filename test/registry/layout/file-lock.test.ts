import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as files from "node:fs/promises";
import { lstat, lutimes, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { withFileLock } from "../../../provider/registry/layout/file-lock.js";

/** In whole seconds: `utimes` may lose a microsecond of a fraction. */
const old = new Date(Math.floor(Date.now() / 1000) * 1000 - 60 * 60_000);

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-lock-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

const hold = (path: string): Promise<string> => withFileLock(path, { what: "the layout" }, () => Promise.resolve("held"));

describe("a file lock", () => {
  // Issue 9, item 15: a process waited ten minutes for a dangling link.
  for (const name of ["lock", "lock.breaking"]) {
    it(`is not acquired through a link in place of ${name}, and the link and its target are kept`, async (t) => {
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

  it("is not acquired in place of a folder", async (t) => {
    const lock = join(await folder(t), "lock");
    await mkdir(lock);
    await assert.rejects(hold(lock), { code: "conflict", message: /is not a file/ });
  });

  it("is broken when it was not renewed for a minute, whatever it contains, and released after use", async (t) => {
    const lock = join(await folder(t), "lock");
    for (const content of ["", "{", '{"pid":1,"host":"elsewhere","token":"x"}']) {
      await writeFile(lock, content);
      await utimes(lock, old, old);
      assert.equal(await hold(lock), "held");
      assert.equal(existsSync(lock), false);
    }
  });

  /** A holder that is killed right after its file system call number `cut`. */
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

  // A lock that was created but not yet filled kept other processes waiting for a minute.
  for (let cut = 0; cut < 4; cut += 1) {
    it(`identifies its holder, or does not exist, when the holder is killed after call ${String(cut)}`, async (t) => {
      const lock = join(await folder(t), "lock");
      const file = require.resolve("../../../provider/registry/layout/file-lock.js");
      const { signal, stderr } = spawnSync(process.execPath, ["-e", killed, file, lock, String(cut)], {
        encoding: "utf8",
        timeout: 60_000,
      });
      assert.equal(signal, "SIGKILL", stderr);
      if (existsSync(lock)) assert.match(await readFile(lock, "utf8"), /"pid":\d+/);
      // Half the age at which a lock that is not renewed is stale.
      assert.equal(await withFileLock(lock, { what: "it", signal: AbortSignal.timeout(30_000) }, () => Promise.resolve("held")), "held");
      assert.equal(existsSync(lock), false);
    });
  }

  for (const code of [undefined, "EPERM", "EOPNOTSUPP", "ENOSYS"]) {
    it(`has one holder at a time and leaves no files ${code === undefined ? "with hard links" : `when linking fails with ${code}`}`, async (t) => {
      const directory = await folder(t);
      const refused = Object.assign(new Error("no hard links"), { code });
      if (code !== undefined) t.mock.method(files, "link", () => Promise.reject(refused));
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

  it("is named in the error when the system refuses to create it", async (t) => {
    const directory = await folder(t);
    await writeFile(join(directory, "file"), "");
    for (const path of [join(directory, "x".repeat(300)), join(directory, "file", "lock")]) {
      await assert.rejects(hold(path), { name: "DhiError", message: /the lock .*(too long|not a folder)/ });
    }
  });
});

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as files from "node:fs/promises";
import { lstat, lutimes, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { withFileLock } from "../../provider/cache/file-lock.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";

/** In whole seconds: `utimes` may lose a microsecond of a fraction. */
const old = new Date(Math.floor(Date.now() / 1000) * 1000 - 60 * 60_000);

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-lock-"));
  cleanup(() => rm(path, { recursive: true, force: true }));
  return path;
}

const hold = (path: string): Promise<string> => withFileLock(path, { what: "the layout" }, () => Promise.resolve("held"));

describe("a file lock", () => {
  // Issue 9, item 15: a process waited ten minutes for a dangling link.
  for (const name of ["lock", "lock.breaking"]) {
    it(`is not acquired through a link in place of ${name}, and the link and its target are kept`, async () => {
      const directory = await folder();
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
        await expect(hold(lock)).to.be.rejectedWithError({ code: "conflict", message: /is a symbolic link/, hint: "Remove it" });
        expect((await lstat(link)).isSymbolicLink()).to.equal(true);
        await rm(link);
      }
      expect(await readFile(victim, "utf8")).to.equal("precious");
      expect((await lstat(victim)).mtimeMs).to.equal(old.getTime());
      await rm(join(directory, name), { force: true });
      expect(await hold(lock)).to.equal("held");
    });
  }

  it("is not acquired in place of a folder", async () => {
    const lock = join(await folder(), "lock");
    await mkdir(lock);
    await expect(hold(lock)).to.be.rejectedWithError({ code: "conflict", message: /is not a file/ });
  });

  it("is broken when it was not renewed for a minute, whatever it contains, and released after use", async () => {
    const lock = join(await folder(), "lock");
    for (const content of ["", "{", '{"pid":1,"host":"elsewhere","token":"x"}']) {
      await writeFile(lock, content);
      await utimes(lock, old, old);
      expect(await hold(lock)).to.equal("held");
      expect(existsSync(lock)).to.equal(false);
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
    it(`identifies its holder, or does not exist, when the holder is killed after call ${String(cut)}`, async () => {
      const lock = join(await folder(), "lock");
      const file = require.resolve("../../provider/cache/file-lock.js");
      const { signal, stderr } = spawnSync(process.execPath, ["-e", killed, file, lock, String(cut)], {
        encoding: "utf8",
        timeout: 60_000,
      });
      expect(signal, stderr).to.equal("SIGKILL");
      if (existsSync(lock)) expect(await readFile(lock, "utf8")).to.match(/"pid":\d+/);
      // Half the age at which a lock that is not renewed is stale.
      expect(await withFileLock(lock, { what: "it", signal: AbortSignal.timeout(30_000) }, () => Promise.resolve("held"))).to.equal("held");
      expect(existsSync(lock)).to.equal(false);
    });
  }

  for (const code of [undefined, "EPERM", "EOPNOTSUPP", "ENOSYS"]) {
    it(`has one holder at a time and leaves no files ${code === undefined ? "with hard links" : `when linking fails with ${code}`}`, async () => {
      const directory = await folder();
      const refused = Object.assign(new Error("no hard links"), { code });
      const real = files.link;
      cleanup(() => Object.assign(files, { link: real }));
      if (code !== undefined) Object.assign(files, { link: () => Promise.reject(refused) });
      let holders = 0;
      const work = async (): Promise<void> => {
        holders += 1;
        expect(holders).to.equal(1);
        expect(await readFile(join(directory, "lock"), "utf8")).to.match(/"pid"/);
        expect((await readdir(directory)).filter((name) => name === "lock.breaking")).to.deep.equal([]);
        holders -= 1;
      };
      await Promise.all(Array.from({ length: 10 }, () => withFileLock(join(directory, "lock"), { what: "it" }, work)));
      expect(await readdir(directory)).to.deep.equal([]);
    });
  }

  it("is named in the error when the system refuses to create it", async () => {
    const directory = await folder();
    await writeFile(join(directory, "file"), "");
    for (const path of [join(directory, "x".repeat(300)), join(directory, "file", "lock")]) {
      await expect(hold(path)).to.be.rejectedWithError({ name: "DhiError", message: /the lock .*(too long|not a folder)/ });
    }
  });
});

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as files from "node:fs/promises";
import { lstat, lutimes, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import { withFileLock } from "../../../provider/registry/layout/file-lock.js";
import { expect } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";

/** In whole seconds: what `utimes` takes as a fraction may come back a microsecond less. */
const old = new Date(Math.floor(Date.now() / 1000) * 1000 - 60 * 60_000);

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-lock-"));
  cleanup(() => rm(path, { recursive: true, force: true }));
  return path;
}

const hold = (path: string): Promise<string> => withFileLock(path, { what: "the layout" }, () => Promise.resolve("held"));

// Issue 9, item 15: a dangling link was waited for ten minutes.
for (const name of ["lock", "lock.breaking"]) {
  it(`refuses a link in place of ${name}, whatever it points at, and leaves both`, async () => {
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

it("refuses a folder in place of a lock", async () => {
  const lock = join(await folder(), "lock");
  await mkdir(lock);
  await expect(hold(lock)).to.be.rejectedWithError({ code: "conflict", message: /is not a file/ });
});

it("breaks a lock that was not renewed for a minute, whatever it says, and leaves none behind", async () => {
  const lock = join(await folder(), "lock");
  for (const content of ["", "{", '{"pid":1,"host":"elsewhere","token":"x"}']) {
    await writeFile(lock, content);
    await utimes(lock, old, old);
    expect(await hold(lock)).to.equal("held");
    expect(existsSync(lock)).to.equal(false);
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
  it(`is left by a process that is killed with whose it is, or not at all: after call ${String(cut)}`, async () => {
    const lock = join(await folder(), "lock");
    const file = require.resolve("../../../provider/registry/layout/file-lock.js");
    const { signal, stderr } = spawnSync(process.execPath, ["-e", killed, file, lock, String(cut)], { encoding: "utf8", timeout: 60_000 });
    expect(signal, stderr).to.equal("SIGKILL");
    if (existsSync(lock)) expect(await readFile(lock, "utf8")).to.match(/"pid":\d+/);
    // Half of what a lock that nobody renews is left for.
    expect(await withFileLock(lock, { what: "it", signal: AbortSignal.timeout(30_000) }, () => Promise.resolve("held"))).to.equal("held");
    expect(existsSync(lock)).to.equal(false);
  });
}

for (const code of [undefined, "EPERM", "EOPNOTSUPP", "ENOSYS"]) {
  it(`is held by one at a time, and leaves nothing behind, where a hard link gives ${code ?? "a name"}`, async () => {
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

it("names the lock where the system refuses it", async () => {
  const directory = await folder();
  await writeFile(join(directory, "file"), "");
  for (const path of [join(directory, "x".repeat(300)), join(directory, "file", "lock")]) {
    await expect(hold(path)).to.be.rejectedWithError({ name: "DhiError", message: /the lock .*(too long|not a folder)/ });
  }
});

import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { lstat, lutimes, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
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

import { chmod, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { openCache } from "../../provider/cache/open.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-cache-"));
  cleanup(() => rm(path, { recursive: true, force: true }));
  return path;
}

const kind = "package-files";

describe("a file that two processes need", () => {
  it("is made by one, while the other waits and then finds it", async () => {
    const directory = await folder();
    let made = 0;
    const need = async (): Promise<string> => {
      const cache = openCache({ directory });
      return cache.exclusively(kind, "key", undefined, async () => {
        const known = await cache.read(kind, "key");
        if (known !== undefined) return `found ${known.toString()}`;
        made += 1;
        await new Promise((resolve) => setTimeout(resolve, 100));
        await cache.write(kind, "key", Buffer.from("content"));
        return "made";
      });
    };
    expect((await Promise.all([need(), need(), need()])).sort()).to.deep.equal(["found content", "found content", "made"]);
    expect(made).to.equal(1);
    expect(await readdir(join(directory, "temporary"))).to.deep.equal([]);
  });

  it("does not wait for another file", async () => {
    const cache = openCache({ directory: await folder() });
    const inner = await cache.exclusively(kind, "one", undefined, () =>
      cache.exclusively(kind, "two", undefined, () => Promise.resolve(1)),
    );
    expect(inner).to.equal(1);
  });

  it("is made by the next process where the first one fails, and its failure is thrown", async () => {
    const cache = openCache({ directory: await folder() });
    const first = cache.exclusively(kind, "key", undefined, () => Promise.reject(new Error("no network")));
    await expect(first).to.be.rejectedWithError(/no network/);
    expect(await cache.exclusively(kind, "key", undefined, () => Promise.resolve("made"))).to.equal("made");
  });

  it("is made without a lock where the cache cannot be written", async () => {
    const directory = await folder();
    // Root may write everywhere, but a file is not a folder.
    await chmod(directory, 0o700);
    await writeFile(join(directory, "temporary"), "");
    const cache = openCache({ directory });
    expect(await cache.exclusively(kind, "key", undefined, () => Promise.resolve("made"))).to.equal("made");
  });

  it("is not waited for after a cancellation", async () => {
    const directory = await folder();
    const cache = openCache({ directory });
    const stop = new AbortController();
    let release = (): void => undefined;
    let held: Promise<void> | undefined;
    await new Promise<void>((started) => {
      held = cache.exclusively(kind, "key", undefined, () => {
        started();
        return new Promise<void>((resolve) => (release = resolve));
      });
    });
    const waiting = openCache({ directory }).exclusively(kind, "key", stop.signal, () => Promise.resolve("made"));
    setTimeout(() => {
      stop.abort();
    }, 50);
    await expect(waiting).to.be.rejectedWithError({ code: "cancelled" });
    release();
    await held;
  });

  it("leaves a lock when its process is killed, which is removed a day later", async () => {
    const directory = await folder();
    const cache = openCache({ directory });
    await cache.write(kind, "key", Buffer.from("content"));
    const [fresh, old] = ["fresh", "old"].map((name) => join(directory, "temporary", `${kind}-${name}.lock`));
    for (const path of [fresh, old]) await writeFile(path ?? "", "{}");
    const then = new Date(Date.now() - 25 * 60 * 60_000);
    await utimes(old ?? "", then, then);
    await cache.evict();
    expect(await readdir(join(directory, "temporary"))).to.deep.equal([`${kind}-fresh.lock`]);
  });
});

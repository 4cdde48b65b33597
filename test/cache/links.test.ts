import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import { openCache } from "../../provider/cache/open.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";

const old = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000);

/** A cache folder with files in it, and a folder of documents beside it. */
async function stage(): Promise<{ readonly cache: string; readonly documents: string; readonly names: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "dhi-links-"));
  cleanup(() => rm(folder, { recursive: true, force: true }));
  const [cache, documents] = [join(folder, "cache"), join(folder, "documents")];
  await openCache({ directory: cache }).write("layers", "key", Buffer.from("x"));
  // Includes names that a cache uses itself.
  const names = ["thesis.tex", `12-${randomUUID()}`, "th"];
  for (const name of names.slice(0, 2)) await put(join(documents, name));
  await put(join(documents, "th", "thesis"));
  return { cache, documents, names };
}

async function put(path: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, "precious");
  await utimes(path, old, old);
}

async function intact(folder: string): Promise<void> {
  expect((await readdir(folder)).length).to.equal(3);
  expect(await readFile(join(folder, "th", "thesis"), "utf8")).to.equal("precious");
}

for (const name of ["temporary", "layers", "layers/th"]) {
  it(`a cache never cleans, evicts or writes through ${name} when it is a link`, async () => {
    const { cache, documents } = await stage();
    await rm(join(cache, name), { recursive: true, force: true });
    await symlink(documents, join(cache, name));
    const opened = openCache({ directory: cache, maximumBytes: 0 });
    await opened.evict().catch(() => undefined);
    await expect(opened.write("layers", "thesis", Buffer.from("x"))).to.be.rejectedWithError({
      code: "conflict",
      message: /is a symbolic link/,
    });
    await intact(documents);
  });
}

it("a cache may be a link itself that the user made", async () => {
  const { cache } = await stage();
  await symlink(cache, `${cache}-link`);
  const opened = openCache({ directory: `${cache}-link` });
  await opened.write("layers", "other", Buffer.from("y"));
  expect((await opened.read("layers", "other"))?.toString()).to.equal("y");
});

it("a cache evicts only files with the place of a cache file", async () => {
  const { cache } = await stage();
  const foreign = ["notes/th/thesis", "layers/thesis", "layers/long/thesis", "layers/th/other", "thesis"];
  for (const path of [...foreign, "layers/th/thesis"]) await put(join(cache, path));
  await openCache({ directory: cache, maximumBytes: 0 }).evict();
  for (const path of foreign) expect(await readFile(join(cache, path), "utf8")).to.equal("precious");
  await expect(readFile(join(cache, "layers/th/thesis"))).to.be.rejectedWithError({ code: "ENOENT" });
});

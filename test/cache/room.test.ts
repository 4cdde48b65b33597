import { strict as assert } from "node:assert";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { openCache } from "../../provider/cache/open.js";
import { freeBytes, requireRoom, RESERVE, STEP } from "../../provider/cache/room.js";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-room-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

it("free space is measured on the disk of a folder that may not exist yet", async (t) => {
  const directory = await folder(t);
  assert.ok(((await freeBytes(join(directory, "a", "b"))) ?? 0) > 0);
  await assert.rejects(openCache({ directory }).requireRoom(2 ** 60, "the layer"), {
    code: "limit",
    message: /has [0-9,]+ MB free: the layer needs at least 1,152,921,504,607 MB/,
    hint: /dhi:cacheDirectory/,
  });
});

it("free space keeps a reserve, to the byte", async () => {
  const free = (bytes: number | undefined) => (): Promise<number | undefined> => Promise.resolve(bytes);
  await requireRoom("/", 1000, "a layer", free(RESERVE + 1000));
  await requireRoom("/", 1000, "a layer", free(undefined));
  await assert.rejects(requireRoom("/", 1000, "a layer", free(RESERVE + 999)), { code: "limit" });
});

it("a cache stops writing before the disk is full, and removes the unfinished file", async (t) => {
  const directory = await folder(t);
  let written = 0;
  const cache = openCache({ directory, freeBytes: () => Promise.resolve(RESERVE + 3 * STEP - written) });
  const writer = await cache.create("layer-tars");
  const chunk = Buffer.alloc(1024 * 1024);
  const fill = async (): Promise<void> => {
    for (; written < 10 * STEP; written += chunk.length) await writer.write(chunk);
  };
  await assert.rejects(fill(), { code: "limit", message: /disk of the cache/ });
  assert.ok(written <= 4 * STEP, `${String(written)} bytes were written`);
  await writer.discard();
  assert.deepEqual(await readdir(join(directory, "temporary")), []);
});

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import { openCache } from "../../provider/cache/open.js";
import { freeBytes, requireRoom, RESERVE, STEP } from "../../provider/cache/room.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-room-"));
  cleanup(() => rm(path, { recursive: true, force: true }));
  return path;
}

it("free space is measured on the disk of a folder that may not exist yet", async () => {
  const directory = await folder();
  expect((await freeBytes(join(directory, "a", "b"))) ?? 0).to.be.above(0);
  await expect(openCache({ directory }).requireRoom(2 ** 60, "the layer")).to.be.rejectedWithError({
    code: "limit",
    message: /has [0-9,]+ MB free: the layer needs at least 1,152,921,504,607 MB/,
    hint: /dhi:cacheDirectory/,
  });
});

it("free space keeps a reserve, to the byte", async () => {
  const free = (bytes: number | undefined) => (): Promise<number | undefined> => Promise.resolve(bytes);
  await requireRoom("/", 1000, "a layer", free(RESERVE + 1000));
  await requireRoom("/", 1000, "a layer", free(undefined));
  await expect(requireRoom("/", 1000, "a layer", free(RESERVE + 999))).to.be.rejectedWithError({ code: "limit" });
});

it("a cache stops writing before the disk is full, and removes the unfinished file", async () => {
  const directory = await folder();
  let written = 0;
  const cache = openCache({ directory, freeBytes: () => Promise.resolve(RESERVE + 3 * STEP - written) });
  const writer = await cache.create("layer-tars");
  const chunk = Buffer.alloc(1024 * 1024);
  const fill = async (): Promise<void> => {
    for (; written < 10 * STEP; written += chunk.length) await writer.write(chunk);
  };
  await expect(fill()).to.be.rejectedWithError({ code: "limit", message: /disk of the cache/ });
  expect(written, `${String(written)} bytes were written`).to.be.at.most(4 * STEP);
  await writer.discard();
  expect(await readdir(join(directory, "temporary"))).to.deep.equal([]);
});

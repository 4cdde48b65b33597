import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { defaultDirectory, placeOf } from "../../provider/cache/directory.js";
import { evictFiles } from "../../provider/cache/evict.js";
import { writeFailure } from "../../provider/cache/files.js";
import { openCache } from "../../provider/cache/open.js";
import { recordHead } from "../../provider/cache/record.js";
import { digestOf, hexOf } from "../../provider/image/digest.js";
import { readAll } from "../support/registries/images.js";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-cache-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

function fileOf(directory: string, key: string): string {
  const { kind, shard, name } = placeOf("layers", key);
  return join(directory, kind, shard, name);
}

async function usedHoursAgo(path: string, hours: number): Promise<void> {
  const then = new Date(Date.now() - hours * 60 * 60 * 1000);
  await utimes(path, then, then);
}

it("a cache keeps small files under kind and key, and replaces them", async (t) => {
  const cache = openCache({ directory: join(await folder(t), "deep", "cache") });
  assert.equal(await cache.read("layers", "key"), undefined);
  await cache.write("layers", "key", Buffer.from("one"));
  await cache.write("layers", "key", Buffer.from("two"));
  assert.equal((await cache.read("layers", "key"))?.toString(), "two");
  assert.equal((await stat(cache.directory)).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(join(cache.directory, "temporary")), []);
});

it("a cache shows a file only once it is complete", async (t) => {
  const cache = openCache({ directory: await folder(t) });
  const writer = await cache.create("layer-tars");
  await writer.write(Buffer.from("half"));
  assert.equal(await cache.path("layer-tars", "key"), undefined);
  await writer.commit("key");
  await writer.discard();
  assert.equal(await readFile((await cache.path("layer-tars", "key")) ?? "", "utf8"), "half");
  const given = await cache.create("layers");
  await given.write(Buffer.from("x"));
  await given.discard();
  assert.deepEqual(await readdir(join(cache.directory, "temporary")), []);
});

it("a cache returns a blob's bytes, and undefined when it is absent or has another size", async (t) => {
  const cache = openCache({ directory: await folder(t) });
  const digest = await cache.writeBlob(Buffer.from("content"));
  assert.equal(digest, digestOf("content"));
  const source = await cache.readBlob({ digest, size: 7 });
  assert.ok(source !== undefined);
  assert.equal((await readAll(source)).toString(), "content");
  assert.equal(await cache.readBlob({ digest: digestOf("other"), size: 5 }), undefined);
  assert.equal(await cache.readBlob({ digest, size: 8 }), undefined);
  assert.equal(await cache.path("blobs", digest), undefined, "a file of the wrong size is gone");
});

it("a cache throws at the end of a damaged blob and removes it", async (t) => {
  const cache = openCache({ directory: await folder(t) });
  const digest = await cache.writeBlob(Buffer.from("content"));
  await writeFile((await cache.path("blobs", digest)) ?? "", "CONTENT");
  const source = await cache.readBlob({ digest, size: 7 });
  assert.ok(source !== undefined);
  await assert.rejects(readAll(source), { code: "mismatch" });
  assert.equal(await cache.readBlob({ digest, size: 7 }), undefined);
});

it("a cache lets many writers write one key without mixing their bytes", async (t) => {
  const directory = await folder(t);
  const contents = Array.from({ length: 20 }, (_, number) => String(number).repeat(10_000));
  await Promise.all(contents.map((content) => openCache({ directory }).write("layers", "key", Buffer.from(content))));
  assert.ok(contents.includes((await openCache({ directory }).read("layers", "key"))?.toString() ?? ""));
});

for (const key of ["../escape", "a/b", "", ".hidden", "sha256:short", "a\0b", "x".repeat(201)]) {
  it(`a cache rejects the key ${JSON.stringify(key.slice(0, 20))}`, () => {
    assert.throws(() => placeOf("blobs", key), { code: "invalid" });
  });
}

it("a cache rejects an unknown kind", () => {
  for (const kind of ["..", "a/b", "", "temporary", "trees", "layers-", "layers-2x"])
    assert.throws(() => placeOf(kind, "key"), { code: "invalid" });
});

it("a cache has the default folder of the XDG specification", () => {
  assert.equal(defaultDirectory({ XDG_CACHE_HOME: "/x", HOME: "/h" }), "/x/pulumi-dhi");
  assert.equal(defaultDirectory({ XDG_CACHE_HOME: "relative", HOME: "/h" }), "/h/.cache/pulumi-dhi");
  assert.equal(defaultDirectory({ HOME: "/h" }), "/h/.cache/pulumi-dhi");
});

/** Bytes that a record takes on disk in addition to its own. */
const sealed = recordHead([]).length;

it("a cache evicts the least recently used files, and none used within the last hour", async (t) => {
  const cache = openCache({ directory: await folder(t) });
  for (const [key, hours] of [
    ["oldest", 9],
    ["older", 8],
    ["old", 7],
    ["fresh", 0],
  ] as const) {
    // prettier-ignore
    await cache.write("layers", key, Buffer.alloc(100 - sealed));
    await usedHoursAgo(fileOf(cache.directory, key), hours);
  }
  const left = async (): Promise<readonly string[]> => {
    const keys = ["oldest", "older", "old", "fresh"];
    const found = await Promise.all(keys.map((key) => stat(fileOf(cache.directory, key)).then(() => [key], () => []))); // prettier-ignore
    return found.flat();
  };
  await evictFiles(cache.directory, 250, Date.now());
  assert.deepEqual(await left(), ["old", "fresh"]);
  await evictFiles(cache.directory, 0, Date.now());
  assert.deepEqual(await left(), ["fresh"]);
});

it("a cache counts reading as use", async (t) => {
  const cache = openCache({ directory: await folder(t) });
  await cache.write("layers", "key", Buffer.from("x"));
  await usedHoursAgo(fileOf(cache.directory, "key"), 5);
  await cache.read("layers", "key");
  await evictFiles(cache.directory, 0, Date.now());
  assert.notEqual(await cache.read("layers", "key"), undefined);
});

it("a cache trims once per process, and removes the leftovers of killed processes", async (t) => {
  const cache = openCache({ directory: await folder(t), maximumBytes: 0 });
  const temporary = join(cache.directory, "temporary");
  await mkdir(temporary);
  const recent = `12-${randomUUID()}`;
  for (const [name, hours] of [
    [`11-${randomUUID()}`, 25],
    ["notes", 25],
    [recent, 0],
  ] as const) {
    await writeFile(join(temporary, name), "x");
    await usedHoursAgo(join(temporary, name), hours);
  }
  await cache.evict();
  assert.deepEqual((await readdir(temporary)).toSorted(), [recent, "notes"].toSorted());
  await cache.write("layers", "key", Buffer.from("x"));
  await usedHoursAgo(fileOf(cache.directory, "key"), 5);
  await cache.evict();
  assert.notEqual(await cache.path("layers", "key"), undefined);
});

it("a cache explains in words why it cannot write", async (t) => {
  const file = join(await folder(t), "file");
  await writeFile(file, "");
  await assert.rejects(openCache({ directory: join(file, "cache") }).write("layers", "key", Buffer.from("x")), {
    code: "unavailable",
    message: /could not write to the cache .*: part of the path is not a folder/,
    hint: /dhi:cacheDirectory/,
  });
  assert.equal(writeFailure(Object.assign(new Error("raw"), { code: "ENOSPC" }), "the cache", "/c").code, "limit");
  for (const [code, words] of [
    ["ENOSPC", /disk is full/],
    ["EROFS", /read-only/],
    ["EACCES", /permission denied/],
  ] as const) {
    // prettier-ignore
    assert.match(writeFailure(Object.assign(new Error("raw"), { code }), "the cache", "/c").message, words);
  }
});

it("a cache names files by the hex digits of their digest", () => {
  assert.equal(placeOf("blobs", digestOf("x")).name, hexOf(digestOf("x")));
});

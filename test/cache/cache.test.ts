import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import { defaultDirectory, placeOf } from "../../provider/cache/directory.js";
import { evictFiles } from "../../provider/cache/evict.js";
import { writeFailure } from "../../provider/cache/files.js";
import { openCache } from "../../provider/cache/open.js";
import { recordHead } from "../../provider/cache/record.js";
import { digestOf, hexOf } from "../../provider/image/digest.js";
import { expect, expectThat } from "../support/expectations.js";
import { readAll } from "../support/registries/images.js";
import { cleanup } from "../support/running-test.js";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-cache-"));
  cleanup(() => rm(path, { recursive: true, force: true }));
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

it("a cache keeps small files under kind and key, and replaces them", async () => {
  const cache = openCache({ directory: join(await folder(), "deep", "cache") });
  expect(await cache.read("layers", "key")).to.equal(undefined);
  await cache.write("layers", "key", Buffer.from("one"));
  await cache.write("layers", "key", Buffer.from("two"));
  expect((await cache.read("layers", "key"))?.toString()).to.equal("two");
  expect((await stat(cache.directory)).mode & 0o777).to.equal(0o700);
  expect(await readdir(join(cache.directory, "temporary"))).to.deep.equal([]);
});

it("a cache shows a file only once it is complete", async () => {
  const cache = openCache({ directory: await folder() });
  const writer = await cache.create("layer-tars");
  await writer.write(Buffer.from("half"));
  expect(await cache.path("layer-tars", "key")).to.equal(undefined);
  await writer.commit("key");
  await writer.discard();
  expect(await readFile((await cache.path("layer-tars", "key")) ?? "", "utf8")).to.equal("half");
  const given = await cache.create("layers");
  await given.write(Buffer.from("x"));
  await given.discard();
  expect(await readdir(join(cache.directory, "temporary"))).to.deep.equal([]);
});

it("a cache returns a blob's bytes, and undefined when it is absent or has another size", async () => {
  const cache = openCache({ directory: await folder() });
  const digest = await cache.writeBlob(Buffer.from("content"));
  expect(digest).to.equal(digestOf("content"));
  const source = await cache.readBlob({ digest, size: 7 });
  expectThat(source !== undefined);
  expect((await readAll(source)).toString()).to.equal("content");
  expect(await cache.readBlob({ digest: digestOf("other"), size: 5 })).to.equal(undefined);
  expect(await cache.readBlob({ digest, size: 8 })).to.equal(undefined);
  expect(await cache.path("blobs", digest), "a file of the wrong size is gone").to.equal(undefined);
});

it("a cache throws at the end of a damaged blob and removes it", async () => {
  const cache = openCache({ directory: await folder() });
  const digest = await cache.writeBlob(Buffer.from("content"));
  await writeFile((await cache.path("blobs", digest)) ?? "", "CONTENT");
  const source = await cache.readBlob({ digest, size: 7 });
  expectThat(source !== undefined);
  await expect(readAll(source)).to.be.rejectedWithError({ code: "mismatch" });
  expect(await cache.readBlob({ digest, size: 7 })).to.equal(undefined);
});

it("a cache lets many writers write one key without mixing their bytes", async () => {
  const directory = await folder();
  const contents = Array.from({ length: 20 }, (_, number) => String(number).repeat(10_000));
  await Promise.all(contents.map((content) => openCache({ directory }).write("layers", "key", Buffer.from(content))));
  expect(contents).to.include((await openCache({ directory }).read("layers", "key"))?.toString() ?? "");
});

for (const key of ["../escape", "a/b", "", ".hidden", "sha256:short", "a\0b", "x".repeat(201)]) {
  it(`a cache rejects the key ${JSON.stringify(key.slice(0, 20))}`, () => {
    expect(() => placeOf("blobs", key)).to.throwError({ code: "invalid" });
  });
}

it("a cache rejects an unknown kind", () => {
  for (const kind of ["..", "a/b", "", "temporary", "trees", "layers-", "layers-2x"])
    expect(() => placeOf(kind, "key")).to.throwError({ code: "invalid" });
});

it("a cache has the default folder of the XDG specification", () => {
  expect(defaultDirectory({ XDG_CACHE_HOME: "/x", HOME: "/h" })).to.equal("/x/pulumi-dhi");
  expect(defaultDirectory({ XDG_CACHE_HOME: "relative", HOME: "/h" })).to.equal("/h/.cache/pulumi-dhi");
  expect(defaultDirectory({ HOME: "/h" })).to.equal("/h/.cache/pulumi-dhi");
});

/** Bytes that a record takes on disk in addition to its own. */
const sealed = recordHead([]).length;

it("a cache evicts the least recently used files, and none used within the last hour", async () => {
  const cache = openCache({ directory: await folder() });
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
  expect(await left()).to.deep.equal(["old", "fresh"]);
  await evictFiles(cache.directory, 0, Date.now());
  expect(await left()).to.deep.equal(["fresh"]);
});

it("a cache counts reading as use", async () => {
  const cache = openCache({ directory: await folder() });
  await cache.write("layers", "key", Buffer.from("x"));
  await usedHoursAgo(fileOf(cache.directory, "key"), 5);
  await cache.read("layers", "key");
  await evictFiles(cache.directory, 0, Date.now());
  expect(await cache.read("layers", "key")).to.not.equal(undefined);
});

it("a cache trims once per process, and removes the leftovers of killed processes", async () => {
  const cache = openCache({ directory: await folder(), maximumBytes: 0 });
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
  expect((await readdir(temporary)).toSorted()).to.deep.equal([recent, "notes"].toSorted());
  await cache.write("layers", "key", Buffer.from("x"));
  await usedHoursAgo(fileOf(cache.directory, "key"), 5);
  await cache.evict();
  expect(await cache.path("layers", "key")).to.not.equal(undefined);
});

it("a cache explains in words why it cannot write", async () => {
  const file = join(await folder(), "file");
  await writeFile(file, "");
  await expect(openCache({ directory: join(file, "cache") }).write("layers", "key", Buffer.from("x"))).to.be.rejectedWithError({
    code: "unavailable",
    message: /could not write to the cache .*: part of the path is not a folder/,
    hint: /dhi:cacheDirectory/,
  });
  expect(writeFailure(Object.assign(new Error("raw"), { code: "ENOSPC" }), "the cache", "/c").code).to.equal("limit");
  for (const [code, words] of [
    ["ENOSPC", /disk is full/],
    ["EROFS", /read-only/],
    ["EACCES", /permission denied/],
  ] as const) {
    // prettier-ignore
    expect(writeFailure(Object.assign(new Error("raw"), { code }), "the cache", "/c").message).to.match(words);
  }
});

it("a cache names files by the hex digits of their digest", () => {
  expect(placeOf("blobs", digestOf("x")).name).to.equal(hexOf(digestOf("x")));
});

import { strict as assert } from "node:assert";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { openCache, type OpenedCache } from "../../provider/cache/open.js";
import { CachedRepository } from "../../provider/registry/cached-repository.js";
import { openRepositories } from "../../provider/registry/open.js";
import type { ImageRepository } from "../../provider/registry/repository.js";
import { publishImage, readAll, testImage } from "../support/registries/images.js";

/** A layout stands for the repository; `gone` takes its content away, so that only the cache can answer. */
async function prepare(
  t: TestContext,
  keep: boolean,
): Promise<{ cached: ImageRepository; cache: OpenedCache; inner: ImageRepository; gone: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "dhi-cached-"));
  t.after(() => rm(folder, { recursive: true }));
  const cache = openCache({ directory: join(folder, "cache") });
  const inner = openRepositories({ projectDirectory: folder }).open({ kind: "layout", path: "inner" });
  const gone = () => rm(join(folder, "inner"), { recursive: true });
  return { cached: new CachedRepository(inner, cache, keep), cache, inner, gone };
}

it("answers by digest from the cache once something was read", async (t) => {
  const { cached, inner, gone } = await prepare(t, true);
  const image = testImage();
  await publishImage(inner, image, "v1");
  assert.deepEqual(await cached.getManifest("v1"), image.index);
  await readAll(cached.readBlob(image.layer.descriptor));
  await gone();
  assert.deepEqual(await cached.getManifest(image.index.digest), image.index);
  assert.deepEqual(await readAll(cached.readBlob(image.layer.descriptor)), image.layer.bytes);
});

it("never says from the cache what a tag means or what is present", async (t) => {
  const { cached, inner, gone } = await prepare(t, true);
  const image = testImage();
  await publishImage(inner, image, "v1");
  await cached.getManifest("v1");
  await readAll(cached.readBlob(image.layer.descriptor));
  await gone();
  assert.equal(await cached.getManifest("v1"), undefined);
  assert.equal(await cached.headManifest(image.index.digest), undefined);
  assert.equal(await cached.hasBlob(image.layer.descriptor), false);
});

it("gives what was composed and not published yet", async (t) => {
  const { cached, cache } = await prepare(t, false);
  const image = testImage();
  for (const bytes of [image.index.bytes, image.layer.bytes]) await cache.writeBlob(bytes);
  assert.deepEqual(await cached.getManifest(image.index.digest), image.index);
  assert.deepEqual(await readAll(cached.readBlob(image.layer.descriptor)), image.layer.bytes);
});

it("keeps nothing that was read in part, and nothing at all where it should not", async (t) => {
  const parts = await prepare(t, true);
  const image = testImage(1_000_000);
  await publishImage(parts.inner, image);
  const reading = parts.cached.readBlob(image.layer.descriptor)[Symbol.asyncIterator]();
  assert.equal((await reading.next()).done, false);
  await reading.return?.();
  assert.equal(await parts.cache.path("blobs", image.layer.descriptor.digest), undefined);
  const local = await prepare(t, false);
  await publishImage(local.inner, image);
  await readAll(local.cached.readBlob(image.layer.descriptor));
  assert.equal(await local.cache.path("blobs", image.layer.descriptor.digest), undefined);
});

it("asks the repository where the cache's copy of a manifest is damaged", async (t) => {
  const { cached, cache, inner } = await prepare(t, true);
  const image = testImage();
  await publishImage(inner, image);
  await cached.getManifest(image.index.digest);
  await writeFile((await cache.path("blobs", image.index.digest)) ?? "", "{}");
  assert.deepEqual(await cached.getManifest(image.index.digest), image.index);
});

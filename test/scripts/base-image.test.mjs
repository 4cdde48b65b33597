import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { findTag, putBaseImage } from "../../scripts/base-image.mjs";

describe("base image", () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "dhi-base-"));
    writeFileSync(join(folder, "rootfs.tar"), Buffer.alloc(10240));
  });
  after(() => rmSync(folder, { recursive: true }));

  const put = (layout, tag, epoch = "0") => putBaseImage({ tar: join(folder, "rootfs.tar"), layout: join(folder, layout), tag, epoch });
  const readBlob = (layout, digest) => readFileSync(join(folder, layout, "blobs", "sha256", digest.slice(7)));
  const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

  it("has blobs that are what their descriptors say", async () => {
    const digest = await put("one", "12");
    const manifest = JSON.parse(readBlob("one", digest));
    const config = JSON.parse(readBlob("one", manifest.config.digest));
    const layer = readBlob("one", manifest.layers[0].digest);
    assert.equal(sha256(layer), manifest.layers[0].digest);
    assert.equal(layer.length, manifest.layers[0].size);
    assert.deepEqual(config.rootfs.diff_ids, [sha256(gunzipSync(layer))]);
    assert.deepEqual(config.config.Cmd, ["bash"]);
    assert.equal(config.created, "1970-01-01T00:00:00Z");
  });

  it("is the same from the same tar and time, another from another time", async () => {
    assert.equal(await put("one", "12"), await put("two", "12"));
    assert.notEqual(await put("one", "12"), await put("two", "12", "1"));
  });

  it("replaces its own tag and keeps others", async () => {
    const first = await put("three", "12");
    await put("three", "13", "5");
    const moved = await put("three", "12", "9");
    assert.notEqual(moved, first);
    assert.equal(findTag(join(folder, "three"), "12"), moved);
    assert.equal(JSON.parse(readFileSync(join(folder, "three", "index.json"), "utf8")).manifests.length, 2);
  });

  it("does not find a tag whose manifest is gone", async () => {
    const digest = await put("four", "12");
    rmSync(join(folder, "four", "blobs", "sha256", digest.slice(7)));
    assert.equal(findTag(join(folder, "four"), "12"), undefined);
    assert.equal(findTag(join(folder, "none"), "12"), undefined);
  });
});

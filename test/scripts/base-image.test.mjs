import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
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
    expect(sha256(layer)).to.equal(manifest.layers[0].digest);
    expect(layer.length).to.equal(manifest.layers[0].size);
    expect(config.rootfs.diff_ids).to.deep.equal([sha256(gunzipSync(layer))]);
    expect(config.config.Cmd).to.deep.equal(["bash"]);
    expect(config.created).to.equal("1970-01-01T00:00:00Z");
  });

  it("is the same from the same tar and time, another from another time", async () => {
    expect(await put("one", "12")).to.equal(await put("two", "12"));
    expect(await put("one", "12")).to.not.equal(await put("two", "12", "1"));
  });

  it("replaces its own tag and keeps others", async () => {
    const first = await put("three", "12");
    await put("three", "13", "5");
    const moved = await put("three", "12", "9");
    expect(moved).to.not.equal(first);
    expect(findTag(join(folder, "three"), "12")).to.equal(moved);
    expect(JSON.parse(readFileSync(join(folder, "three", "index.json"), "utf8")).manifests.length).to.equal(2);
  });

  it("does not find a tag whose manifest is gone", async () => {
    const digest = await put("four", "12");
    rmSync(join(folder, "four", "blobs", "sha256", digest.slice(7)));
    expect(findTag(join(folder, "four"), "12")).to.equal(undefined);
    expect(findTag(join(folder, "none"), "12")).to.equal(undefined);
  });
});

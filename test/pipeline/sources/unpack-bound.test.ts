import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { digestOf, hexOf } from "../../../provider/image/digest.js";
import type { Descriptor } from "../../../provider/image/descriptor.js";
import { OCI_LAYER_GZIP } from "../../../provider/image/media-types.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { openCache } from "../../../provider/cache/open.js";
import { RESERVE } from "../../../provider/cache/room.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { openImage, type SourceManifest } from "../../../provider/pipeline/sources/source-image.js";
import { readTree } from "../../../provider/pipeline/sources/source-layers.js";
import { MAX_UNPACKED, UnpackBound, withinBound } from "../../../provider/pipeline/sources/unpack-bound.js";
import { expect, expectThat } from "../../support/expectations.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { keepRow } from "../../support/session/session.js";
import { Workshop } from "../workshop.js";

const one = layerTar([file("one", randomBytes(20_000).toString("hex"))]);
const two = layerTar([file("two", randomBytes(200_000).toString("hex"))]);

// Issue 9, item 8: an image may not fill the disk.
describe("an image that is unpacked in the cache", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    await shop.put("oci:tools", "1", { platforms: [{ layers: [{ tar: one }, { tar: two }] }] });
  });
  after(() => shop.remove());

  const open = async (): Promise<{ readonly session: Session; readonly source: SourceManifest }> => {
    shop.loseCache();
    const session = shop.session();
    const repository = parseRepository("oci:tools");
    const digest = digestOf((await session.repositories.open(repository).getManifest("1"))?.bytes ?? Buffer.alloc(0));
    const source = await (await openImage(session, repository, digest, "artifact")).platforms.get("linux/amd64")?.();
    expectThat(source !== undefined);
    return { session, source };
  };
  const stating = (source: SourceManifest, ...sizes: readonly number[]): SourceManifest => {
    const layers = sizes.map((size, at): Descriptor => ({ mediaType: OCI_LAYER_GZIP, digest: digestOf(String(at)), size }));
    return { ...source, manifest: { ...source.manifest, layers } };
  };
  const kept = async ({ cache: { directory } }: Session): Promise<readonly string[]> => {
    const folders = ["temporary", "layer-tars"].map((name) => join(directory, name)).filter((path) => existsSync(path));
    const found = await Promise.all(folders.map((path) => readdir(path, { recursive: true, withFileTypes: true })));
    return found.flat().flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  };

  it("is rejected before anything is read when the declared sizes exceed the limit", async () => {
    const { session, source } = await open();
    await UnpackBound.open(session, stating(source, 600, 400), 1000);
    await expect(UnpackBound.open(session, stating(source, 600, 401), 1000)).to.be.rejectedWithError({
      code: "limit",
      message: /^the layers of oci:tools@sha256:[0-9a-f]{64} unpack to more than 1\.0 kB, the limit for one image$/,
    });
    // These layers do not exist anywhere: only their declared sizes are used.
    await expect(readTree(session, stating(source, MAX_UNPACKED, 1), true, keepRow())).to.be.rejectedWithError({ code: "limit" });
  });

  it("is rejected before anything is read when the disk has less space", async () => {
    const { session, source } = await open();
    const { directory } = session.cache;
    const withFree = (bytes: number): Session => ({
      ...session,
      cache: openCache({ directory, freeBytes: () => Promise.resolve(bytes + RESERVE) }),
    });
    await UnpackBound.open(withFree(5_000_000), stating(source, 2_000_000, 3_000_000));
    await expect(readTree(withFree(4_999_999), stating(source, 2_000_000, 3_000_000), true, keepRow())).to.be.rejectedWithError({
      code: "limit",
      message: /has 140 MB free: unpacking oci:tools@sha256:[0-9a-f]{64} needs at least 5 MB/,
    });
  });

  it("counts each layer once, even if it is listed several times", async () => {
    const { session, source } = await open();
    const [layer] = stating(source, 600).manifest.layers;
    expect(layer).to.not.equal(undefined);
    await UnpackBound.open(session, { ...source, manifest: { ...source.manifest, layers: Array(9).fill(layer) as Descriptor[] } }, 1000);
  });

  for (const [limit, holds] of [
    [one.length + two.length, true],
    [one.length + two.length - 1, false],
  ] as const) {
    it(`${holds ? "may reach" : "is stopped and removed beyond"} the limit`, async () => {
      const { session, source } = await open();
      const [first, second] = source.manifest.layers;
      expectThat(first !== undefined && second !== undefined);
      const bound = await UnpackBound.open(session, source, limit);
      const keep = async (layer: Descriptor, tar: Buffer): Promise<void> => {
        const writer = await bound.create(layer.digest);
        try {
          for (let at = 0; at < tar.length; at += 10_000) await writer.write(tar.subarray(at, at + 10_000));
          await writer.commit();
        } finally {
          await writer.discard();
        }
      };
      await keep(first, one);
      expect(await kept(session)).to.deep.equal([hexOf(first.digest)]);
      if (holds) {
        await keep(second, two);
        expect((await kept(session)).length).to.equal(2);
        // Layers that are already in the cache count as well.
        await UnpackBound.open(session, source, limit);
        await expect(UnpackBound.open(session, source, limit - 1)).to.be.rejectedWithError({ code: "limit" });
        return;
      }
      await expect(keep(second, two)).to.be.rejectedWithError({ code: "limit", message: /the limit for one image/ });
      await bound.release();
      expect(await kept(session)).to.deep.equal([]);
    });
  }

  it("is removed when the disk fills up midway, and kept when a registry fails", async () => {
    const { session, source } = await open();
    let free = 10 * RESERVE;
    const full: Session = { ...session, cache: openCache({ directory: session.cache.directory, freeBytes: () => Promise.resolve(free) }) };
    const unpack = (code: "limit" | "unavailable"): Promise<void> =>
      withinBound(full, source, true, async (bound) => {
        const writer = await bound?.create(digestOf("first"));
        await writer?.write(one);
        await writer?.commit();
        free = 0;
        if (code === "limit") await full.cache.requireRoom(1, "the second layer");
        throw new DhiError(code, "503");
      });
    await expect(unpack("limit")).to.be.rejectedWithError({ code: "limit" });
    expect(await kept(session)).to.deep.equal([]);
    free = 10 * RESERVE;
    await expect(unpack("unavailable")).to.be.rejectedWithError({ code: "unavailable" });
    expect(await kept(session)).to.deep.equal([hexOf(digestOf("first"))]);
  });

  it("is unpacked as before when it fits", async () => {
    const { session, source } = await open();
    await readTree(session, source, true, keepRow());
    expect((await kept(session)).length).to.equal(2);
  });
});

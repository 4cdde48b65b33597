import { existsSync } from "node:fs";
import * as files from "node:fs/promises";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { digestOf, hexOf, type Digest } from "../../../provider/image/digest.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect } from "../../support/expectations.js";
import { publishImage, storedManifest, testBlob, testImage, type TestImage } from "../../support/registries/images.js";

// Issue 9, item 2: content of other tools in a layout must not be removed.
describe("garbage in a layout", () => {
  let project: string;
  before(async () => {
    project = await mkdtemp(join(tmpdir(), "dhi-garbage-"));
  });
  after(() => rm(project, { recursive: true, force: true }));
  const open = (path: string): ImageRepository => openRepositories({ projectDirectory: project }).open({ kind: "layout", path });
  const folder = (layout: string): string => join(project, layout, "blobs", "sha256");
  const has = (layout: string, digest: Digest): boolean => existsSync(join(folder(layout), hexOf(digest)));
  const age = async (layout: string): Promise<void> => {
    const then = new Date(Date.now() - 60 * 60_000);
    for (const name of await readdir(folder(layout))) await utimes(join(folder(layout), name), then, then);
  };
  const partsOf = ({ index, manifest, layer, config }: TestImage): readonly Digest[] => [
    index.digest,
    manifest.digest,
    layer.descriptor.digest,
    config.descriptor.digest,
  ];

  /** Content of another tool: a blob, and an entry of the index with a media type of its own. */
  const putForeign = async (layout: string, bytes: Buffer): Promise<Digest> => {
    await writeFile(join(folder(layout), hexOf(digestOf(bytes))), bytes);
    return digestOf(bytes);
  };
  const nameForeign = async (layout: string, digest: Digest, fields: object = {}): Promise<void> => {
    const path = join(project, layout, "index.json");
    const index = JSON.parse(await readFile(path, "utf8")) as { manifests: object[] };
    index.manifests.push({ mediaType: "application/vnd.example+json", digest, size: 1, ...fields });
    await writeFile(path, JSON.stringify(index));
  };

  it("includes only blobs that pulumi-dhi wrote, not unreachable blobs of other tools", async () => {
    const image = testImage(10);
    await publishImage(open("theirs"), image, "v1");
    const foreign = await putForeign("theirs", Buffer.from("a blob that another tool is about to name"));
    const manifest = await putForeign("theirs", storedManifest({ layers: [] }).bytes);
    await age("theirs");
    expect(await open("theirs").deleteTag("v1")).to.deep.equal({ deleted: true });
    expect((await readdir(folder("theirs"))).toSorted()).to.deep.equal([foreign, manifest].map(hexOf).toSorted());
    expect(await readdir(join(project, "theirs", ".pulumi-dhi", "written"))).to.deep.equal([]);
  });

  it("does not include blobs of another tool that pulumi-dhi published again", async () => {
    const image = testImage(10);
    await publishImage(open("same"), image, "v1");
    // Another tool made this layout.
    await rm(join(project, "same", ".pulumi-dhi"), { recursive: true });
    await publishImage(open("same"), image, "v2");
    await open("same").deleteTag("v1");
    await age("same");
    await open("same").deleteTag("v2");
    for (const digest of partsOf(image)) expect(has("same", digest)).to.equal(true);
  });

  const forms: Readonly<Record<string, (blob: Digest) => object>> = {
    "an artifact manifest": (digest) => ({ artifactType: "application/sbom", blobs: [{ digest, size: 1 }] }),
    "Docker's schema 1": (digest) => ({ schemaVersion: 1, fsLayers: [{ blobSum: digest }] }),
    "a subject": (digest) => ({ schemaVersion: 2, subject: { digest } }),
    "an unknown format": (digest) => [{ deep: [[{ a: { b: [`x@${digest}`] } }]] }],
  };
  for (const [form, make] of Object.entries(forms)) {
    it(`does not include what ${form} refers to, directly or indirectly`, async () => {
      const layout = form.replaceAll(/[^a-z]/g, "");
      const image = testImage(10);
      await publishImage(open(layout), image, "v1");
      const inner = await putForeign(layout, Buffer.from(JSON.stringify(make(image.index.digest))));
      const outer = await putForeign(layout, Buffer.from(`\ufeff \n${JSON.stringify(make(inner))}`));
      await nameForeign(layout, outer);
      await age(layout);
      await open(layout).deleteTag("v1");
      for (const digest of [...partsOf(image), inner, outer]) expect(has(layout, digest)).to.equal(true);
    });
  }

  it("does not include what a manifest refers to that is beyond the size limit or too deep to parse", async () => {
    const [long, deep, last] = [testImage(10), testImage(11), testImage(12)];
    for (const [tag, image] of [["long", long], ["deep", deep], ["last", last]] as const) await publishImage(open("large"), image, tag); // prettier-ignore
    const padded = JSON.stringify({ padding: "x".repeat(6_000_000), digest: long.index.digest });
    await nameForeign("large", await putForeign("large", Buffer.from(padded)));
    await nameForeign("large", await putForeign("large", Buffer.from(`${"[".repeat(300_000)}"${deep.index.digest}"`)));
    await age("large");
    for (const tag of ["long", "deep", "last"]) await open("large").deleteTag(tag);
    for (const digest of [...partsOf(long), ...partsOf(deep)]) expect(has("large", digest)).to.equal(true);
    expect(has("large", last.index.digest)).to.equal(false);
  });

  it("does not include what unknown fields of index.json refer to", async () => {
    const image = testImage(10);
    await publishImage(open("fields"), image, "v1");
    await nameForeign("fields", digestOf("not there"), { related: [{ digest: image.index.digest }] });
    await age("fields");
    await open("fields").deleteTag("v1");
    for (const digest of partsOf(image)) expect(has("fields", digest)).to.equal(true);
  });

  // Issue 9: content with a digest of another algorithm than sha256 is not read and may refer to any blob.
  const foreign: Readonly<Record<string, (digest: string) => object>> = {
    "an entry of index.json": (digest) => ({ digest }),
    "a field of index.json": (digest) => ({ digest: digestOf("not there"), related: [{ digest }] }),
    "an entry with an unknown algorithm": () => ({ digest: `${"very-long.name+".repeat(5)}x:AZ_=-09` }),
  };
  for (const [number, [what, fields]] of Object.entries(foreign).entries()) {
    it(`is not collected while ${what} has a digest that is not sha256`, async () => {
      const [layout, image] = [`foreign-${String(number)}`, testImage(10)];
      await publishImage(open(layout), image, "v1");
      await nameForeign(layout, digestOf("not there"), fields(`sha512:${"0f".repeat(64)}`));
      await age(layout);
      await open(layout).deleteTag("v1");
      for (const digest of partsOf(image)) expect(has(layout, digest)).to.equal(true);
      const path = join(project, layout, "index.json");
      await writeFile(path, JSON.stringify({ schemaVersion: 2, manifests: [] }));
      await open(layout).deleteTag("v1");
      expect(await readdir(folder(layout))).to.deep.equal([]);
    });
  }

  it("is not collected while a manifest reachable from the index has a digest that is not sha256, even across two chunks", async () => {
    for (const padding of [0, 65_400, 262_050]) {
      const [layout, image] = [`nested-${String(padding)}`, testImage(10)];
      await publishImage(open(layout), image, "v1");
      const child = { padding: "x".repeat(padding), manifests: Array.from({ length: 9 }, () => ({ digest: `sha512:${"0f".repeat(64)}` })) };
      await nameForeign(layout, await putForeign(layout, Buffer.from(JSON.stringify(child, undefined, 1))));
      await age(layout);
      await open(layout).deleteTag("v1");
      for (const digest of partsOf(image)) expect(has(layout, digest)).to.equal(true);
    }
  });

  it("is not collected when a link shares the blobs with another layout", async () => {
    const image = testImage(10);
    await publishImage(open("one"), image, "v1");
    await publishImage(open("two"), image, "v1");
    await rm(join(project, "two", "blobs"), { recursive: true });
    await symlink("../one/blobs", join(project, "two", "blobs"));
    await age("one");
    expect(await open("two").deleteTag("v1")).to.deep.equal({ deleted: true });
    for (const digest of partsOf(image)) expect(has("one", digest)).to.equal(true);
    expect(await open("two").listTags()).to.deep.equal([]);
  });

  it("is collected when a record is left without its blob, and a blob without its record", async () => {
    const [image, gone] = [testImage(10), testBlob(Buffer.from("gone"))];
    await publishImage(open("crash"), image, "v1");
    await open("crash").putBlob(gone.descriptor, gone.source);
    await rm(join(folder("crash"), hexOf(gone.descriptor.digest)));
    const written = join(project, "crash", ".pulumi-dhi", "written");
    await rm(join(written, hexOf(image.layer.descriptor.digest)));
    await age("crash");
    await open("crash").deleteTag("v1");
    expect(await readdir(written)).to.deep.equal([]);
    expect(await readdir(folder("crash"))).to.deep.equal([hexOf(image.layer.descriptor.digest)]);
  });

  it("is collected completely after twenty concurrent writers", async () => {
    const images = Array.from({ length: 20 }, () => testImage(50));
    await Promise.all(images.map((image, number) => publishImage(open("many"), image, `v${String(number)}`)));
    await age("many");
    await Promise.all(images.slice(1).map((_, number) => open("many").deleteTag(`v${String(number + 1)}`)));
    expect((await readdir(folder("many"))).toSorted()).to.deep.equal(
      partsOf(images[0] ?? testImage())
        .map(hexOf)
        .toSorted(),
    );
  });

  it("is removed from the top, so that a killed deletion leaves no incomplete image, and the next deletion finishes", async () => {
    const isCutAt = async (layout: string, last: number): Promise<boolean> => {
      let count = 0;
      const real = files.unlink;
      const unlink = (path: string): Promise<void> => {
        if (path.includes(`${layout}/`) && !path.endsWith("lock") && (count += 1) > last) return Promise.reject(new Error("cut off"));
        return real(path);
      };
      Object.assign(files, { unlink });
      return await open(layout)
        .deleteTag("v1")
        .then(
          () => false,
          (thrown: unknown) => /cut off/.test(String(thrown)),
        )
        .finally(() => {
          Object.assign(files, { unlink: real });
        });
    };
    for (let last = 0; last < 8; last += 1) {
      const layout = `cut-${String(last)}`;
      const image = testImage(10);
      const { index, manifest, layer, config } = image;
      await publishImage(open(layout), image, "v1");
      await age(layout);
      expect(await isCutAt(layout, last)).to.equal(true);
      if (has(layout, index.digest)) expect(has(layout, manifest.digest)).to.equal(true);
      if (has(layout, manifest.digest)) expect([layer, config].map(({ descriptor }) => has(layout, descriptor.digest))).to.deep.equal([true, true]); // prettier-ignore
      expect(await open(layout).listTags()).to.deep.equal([]);
      expect(await open(layout).deleteTag("v1", index.digest)).to.deep.equal({ deleted: true });
      expect(await readdir(join(project, layout, ".pulumi-dhi", "written"))).to.deep.equal([]);
      // At worst one blob is left, whose record was removed just before the cut.
      expect((await readdir(folder(layout))).length).to.be.at.most(1);
    }
  });

  it("does not include old blobs that a recent index or manifest refers to", async () => {
    for (const part of ["index", "manifest"] as const) {
      const image = testImage(10);
      await publishImage(open(`young-${part}`), image, "v1");
      await age(`young-${part}`);
      await utimes(join(folder(`young-${part}`), hexOf(image[part].digest)), new Date(), new Date());
      await open(`young-${part}`).deleteTag("v1");
      const below = partsOf(image).slice(part === "index" ? 0 : 1);
      expect((await readdir(folder(`young-${part}`))).toSorted()).to.deep.equal(below.map(hexOf).toSorted());
    }
  });

  it("is not collected, and no layout is created, when there is none", async () => {
    expect(await open("none").deleteTag("v1")).to.deep.equal({ deleted: true });
    expect(existsSync(join(project, "none"))).to.equal(false);
  });

  it("does not include a link or a folder in place of a recorded blob", async () => {
    const image = testImage(10);
    await publishImage(open("odd"), image, "v1");
    const path = join(folder("odd"), hexOf(image.layer.descriptor.digest));
    const target = join(project, "precious");
    await rename(path, target);
    await symlink(target, path);
    const other = join(folder("odd"), hexOf(image.config.descriptor.digest));
    await rm(other);
    await mkdir(other);
    const then = new Date(Date.now() - 60 * 60_000);
    await utimes(other, then, then);
    await utimes(target, then, then);
    await rm(join(project, "odd", "index.json"));
    await publishImage(open("odd"), testImage(10), "v2");
    await open("odd").deleteTag("v2");
    expect(existsSync(target)).to.equal(true);
    expect(existsSync(other)).to.equal(true);
  });
});

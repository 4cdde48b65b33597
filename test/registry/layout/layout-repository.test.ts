import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { hexOf } from "../../../provider/image/digest.js";
import { OCI_INDEX } from "../../../provider/image/media-types.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { publishImage, readAll, storedManifest, testBlob, testImage } from "../../support/registries/images.js";

describe("layout repository", () => {
  let project: string;
  before(async () => {
    project = await mkdtemp(join(tmpdir(), "dhi-layout-"));
  });
  after(() => rm(project, { recursive: true, force: true }));
  const open = (path: string): ImageRepository => openRepositories({ projectDirectory: project }).open({ kind: "layout", path });
  const never = () => assert.fail("the blob was read");
  const age = async (layout: string): Promise<void> => {
    const folder = join(project, layout, "blobs", "sha256");
    const then = new Date(Date.now() - 11 * 60_000);
    for (const name of await readdir(folder)) await utimes(join(folder, name), then, then);
  };
  const blobs = async (layout: string): Promise<readonly string[]> => await readdir(join(project, layout, "blobs", "sha256"));

  it("has nothing where there is no folder", async () => {
    const layout = open("absent");
    assert.equal(await layout.headManifest("v1"), undefined);
    assert.deepEqual(await layout.listTags(), []);
    assert.deepEqual(await layout.deleteTag("v1"), { deleted: true });
    await assert.rejects(readAll(layout.readBlob(testBlob(Buffer.from("x")).descriptor)), { code: "not-found" });
    await assert.rejects(stat(join(project, "absent")), { code: "ENOENT" });
  });

  it("keeps an image under its tags, relative to the project", async () => {
    const image = testImage();
    await publishImage(open("kept"), image, "v1", "v2");
    const again = open("./kept/");
    assert.deepEqual(await again.getManifest("v1"), image.index);
    assert.deepEqual(await again.getManifest(image.manifest.digest), image.manifest);
    assert.deepEqual(await readAll(again.readBlob(image.layer.descriptor)), image.layer.bytes);
    assert.deepEqual(await again.listTags(), ["v1", "v2"]);
    assert.equal(await again.putBlob(image.layer.descriptor, never), "present");
    assert.deepEqual(JSON.parse(await readFile(join(project, "kept", "oci-layout"), "utf8")), { imageLayoutVersion: "1.0.0" });
  });

  it("moves a tag instead of naming it twice", async () => {
    const [one, two] = [testImage(1), testImage(2)];
    await publishImage(open("moved"), one, "v1");
    await publishImage(open("moved"), two, "v1");
    const index = JSON.parse(await readFile(join(project, "moved", "index.json"), "utf8")) as { manifests: unknown[] };
    assert.equal(index.manifests.length, 1);
    assert.equal((await open("moved").headManifest("v1"))?.digest, two.index.digest);
  });

  it("collects what a deleted tag alone reached, once it is ten minutes old", async () => {
    const [stays, goes] = [testImage(1), testImage(2)];
    await publishImage(open("collected"), stays, "stays");
    await publishImage(open("collected"), goes, "goes", "goes-too");
    await age("collected");
    const young = testBlob(Buffer.from("young"));
    await open("collected").putBlob(young.descriptor, young.source);
    await open("collected").deleteTag("goes");
    assert.equal((await blobs("collected")).length, 9);
    await open("collected").deleteTag("goes-too");
    const expected = [
      stays.index.digest,
      stays.manifest.digest,
      stays.layer.descriptor.digest,
      stays.config.descriptor.digest,
      young.descriptor.digest,
    ];
    assert.deepEqual((await blobs("collected")).toSorted(), expected.map(hexOf).toSorted());
  });

  // Issue 9: one such entry made the whole layout unreadable.
  it("carries entries along whose digest is not sha256, and says so where one of them is read", async () => {
    const [one, two] = [testImage(1), testImage(2)];
    await publishImage(open("sha512"), one, "v1");
    const path = join(project, "sha512", "index.json");
    const read = async (): Promise<{ manifests: unknown[] }> => JSON.parse(await readFile(path, "utf8")) as { manifests: unknown[] };
    const entry = (digest: string, tag: string): object => ({
      mediaType: OCI_INDEX,
      digest,
      size: 7,
      urls: ["https://mirror.example/"],
      annotations: { "org.opencontainers.image.ref.name": tag, "com.example.of": "others" },
    });
    const others = [entry(`sha512:${"0f".repeat(64)}`, "strong"), entry("sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564", "odd")];
    await writeFile(path, JSON.stringify({ ...(await read()), manifests: [...others, ...(await read()).manifests] }));
    assert.deepEqual(await open("sha512").getManifest("v1"), one.index);
    assert.deepEqual(await open("sha512").listTags(), ["odd", "strong", "v1"]);
    await publishImage(open("sha512"), two, "v2");
    await open("sha512").deleteTag("v1");
    assert.deepEqual((await read()).manifests.slice(0, 2), others);
    assert.equal((await read()).manifests.length, 3);
    for (const [tag, name] of [
      ["strong", "sha512:0f"],
      ["odd", "sha256\\+b64u:LCa0"],
    ] as const) {
      // prettier-ignore
      const refused = { code: "invalid", message: new RegExp(`tag "${tag}" of oci:sha512 names ${name}.*only sha256`), hint: /another tag/ };
      await assert.rejects(open("sha512").getManifest(tag), refused);
      await assert.rejects(open("sha512").headManifest(tag), refused);
    }
  });

  it("refuses an index.json with what is not a digest", async () => {
    await mkdir(join(project, "no-digest"));
    for (const digest of [
      "sha256:0f",
      `sha256:${"0F".repeat(32)}`,
      "sha512",
      "sha512:",
      ":0f",
      "SHA512:0f",
      "a b:0f",
      "sha512:0f/../x",
      7,
    ]) {
      await writeFile(join(project, "no-digest", "index.json"), JSON.stringify({ manifests: [{ digest, size: 1 }] }));
      await assert.rejects(open("no-digest").listTags(), { code: "invalid" }, String(digest));
    }
  });

  it("refuses a manifest whose parts are missing, at any depth", async () => {
    const image = testImage(3);
    const layout = open("incomplete");
    await assert.rejects(layout.putManifest(image.manifest.digest, image.manifest), { code: "rejected" });
    await publishImage(layout, image);
    await rm(join(project, "incomplete", "blobs", "sha256", hexOf(image.layer.descriptor.digest)));
    await assert.rejects(layout.putManifest("v1", image.index), { code: "rejected", message: new RegExp(image.layer.descriptor.digest) });
    assert.equal(await layout.headManifest("v1"), undefined);
  });

  it("refuses bytes that are not what they should be", async () => {
    const blob = testBlob(Buffer.from("right"));
    const layout = open("wrong");
    await assert.rejects(layout.putBlob(blob.descriptor, testBlob(Buffer.from("wrong")).source), { code: "mismatch" });
    assert.equal(await layout.hasBlob(blob.descriptor), false);
    assert.deepEqual(await readdir(join(project, "wrong", ".pulumi-dhi", "temporary")), []);
    await layout.putBlob(blob.descriptor, blob.source);
    await writeFile(join(project, "wrong", "blobs", "sha256", hexOf(blob.descriptor.digest)), "wrong");
    await assert.rejects(readAll(layout.readBlob(blob.descriptor)), { code: "mismatch" });
  });

  it("links a blob from another layout", async () => {
    const blob = testBlob(Buffer.from("linked"));
    await open("from").putBlob(blob.descriptor, blob.source);
    assert.equal(await open("to").putBlob(blob.descriptor, never, { kind: "layout", path: "from" }), "mounted");
    const inode = async (layout: string) => (await stat(join(project, layout, "blobs", "sha256", hexOf(blob.descriptor.digest)))).ino;
    assert.equal(await inode("to"), await inode("from"));
    const other = testBlob(Buffer.from("not there"));
    assert.equal(await open("to").putBlob(other.descriptor, other.source, { kind: "layout", path: "from" }), "uploaded");
  });

  it("never writes into a folder that is something else", async () => {
    const folder = join(project, "letters");
    await mkdir(folder);
    await writeFile(join(folder, "letter.txt"), "dear");
    const blob = testBlob(Buffer.from("x"));
    await assert.rejects(open("letters").putBlob(blob.descriptor, blob.source), { code: "conflict", message: /letter\.txt/ });
    assert.deepEqual(await readdir(folder), ["letter.txt"]);
  });

  it("keeps twenty tags that are put at once", async () => {
    const images = Array.from({ length: 20 }, () => testImage(50));
    await Promise.all(images.map((image, number) => publishImage(open("twenty"), image, `v${number}`)));
    const layout = open("twenty");
    for (const [number, image] of images.entries()) assert.deepEqual(await layout.getManifest(`v${number}`), image.index);
  });

  it("reads nested indexes by digest, and fields of others survive", async () => {
    const image = testImage(5);
    const layout = open("nested");
    await publishImage(layout, image);
    const outer = storedManifest(
      { schemaVersion: 2, manifests: [{ mediaType: OCI_INDEX, digest: image.index.digest, size: 1 }] },
      OCI_INDEX,
    );
    await layout.putManifest(outer.digest, outer);
    const entry = { mediaType: OCI_INDEX, digest: outer.digest, size: outer.bytes.byteLength, custom: 1 };
    await writeFile(
      join(project, "nested", "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: [entry], annotations: { a: "b" } }),
    );
    assert.deepEqual(await layout.getManifest(image.manifest.digest), image.manifest);
    assert.deepEqual(await layout.getManifest(outer.digest), outer);
    assert.deepEqual(await layout.listTags(), []);
    await layout.putManifest("v1", image.index);
    const index = JSON.parse(await readFile(join(project, "nested", "index.json"), "utf8")) as {
      manifests: unknown[];
      annotations: unknown;
    };
    assert.deepEqual(index.annotations, { a: "b" });
    assert.deepEqual(index.manifests[0], entry);
  });
});

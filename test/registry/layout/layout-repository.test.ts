import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { hexOf } from "../../../provider/image/digest.js";
import { OCI_INDEX } from "../../../provider/image/media-types.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect } from "../../support/expectations.js";
import { attach } from "../../support/images/referrer.js";
import { publishImage, readAll, storedManifest, testBlob, testImage } from "../../support/registries/images.js";

describe("a repository in a layout", () => {
  let project: string;
  before(async () => {
    project = await mkdtemp(join(tmpdir(), "dhi-layout-"));
  });
  after(() => rm(project, { recursive: true, force: true }));
  const open = (path: string): ImageRepository => openRepositories({ projectDirectory: project }).open({ kind: "layout", path });
  const never = () => expect.fail("the blob was read");
  const age = async (layout: string): Promise<void> => {
    const folder = join(project, layout, "blobs", "sha256");
    const then = new Date(Date.now() - 11 * 60_000);
    for (const name of await readdir(folder)) await utimes(join(folder, name), then, then);
  };
  const blobs = async (layout: string): Promise<readonly string[]> => await readdir(join(project, layout, "blobs", "sha256"));

  it("is empty when the folder does not exist", async () => {
    const layout = open("absent");
    expect(await layout.headManifest("v1")).to.equal(undefined);
    expect(await layout.listTags()).to.deep.equal([]);
    expect(await layout.deleteTag("v1")).to.deep.equal({ deleted: true });
    await expect(readAll(layout.readBlob(testBlob(Buffer.from("x")).descriptor))).to.be.rejectedWithError({ code: "not-found" });
    await expect(stat(join(project, "absent"))).to.be.rejectedWithError({ code: "ENOENT" });
  });

  it("stores an image under its tags, at a path relative to the project", async () => {
    const image = testImage();
    await publishImage(open("kept"), image, "v1", "v2");
    const again = open("./kept/");
    expect(await again.getManifest("v1")).to.deep.equal(image.index);
    expect(await again.getManifest(image.manifest.digest)).to.deep.equal(image.manifest);
    expect(await readAll(again.readBlob(image.layer.descriptor))).to.deep.equal(image.layer.bytes);
    expect(await again.listTags()).to.deep.equal(["v1", "v2"]);
    expect(await again.putBlob(image.layer.descriptor, never)).to.equal("present");
    expect(JSON.parse(await readFile(join(project, "kept", "oci-layout"), "utf8"))).to.deep.equal({ imageLayoutVersion: "1.0.0" });
  });

  it("removes a manifest that has no tag, such as a referrer, and leaves one that has", async () => {
    const layout = open("referred");
    const image = testImage();
    await publishImage(layout, image, "v1");
    const referrer = await attach(layout, image.index, "application/vnd.example");
    expect(await layout.listReferrers(image.index.digest)).to.deep.equal([referrer.digest]);
    expect(await layout.deleteManifest(referrer.digest)).to.deep.equal({ deleted: true });
    expect(await layout.listReferrers(image.index.digest)).to.deep.equal([]);
    expect(await layout.deleteManifest(referrer.digest)).to.deep.equal({ deleted: true });
    await layout.deleteManifest(image.index.digest);
    expect(await layout.getManifest("v1")).to.deep.equal(image.index);
  });

  it("moves a tag instead of adding a second entry", async () => {
    const [one, two] = [testImage(1), testImage(2)];
    await publishImage(open("moved"), one, "v1");
    await publishImage(open("moved"), two, "v1");
    const index = JSON.parse(await readFile(join(project, "moved", "index.json"), "utf8")) as { manifests: unknown[] };
    expect(index.manifests.length).to.equal(1);
    expect((await open("moved").headManifest("v1"))?.digest).to.equal(two.index.digest);
  });

  it("removes blobs that only a deleted tag reached once they are ten minutes old", async () => {
    const [stays, goes] = [testImage(1), testImage(2)];
    await publishImage(open("collected"), stays, "stays");
    await publishImage(open("collected"), goes, "goes", "goes-too");
    await age("collected");
    const young = testBlob(Buffer.from("young"));
    await open("collected").putBlob(young.descriptor, young.source);
    await open("collected").deleteTag("goes");
    expect((await blobs("collected")).length).to.equal(9);
    await open("collected").deleteTag("goes-too");
    const expected = [
      stays.index.digest,
      stays.manifest.digest,
      stays.layer.descriptor.digest,
      stays.config.descriptor.digest,
      young.descriptor.digest,
    ];
    expect((await blobs("collected")).toSorted()).to.deep.equal(expected.map(hexOf).toSorted());
  });

  // Issue 9: one such entry made the whole layout unreadable.
  it("keeps entries whose digest is not sha256, and refuses to read them", async () => {
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
    expect(await open("sha512").getManifest("v1")).to.deep.equal(one.index);
    expect(await open("sha512").listTags()).to.deep.equal(["odd", "strong", "v1"]);
    await publishImage(open("sha512"), two, "v2");
    await open("sha512").deleteTag("v1");
    expect((await read()).manifests.slice(0, 2)).to.deep.equal(others);
    expect((await read()).manifests.length).to.equal(3);
    for (const [tag, name] of [
      ["strong", "sha512:0f"],
      ["odd", "sha256\\+b64u:LCa0"],
    ] as const) {
      // prettier-ignore
      const refused = { code: "invalid", message: new RegExp(`tag "${tag}" of oci:sha512 has the digest ${name}.*only sha256`), hint: /another tag/ };
      await expect(open("sha512").getManifest(tag)).to.be.rejectedWithError(refused);
      await expect(open("sha512").headManifest(tag)).to.be.rejectedWithError(refused);
    }
  });

  it("rejects an index.json with an invalid digest", async () => {
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
      await expect(open("no-digest").listTags(), String(digest)).to.be.rejectedWithError({ code: "invalid" });
    }
  });

  it("rejects a manifest whose parts are missing at any depth", async () => {
    const image = testImage(3);
    const layout = open("incomplete");
    await expect(layout.putManifest(image.manifest.digest, image.manifest)).to.be.rejectedWithError({ code: "rejected" });
    await publishImage(layout, image);
    await rm(join(project, "incomplete", "blobs", "sha256", hexOf(image.layer.descriptor.digest)));
    await expect(layout.putManifest("v1", image.index)).to.be.rejectedWithError({
      code: "rejected",
      message: new RegExp(image.layer.descriptor.digest),
    });
    expect(await layout.headManifest("v1")).to.equal(undefined);
  });

  it("rejects a blob whose bytes do not match its digest", async () => {
    const blob = testBlob(Buffer.from("right"));
    const layout = open("wrong");
    await expect(layout.putBlob(blob.descriptor, testBlob(Buffer.from("wrong")).source)).to.be.rejectedWithError({ code: "mismatch" });
    expect(await layout.hasBlob(blob.descriptor)).to.equal(false);
    expect(await readdir(join(project, "wrong", ".pulumi-dhi", "temporary"))).to.deep.equal([]);
    await layout.putBlob(blob.descriptor, blob.source);
    await writeFile(join(project, "wrong", "blobs", "sha256", hexOf(blob.descriptor.digest)), "wrong");
    await expect(readAll(layout.readBlob(blob.descriptor))).to.be.rejectedWithError({ code: "mismatch" });
  });

  it("hard-links a blob of another layout", async () => {
    const blob = testBlob(Buffer.from("linked"));
    await open("from").putBlob(blob.descriptor, blob.source);
    expect(await open("to").putBlob(blob.descriptor, never, { kind: "layout", path: "from" })).to.equal("mounted");
    const inode = async (layout: string) => (await stat(join(project, layout, "blobs", "sha256", hexOf(blob.descriptor.digest)))).ino;
    expect(await inode("to")).to.equal(await inode("from"));
    const other = testBlob(Buffer.from("not there"));
    expect(await open("to").putBlob(other.descriptor, other.source, { kind: "layout", path: "from" })).to.equal("uploaded");
  });

  it("does not write into a folder that is not a layout", async () => {
    const folder = join(project, "letters");
    await mkdir(folder);
    await writeFile(join(folder, "letter.txt"), "dear");
    const blob = testBlob(Buffer.from("x"));
    await expect(open("letters").putBlob(blob.descriptor, blob.source)).to.be.rejectedWithError({
      code: "conflict",
      message: /letter\.txt/,
    });
    expect(await readdir(folder)).to.deep.equal(["letter.txt"]);
  });

  it("keeps twenty tags that are put concurrently", async () => {
    const images = Array.from({ length: 20 }, () => testImage(50));
    await Promise.all(images.map((image, number) => publishImage(open("twenty"), image, `v${number}`)));
    const layout = open("twenty");
    for (const [number, image] of images.entries()) expect(await layout.getManifest(`v${number}`)).to.deep.equal(image.index);
  });

  it("reads nested indexes by digest and keeps unknown fields", async () => {
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
    expect(await layout.getManifest(image.manifest.digest)).to.deep.equal(image.manifest);
    expect(await layout.getManifest(outer.digest)).to.deep.equal(outer);
    expect(await layout.listTags()).to.deep.equal([]);
    await layout.putManifest("v1", image.index);
    const index = JSON.parse(await readFile(join(project, "nested", "index.json"), "utf8")) as {
      manifests: unknown[];
      annotations: unknown;
    };
    expect(index.annotations).to.deep.equal({ a: "b" });
    expect(index.manifests[0]).to.deep.equal(entry);
  });
});

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, describe, it } from "mocha";
import { hexOf } from "../../../provider/image/digest.js";
import { MAX_INDEX } from "../../../provider/registry/layout/index-file.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect } from "../../support/expectations.js";
import { publishImage, readAll, testBlob, testImage } from "../../support/registries/images.js";

const old = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000);

// Issue 9, item 2: anyone who can create a layout can put links into it.
describe("links in a layout", () => {
  let project: string;
  before(async () => {
    project = await mkdtemp(join(tmpdir(), "dhi-layout-links-"));
  });
  after(() => rm(project, { recursive: true, force: true }));
  const open = (path: string): ImageRepository => openRepositories({ projectDirectory: project }).open({ kind: "layout", path });
  const blobs = (layout: string): string => join(project, layout, "blobs", "sha256");

  /** A folder of documents, some with names that pulumi-dhi uses itself. */
  const documents = async (name: string): Promise<{ readonly path: string; readonly intact: () => Promise<void> }> => {
    const path = join(project, name);
    await mkdir(path);
    const names = ["thesis.tex", "index.json", `12-${randomUUID()}`, "a".repeat(64)].toSorted();
    for (const document of names) {
      await writeFile(join(path, document), "precious");
      await utimes(join(path, document), old, old);
    }
    const intact = async (): Promise<void> => {
      expect((await readdir(path)).toSorted()).to.deep.equal(names);
      for (const document of names) expect(await readFile(join(path, document), "utf8")).to.equal("precious");
    };
    return { path, intact };
  };

  for (const [number, name] of [".pulumi-dhi", ".pulumi-dhi/temporary", ".pulumi-dhi/written", "blobs", "blobs/sha256"].entries()) {
    it(`are not followed: nothing is removed or written through ${name}`, async () => {
      const layout = `hostile-${String(number)}`;
      const { path, intact } = await documents(`documents-${String(number)}`);
      await publishImage(open(layout), testImage(10), "v1");
      await rm(join(project, layout, name), { recursive: true, force: true });
      await mkdir(join(project, layout, name, ".."), { recursive: true });
      await symlink(path, join(project, layout, name));
      await expect(publishImage(open(layout), testImage(10), "v2")).to.be.rejectedWithError({
        code: "conflict",
        message: new RegExp(`/${name} in the layout is a symbolic link`),
        hint: /remove it/,
      });
      await open(layout)
        .deleteTag("v1")
        .catch(() => undefined);
      await intact();
    });
  }

  it("are followed at the path of the layout itself, which the user declares", async () => {
    await mkdir(join(project, "disk"));
    await symlink("disk", join(project, "linked"));
    const image = testImage(10);
    await publishImage(open("linked"), image, "v1");
    expect(await open("disk").getManifest("v1")).to.deep.equal(image.index);
  });

  it("in place of index.json are replaced, and their target is kept", async () => {
    await publishImage(open("index"), testImage(10), "v1");
    const target = join(project, "theirs.json");
    await rename(join(project, "index", "index.json"), target);
    await symlink(target, join(project, "index", "index.json"));
    const text = await readFile(target, "utf8");
    await publishImage(open("index"), testImage(10), "v2");
    expect(await readFile(target, "utf8")).to.equal(text);
    expect(await open("index").listTags()).to.deep.equal(["v1", "v2"]);
  });

  it("in place of a blob are copied, not hard-linked, into another layout", async () => {
    const image = testImage(1000);
    await publishImage(open("bazel"), image, "v1");
    await mkdir(join(project, "store"));
    for (const name of await readdir(blobs("bazel"))) {
      await rename(join(blobs("bazel"), name), join(project, "store", name));
      await symlink(join(project, "store", name), join(blobs("bazel"), name));
    }
    expect(await open("bazel").getManifest("v1")).to.deep.equal(image.index);
    const { descriptor, bytes, source } = image.layer;
    expect(await open("deep/out").putBlob(descriptor, source, { kind: "layout", path: "bazel" })).to.equal("uploaded");
    expect((await lstat(join(blobs("deep/out"), hexOf(descriptor.digest)))).isFile()).to.equal(true);
    await writeFile(join(project, "store", hexOf(descriptor.digest)), "changed later");
    expect(await readAll(open("deep/out").readBlob(descriptor))).to.deep.equal(bytes);
  });

  it("in place of a blob of the destination are replaced by a file, and their target is kept", async () => {
    const blob = testBlob(Buffer.from("linked"));
    await publishImage(open("replaced"), testImage(10), "v1");
    const target = join(project, "target");
    await writeFile(target, "LINKED");
    await symlink(target, join(blobs("replaced"), hexOf(blob.descriptor.digest)));
    expect(await open("replaced").putBlob(blob.descriptor, blob.source)).to.equal("uploaded");
    expect(await readFile(join(blobs("replaced"), hexOf(blob.descriptor.digest)), "utf8")).to.equal("linked");
    expect(await readFile(target, "utf8")).to.equal("LINKED");
  });

  // Reading a device or a pipe may never end.
  for (const [what, make] of Object.entries({
    "a device": (path: string) => symlink("/dev/zero", path),
    "a pipe": (path: string) => promisify(execFile)("mkfifo", [path]).then(() => undefined),
  })) {
    it(`that lead to ${what} are not read`, async () => {
      const layout = what.replace(" ", "-");
      const image = testImage(10);
      await publishImage(open(layout), image, "v1");
      await publishImage(open(layout), testImage(11), "v2");
      const path = join(blobs(layout), hexOf(image.layer.descriptor.digest));
      await rm(path);
      await make(path);
      await expect(readAll(open(layout).readBlob(image.layer.descriptor))).to.be.rejectedWithError({ code: "not-found" });
      expect(await open(layout).deleteTag("v2")).to.deep.equal({ deleted: true });
      await rm(join(project, layout, "index.json"));
      await make(join(project, layout, "index.json"));
      await expect(open(layout).getManifest("v1")).to.be.rejectedWithError({ code: "invalid", message: /index\.json of .* is not a file/ });
    });
  }

  it("or files in place of index.json are not read beyond the size limit", async () => {
    await publishImage(open("long"), testImage(10), "v1");
    const path = join(project, "long", "index.json");
    const text = await readFile(path);
    await writeFile(path, Buffer.concat([text, Buffer.alloc(MAX_INDEX - text.length, " ")]));
    expect(await open("long").listTags()).to.deep.equal(["v1"]);
    await writeFile(path, Buffer.concat([text, Buffer.alloc(MAX_INDEX - text.length + 1, " ")]));
    await expect(open("long").listTags()).to.be.rejectedWithError({ code: "limit" });
  });

  it("that are hard are created only for files that no one else can write to", async () => {
    const shared = testBlob(Buffer.from("others may write to it"));
    await open("from").putBlob(shared.descriptor, shared.source);
    const path = join(blobs("from"), hexOf(shared.descriptor.digest));
    await chmod(path, 0o664);
    expect(await open("to").putBlob(shared.descriptor, shared.source, { kind: "layout", path: "from" })).to.equal("uploaded");
    expect((await lstat(path)).nlink).to.equal(1);
    expect(await readdir(join(project, "to", ".pulumi-dhi", "temporary"))).to.deep.equal([]);
    if (process.getuid?.() !== 0) return;
    await chmod(path, 0o644);
    await chown(path, 4242, 4242);
    expect(await open("to-2").putBlob(shared.descriptor, shared.source, { kind: "layout", path: "from" })).to.equal("uploaded");
  });

  it("and other names in its own folders are kept when old temporary files are swept", async () => {
    // A process that was killed while it locked the layout leaves files in the first one.
    const folders = [join(project, "swept", ".pulumi-dhi"), join(project, "swept", ".pulumi-dhi", "temporary")];
    const [gone, kept, young, inner] = [`11-${randomUUID()}`, "thesis.tex", `12-${randomUUID()}`, `13-${randomUUID()}`];
    for (const folder of folders) {
      await mkdir(join(folder, inner), { recursive: true });
      await writeFile(join(folder, young), "x");
      for (const name of [gone, kept]) {
        await writeFile(join(folder, name), "x");
        await utimes(join(folder, name), old, old);
      }
    }
    await publishImage(open("swept"), testImage(10), "v1");
    for (const [number, folder] of folders.entries()) {
      const own = number === 0 ? ["temporary", "written"] : [];
      expect((await readdir(folder)).toSorted()).to.deep.equal([kept, young, inner, ...own].toSorted());
    }
  });
});

import { strict as assert } from "node:assert";
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { hexOf } from "../../../provider/image/digest.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { publishImage, readAll, testImage } from "../../support/registries/images.js";
import { findProgram, startDockerRegistry } from "../../support/registries/index.js";
import { putTagsScript } from "../remote/put-tags.js";

const run = promisify(execFile);

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-layouts-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

const layout = (projectDirectory: string, path: string, signal?: AbortSignal): ImageRepository =>
  openRepositories({ projectDirectory, ...(signal === undefined ? {} : { signal }) }).open({ kind: "layout", path });

describe("a layout", () => {
  it("is read by skopeo, and read after skopeo wrote it", async (t) => {
    const project = await folder(t);
    const image = testImage();
    await publishImage(layout(project, "ours"), image, "v1");
    const { stdout } = await run("skopeo", ["inspect", "--raw", `oci:${join(project, "ours")}:v1`]);
    assert.equal(stdout, image.index.bytes.toString());
    const registry = await startDockerRegistry();
    t.after(registry.stop);
    const copy = ["copy", "--quiet", "--all", "--preserve-digests", "--dest-tls-verify=false", "--src-tls-verify=false"];
    await run("skopeo", [...copy, `oci:${join(project, "ours")}:v1`, `docker://${registry.host}/acme/app:v1`]);
    await run("skopeo", [...copy, `docker://${registry.host}/acme/app:v1`, `oci:${join(project, "theirs")}:v2`]);
    const theirs = layout(project, "theirs");
    assert.deepEqual(await theirs.getManifest("v2"), image.index);
    assert.deepEqual(await theirs.getManifest(image.manifest.digest), image.manifest);
    assert.deepEqual(await readAll(theirs.readBlob(image.layer.descriptor)), image.layer.bytes);
  });

  it("is read after crane wrote it without tags", { skip: findProgram("crane") === undefined && "no crane in DHI_TOOLS" }, async (t) => {
    const project = await folder(t);
    const registry = await startDockerRegistry();
    t.after(registry.stop);
    const image = testImage();
    await publishImage(
      openRepositories({ projectDirectory: project }).open({ kind: "registry", host: registry.host, name: "acme/app" }),
      image,
      "v1",
    );
    await run(findProgram("crane") ?? "", ["pull", "--format", "oci", `${registry.host}/acme/app:v1`, join(project, "crane")]);
    const found = await layout(project, "crane").getManifest(image.index.digest);
    assert.deepEqual(found, image.index);
    assert.deepEqual(await layout(project, "crane").getManifest(image.manifest.digest), image.manifest);
  });
});

describe("a layout with concurrent processes", () => {
  it("keeps the tags of six processes that put five each", async (t) => {
    const project = await folder(t);
    await Promise.all(
      Array.from({ length: 6 }, (_, number) => run(process.execPath, [putTagsScript, project, "shared", `p${number}`, "5"])),
    );
    const shared = layout(project, "shared");
    const tags = await shared.listTags();
    assert.equal(tags.length, 30);
    for (const tag of tags) assert.notEqual(await shared.getManifest(tag), undefined);
  });

  it("breaks the lock of a killed process without waiting until it is stale", async (t) => {
    const project = await folder(t);
    await publishImage(layout(project, "stale"), testImage(10), "v1");
    const lock = join(project, "stale", ".pulumi-dhi", "lock");
    const hold = `require(process.argv[1]).withFileLock(process.argv[2], { what: "it" }, () => new Promise(() => setInterval(() => console.log("held"), 10)))`;
    const holder = spawn(process.execPath, ["-e", hold, require.resolve("../../../provider/registry/layout/file-lock.js"), lock]);
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const gone = new Promise((resolve) => holder.once("exit", resolve));
    holder.kill("SIGKILL");
    await gone;
    assert.match(await readFile(lock, "utf8"), /"pid"/);
    // Half the age at which a lock that is not renewed is stale.
    await publishImage(layout(project, "stale", AbortSignal.timeout(30_000)), testImage(10), "v2");
    assert.deepEqual(await layout(project, "stale").listTags(), ["v1", "v2"]);
    await assert.rejects(readFile(lock), { code: "ENOENT" });
  });

  it("waits for the lock of a running process until it is cancelled, and leaves the lock", async (t) => {
    const project = await folder(t);
    const image = testImage(10);
    await publishImage(layout(project, "held"), image, "v1");
    await mkdir(join(project, "held", ".pulumi-dhi"), { recursive: true });
    const lock = join(project, "held", ".pulumi-dhi", "lock");
    const content = JSON.stringify({ pid: process.ppid, host: hostname(), token: "theirs" });
    await writeFile(lock, content);
    const signal = AbortSignal.timeout(300);
    await assert.rejects(layout(project, "held", signal).putManifest("v2", image.index), {
      code: "cancelled",
      message: /lock of the layout/,
    });
    assert.equal(await readFile(lock, "utf8"), content);
    assert.deepEqual(await layout(project, "held").listTags(), ["v1"]);
  });

  it("is read while another writer changes it", async (t) => {
    const project = await folder(t);
    const image = testImage(10);
    await publishImage(layout(project, "busy"), image, "v1");
    const writer = layout(project, "busy");
    const writing = Promise.all(Array.from({ length: 30 }, (_, number) => writer.putManifest(`t${number}`, image.index)));
    for (let reads = 0; reads < 200; reads += 1) {
      assert.equal((await layout(project, "busy").getManifest("v1"))?.digest, image.index.digest);
    }
    await writing;
    assert.ok((await readFile(join(project, "busy", "blobs", "sha256", hexOf(image.index.digest)))).equals(image.index.bytes));
  });
});

import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "mocha";
import { hexOf } from "../../../provider/image/digest.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect } from "../../support/expectations.js";
import { publishImage, readAll, testImage } from "../../support/registries/images.js";
import { findProgram, startDockerRegistry } from "../../support/registries/index.js";
import { cleanup } from "../../support/running-test.js";
import { testUnless } from "../../support/skips.js";
import { putTagsScript } from "../remote/put-tags.js";

const run = promisify(execFile);

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-layouts-"));
  cleanup(() => rm(path, { recursive: true, force: true }));
  return path;
}

const layout = (projectDirectory: string, path: string, signal?: AbortSignal): ImageRepository =>
  openRepositories({ projectDirectory, ...(signal === undefined ? {} : { signal }) }).open({ kind: "layout", path });

describe("a layout", () => {
  it("is read by skopeo, and read after skopeo wrote it", async () => {
    const project = await folder();
    const image = testImage();
    await publishImage(layout(project, "ours"), image, "v1");
    const { stdout } = await run("skopeo", ["inspect", "--raw", `oci:${join(project, "ours")}:v1`]);
    expect(stdout).to.equal(image.index.bytes.toString());
    const registry = await startDockerRegistry();
    cleanup(registry.stop);
    const copy = ["copy", "--quiet", "--all", "--preserve-digests", "--dest-tls-verify=false", "--src-tls-verify=false"];
    await run("skopeo", [...copy, `oci:${join(project, "ours")}:v1`, `docker://${registry.host}/acme/app:v1`]);
    await run("skopeo", [...copy, `docker://${registry.host}/acme/app:v1`, `oci:${join(project, "theirs")}:v2`]);
    const theirs = layout(project, "theirs");
    expect(await theirs.getManifest("v2")).to.deep.equal(image.index);
    expect(await theirs.getManifest(image.manifest.digest)).to.deep.equal(image.manifest);
    expect(await readAll(theirs.readBlob(image.layer.descriptor))).to.deep.equal(image.layer.bytes);
  });

  it(
    "are read from crane, which names no tags",
    testUnless(findProgram("crane") === undefined && "no crane in DHI_TOOLS", async () => {
      const project = await folder();
      const registry = await startDockerRegistry();
      cleanup(registry.stop);
      const image = testImage();
      await publishImage(
        openRepositories({ projectDirectory: project }).open({ kind: "registry", host: registry.host, name: "acme/app" }),
        image,
        "v1",
      );
      await run(findProgram("crane") ?? "", ["pull", "--format", "oci", `${registry.host}/acme/app:v1`, join(project, "crane")]);
      const found = await layout(project, "crane").getManifest(image.index.digest);
      expect(found).to.deep.equal(image.index);
      expect(await layout(project, "crane").getManifest(image.manifest.digest)).to.deep.equal(image.manifest);
    }),
  );
});

describe("a layout with concurrent processes", () => {
  it("keeps the tags of six processes that put five each", async () => {
    const project = await folder();
    await Promise.all(
      Array.from({ length: 6 }, (_, number) => run(process.execPath, [putTagsScript, project, "shared", `p${number}`, "5"])),
    );
    const shared = layout(project, "shared");
    const tags = await shared.listTags();
    expect(tags.length).to.equal(30);
    for (const tag of tags) expect(await shared.getManifest(tag)).to.not.equal(undefined);
  });

  it("breaks the lock of a killed process without waiting until it is stale", async () => {
    const project = await folder();
    await publishImage(layout(project, "stale"), testImage(10), "v1");
    const lock = join(project, "stale", ".pulumi-dhi", "lock");
    const hold = `require(process.argv[1]).withFileLock(process.argv[2], { what: "it" }, () => new Promise(() => setInterval(() => console.log("held"), 10)))`;
    const holder = spawn(process.execPath, ["-e", hold, require.resolve("../../../provider/cache/file-lock.js"), lock]);
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const gone = new Promise((resolve) => holder.once("exit", resolve));
    holder.kill("SIGKILL");
    await gone;
    expect(await readFile(lock, "utf8")).to.match(/"pid"/);
    // Half the age at which a lock that is not renewed is stale.
    await publishImage(layout(project, "stale", AbortSignal.timeout(30_000)), testImage(10), "v2");
    expect(await layout(project, "stale").listTags()).to.deep.equal(["v1", "v2"]);
    await expect(readFile(lock)).to.be.rejectedWithError({ code: "ENOENT" });
  });

  it("waits for the lock of a running process until it is cancelled, and leaves the lock", async () => {
    const project = await folder();
    const image = testImage(10);
    await publishImage(layout(project, "held"), image, "v1");
    await mkdir(join(project, "held", ".pulumi-dhi"), { recursive: true });
    const lock = join(project, "held", ".pulumi-dhi", "lock");
    const content = JSON.stringify({ pid: process.ppid, host: hostname(), token: "theirs" });
    await writeFile(lock, content);
    const signal = AbortSignal.timeout(300);
    await expect(layout(project, "held", signal).putManifest("v2", image.index)).to.be.rejectedWithError({
      code: "cancelled",
      message: /lock of the layout/,
    });
    expect(await readFile(lock, "utf8")).to.equal(content);
    expect(await layout(project, "held").listTags()).to.deep.equal(["v1"]);
  });

  it("is read while another writer changes it", async () => {
    const project = await folder();
    const image = testImage(10);
    await publishImage(layout(project, "busy"), image, "v1");
    const writer = layout(project, "busy");
    const writing = Promise.all(Array.from({ length: 30 }, (_, number) => writer.putManifest(`t${number}`, image.index)));
    for (let reads = 0; reads < 200; reads += 1) {
      expect((await layout(project, "busy").getManifest("v1"))?.digest).to.equal(image.index.digest);
    }
    await writing;
    expect((await readFile(join(project, "busy", "blobs", "sha256", hexOf(image.index.digest)))).equals(image.index.bytes)).to.equal(true);
  });
});

import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { buildArchive, type ArchiveFiles } from "../support/archives/archive.js";
import type { DebSpec } from "../support/archives/deb.js";
import { makeKey, type ArchiveKey } from "../support/archives/keys.js";
import { serveArchive, type ServedArchive } from "../support/archives/serve.js";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";

const release = "dists/bookworm/InRelease";

describe("packages through the engine", { skip: skipWithoutEngine }, () => {
  let stage: Stage;
  let key: ArchiveKey;
  let archive: ServedArchive;
  const files: ArchiveFiles = new Map();
  const stock = async (version: string, date = "2025-12-01"): Promise<void> => {
    const main = ["amd64", "arm64"].map((architecture): DebSpec => ({
      name: "tool",
      version,
      architecture,
      files: [{ name: "usr/bin/tool", data: version, mode: 0o755 }],
    }));
    const built = await buildArchive([{ suite: "bookworm", packages: { main }, keys: [key], date: new Date(date) }]);
    files.clear();
    for (const [path, bytes] of built) files.set(path, bytes);
  };
  const declare = (opts: object = {}, packages: readonly string[] = ["tool"]): Promise<void> => {
    const platforms = ["linux/amd64", "linux/arm64"];
    const packageSources = [{ url: archive.url, keys: [key.armored] }];
    const image = { repository: stage.at("made"), tag: "1", distribution: "debian:bookworm", platforms, packages, packageSources };
    return stage.declare({ made: { type: "OciArtifact", ...image, opts } });
  };
  const versions = (): unknown => {
    const [made] = stage.project.state().resources;
    return (made?.outputs["resolution"] as { readonly packages: unknown } | undefined)?.packages;
  };
  const both = (version: string) => ({ "linux/amd64": { tool: version }, "linux/arm64": { tool: version } });

  before(async () => {
    key = await makeKey("archive");
    archive = await serveArchive(files);
    await stock("1.0-1");
    stage = await openStage();
    await declare();
  });
  after(async () => {
    await stage.close();
    await archive.stop();
  });

  it("show versions, archives and the digest that up pushes in preview", async () => {
    const preview = await stage.project.preview();
    assert.equal(preview.code, 0, preview.text);
    const promised = preview.step("made").inputs;
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(await stage.registry.digestOf("acme/made", "1"), promised["digest"]);
    assert.deepEqual(versions(), both("1.0-1"));
    const [used] = promised["archives"] as readonly { readonly url: string; readonly suite: string; readonly origin: string }[];
    assert.deepEqual([used?.url, used?.suite, used?.origin], [archive.url, "bookworm", "packageSources"]);
  });

  it("fetch only one release file and no blobs when nothing changed", async () => {
    stage.project.emptyCache();
    archive.requests.splice(0);
    stage.registry.seen();
    const up = await stage.project.up({ flags: ["--expect-no-changes"] });
    assert.equal(up.code, 0, up.text);
    assert.deepEqual([...archive.requests], [release]);
    assert.deepEqual(
      stage.registry.seen().filter((request) => !/^(?:HEAD|GET) \/v2\/(?:acme\/made\/manifests\/1)?$/.test(request)),
      [],
    );
  });

  it("learn a new release file without new versions without an update", async () => {
    await stock("1.0-1", "2026-01-01");
    stage.project.emptyCache();
    const up = await stage.project.up({ flags: ["--expect-no-changes"] });
    assert.equal(up.code, 0, up.text);
    assert.ok(archive.requests.length > 1, "indexes were read");
    stage.project.emptyCache();
    archive.requests.splice(0);
    const again = await stage.project.up({ flags: ["--expect-no-changes"] });
    assert.equal(again.code, 0, again.text);
    assert.deepEqual([...archive.requests], [release]);
    const refresh = await stage.project.refresh({ flags: ["--expect-no-changes"] });
    assert.equal(refresh.code, 0, refresh.text);
    assert.equal((await stage.project.preview({ flags: ["--expect-no-changes"] })).code, 0);
  });

  it("leave unchanged images as they are when an archive is unavailable, with a line on the row", async () => {
    archive.fail(503);
    const up = await stage.project.up({ flags: ["--expect-no-changes"] });
    await declare({}, ["tool", "more"]);
    const changed = await stage.project.preview();
    archive.fail();
    await declare();
    assert.equal(up.code, 0, up.text);
    assert.match(up.row("made").join("\n"), /^kept as it is: .*answered 503/m);
    assert.notEqual(changed.code, 0);
    assert.ok(changed.text.includes(new URL(archive.url).host), changed.text);
  });

  it("update in place for a patched package; ignoreChanges holds it back", async () => {
    await stock("1.0-1+deb12u1", "2026-01-02");
    await declare({ ignoreChanges: ["resolution"] });
    assert.equal((await stage.project.up({ flags: ["--expect-no-changes"] })).code, 0);
    assert.deepEqual(versions(), both("1.0-1"));
    await declare();
    const up = await stage.project.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.ops, { made: "update" });
    assert.deepEqual(up.step("made").inputs["reasons"], ["the package tool moved from 1.0-1 to 1.0-1+deb12u1"]);
    assert.deepEqual(versions(), both("1.0-1+deb12u1"));
  });
});

import { after, before, describe, it } from "mocha";
import { buildArchive, type ArchiveFiles } from "../support/archives/archive.js";
import type { DebSpec } from "../support/archives/deb.js";
import { makeKey, type ArchiveKey } from "../support/archives/keys.js";
import { serveArchive, type ServedArchive } from "../support/archives/serve.js";
import { openStage, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

const release = "dists/bookworm/InRelease";

describe(
  "packages through the engine",
  suiteUnless(skipWithoutEngine, () => {
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
      expect(preview.code, preview.text).to.equal(0);
      const promised = preview.step("made").inputs;
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(await stage.registry.digestOf("acme/made", "1")).to.equal(promised["digest"]);
      expect(versions()).to.deep.equal(both("1.0-1"));
      const [used] = promised["archives"] as readonly { readonly url: string; readonly suite: string; readonly origin: string }[];
      expect([used?.url, used?.suite, used?.origin]).to.deep.equal([archive.url, "bookworm", "packageSources"]);
    });

    it("fetch only one release file and no blobs when nothing changed", async () => {
      stage.project.emptyCache();
      archive.requests.splice(0);
      stage.registry.seen();
      const up = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(up.code, up.text).to.equal(0);
      expect([...archive.requests]).to.deep.equal([release]);
      expect(stage.registry.seen().filter((request) => !/^(?:HEAD|GET) \/v2\/(?:acme\/made\/manifests\/1)?$/.test(request))).to.deep.equal(
        [],
      );
    });

    it("learn a new release file without new versions without an update", async () => {
      await stock("1.0-1", "2026-01-01");
      stage.project.emptyCache();
      const up = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(up.code, up.text).to.equal(0);
      expect(archive.requests.length, "indexes were read").to.be.above(1);
      stage.project.emptyCache();
      archive.requests.splice(0);
      const again = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
      expect([...archive.requests]).to.deep.equal([release]);
      const refresh = await stage.project.refresh({ flags: ["--expect-no-changes"] });
      expect(refresh.code, refresh.text).to.equal(0);
      expect((await stage.project.preview({ flags: ["--expect-no-changes"] })).code).to.equal(0);
    });

    it("leave unchanged images as they are when an archive is unavailable, with a line on the row", async () => {
      archive.fail(503);
      const up = await stage.project.up({ flags: ["--expect-no-changes"] });
      await declare({}, ["tool", "more"]);
      const changed = await stage.project.preview();
      archive.fail();
      await declare();
      expect(up.code, up.text).to.equal(0);
      expect(up.row("made").join("\n")).to.match(/^kept unchanged: .*answered 503/m);
      expect(changed.code).to.not.equal(0);
      expect(changed.text, changed.text).to.include(new URL(archive.url).host);
    });

    it("update in place for a patched package; ignoreChanges holds it back", async () => {
      await stock("1.0-1+deb12u1", "2026-01-02");
      await declare({ ignoreChanges: ["resolution"] });
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
      expect(versions()).to.deep.equal(both("1.0-1"));
      await declare();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ made: "update" });
      expect(up.step("made").inputs["reasons"]).to.deep.equal(["tool: 1.0-1 → 1.0-1+deb12u1"]);
      expect(versions()).to.deep.equal(both("1.0-1+deb12u1"));
    });
  }),
);

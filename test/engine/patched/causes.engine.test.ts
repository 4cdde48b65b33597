import { after, before, describe, it } from "mocha";
import { shortDigest } from "../../../provider/image/digest.js";
import { buildArchive, type ArchiveFiles } from "../../support/archives/archive.js";
import type { DebSpec } from "../../support/archives/deb.js";
import { makeKey, type ArchiveKey } from "../../support/archives/keys.js";
import { serveArchive, type ServedArchive } from "../../support/archives/serve.js";
import { openStage, skipWithoutEngine, type Stage } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { suiteUnless } from "../../support/skips.js";

const release = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';

/** A package of the base, as dpkg's database has it. */
const installed = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\nDescription: it\n\n`;

/** Versions of the archive by name; `tool` needs `libtool`. */
type Versions = Readonly<Record<"libssl3" | "libtool" | "tool", string>>;

// Base and range: see hold.engine.test.ts and range.engine.test.ts.
describe(
  "why an image is built again",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    let key: ArchiveKey;
    let archive: ServedArchive;
    const files: ArchiveFiles = new Map();
    let date = 0;

    const stock = async (versions: Versions): Promise<void> => {
      const main = Object.entries(versions).map(([name, version]): DebSpec => {
        const fields = name === "tool" ? { Depends: "libtool" } : {};
        return { name, version, architecture: "amd64", fields, files: [{ name: `usr/share/${name}`, data: version }] };
      });
      const built = await buildArchive([{ suite: "bookworm", packages: { main }, keys: [key], date: new Date(Date.UTC(2026, 0, ++date)) }]);
      files.clear();
      for (const [path, bytes] of built) files.set(path, bytes);
    };
    const putBase = async (libssl3: string): Promise<string> => {
      const status = installed("base-files", "12.4") + installed("libssl3", libssl3);
      const tar = layerTar([file("etc/os-release", release), file("var/lib/dpkg/status", status), file("usr/share/libssl3", libssl3)]);
      const image = makeImage({ platforms: [{ platform: "linux/amd64", layers: [{ tar }] }] });
      await putImage(stage.registry.open("acme/debian"), image, "12");
      return image.top.digest;
    };
    const putFiles = async (content: string, other: string): Promise<string> => {
      const tar = layerTar([file("opt/tool", content), file("opt/other", other)]);
      const image = makeImage({ platforms: [{ platform: "linux/amd64", layers: [{ tar }] }] });
      await putImage(stage.registry.open("acme/files"), image, "1");
      return image.top.digest;
    };
    /** Previews, and brings up what preview promised. Returns the reasons of what is updated. */
    const next = async (): Promise<Readonly<Record<string, unknown>>> => {
      const preview = await stage.project.preview();
      expect(preview.code, preview.text).to.equal(0);
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      const updates = Object.entries(up.ops).flatMap(([name, op]) => (op === "update" ? [name] : []));
      for (const name of updates) {
        expect(up.step(name).outputs["reasons"], name).to.deep.equal(preview.step(name).inputs["reasons"]);
        expect(up.step(name).outputs["digest"], name).to.equal(preview.step(name).inputs["digest"]);
      }
      return Object.fromEntries(updates.map((name) => [name, up.step(name).outputs["reasons"]]));
    };
    const reasonsInState = (): Readonly<Record<string, unknown>> =>
      Object.fromEntries(stage.project.state().resources.map(({ name, outputs }) => [name, outputs["reasons"]]));
    const writes = (): readonly string[] => stage.registry.seen().filter((request) => !/^(?:GET|HEAD) /.test(request));

    before(async () => {
      key = await makeKey("archive");
      archive = await serveArchive(files);
      await stock({ libssl3: "3.0.17-1", libtool: "1", tool: "1" });
      stage = await openStage();
      await putBase("3.0.17-1");
      await putFiles("1", "1");
      const debian = { repository: stage.at("debian"), version: "12", packageSources: [{ url: archive.url, keys: [key.armored] }] };
      await stage.declare({
        upgraded: { ...debian, suffix: "upgraded", upgradeInstalled: true },
        added: { ...debian, suffix: "added", packages: ["tool"] },
        artifact: { ...debian, suffix: "artifact", artifacts: [{ image: stage.at("files:1"), includes: ["/opt/tool"] }] },
      });
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
    });
    after(async () => {
      await stage.close();
      await archive.stop();
    });

    it("the tag of an artifact moved", async () => {
      const old = String(await stage.registry.digestOf("acme/files", "1"));
      const now = await putFiles("2", "1");
      const name = stage.at("files:1");
      expect(await next()).to.deep.equal({ artifact: [`artifact ${name}: ${shortDigest(old)} → ${shortDigest(now)}`] });
    });

    it("an archive has a newer version of a package of the base, with upgradeInstalled", async () => {
      await stock({ libssl3: "3.0.18-1", libtool: "1", tool: "1" });
      expect(await next()).to.deep.equal({ upgraded: ["libssl3: 3.0.17-1 → 3.0.18-1"] });
    });

    it("an archive has a newer version of an added package, or of what it needs", async () => {
      await stock({ libssl3: "3.0.18-1", libtool: "2", tool: "1" });
      expect(await next()).to.deep.equal({ added: ["libtool: 1 → 2"] });
      await stock({ libssl3: "3.0.18-1", libtool: "2", tool: "1.1" });
      expect(await next()).to.deep.equal({ added: ["tool: 1 → 1.1"] });
    });

    it("nothing: nothing is written, with a full and an empty cache, and the reasons stay", async () => {
      const before = reasonsInState();
      stage.registry.seen();
      for (const cache of ["full", "empty"]) {
        if (cache === "empty") stage.project.emptyCache();
        const up = await stage.project.up({ flags: ["--expect-no-changes"] });
        expect(up.code, up.text).to.equal(0);
        expect(writes(), cache).to.deep.equal([]);
      }
      expect(reasonsInState()).to.deep.equal(before);
      expect(before["upgraded"]).to.deep.equal(["libssl3: 3.0.17-1 → 3.0.18-1"]);
    });

    it("not the tag of an artifact whose files are the same: the outcome has the same digest, and is no change", async () => {
      await putFiles("2", "2");
      stage.registry.seen();
      for (let run = 0; run < 2; run++) {
        const up = await stage.project.up({ flags: ["--expect-no-changes"] });
        expect(up.code, up.text).to.equal(0);
      }
      expect(writes()).to.deep.equal([]);
    });

    it("the base was built again: what it has patched itself is no longer in our layer", async () => {
      const old = String(await stage.registry.digestOf("acme/debian", "12"));
      const now = await putBase("3.0.18-1");
      const reason = `base 12: ${shortDigest(old)} → ${shortDigest(now)}`;
      expect(await next()).to.deep.equal({ upgraded: [reason], added: [reason], artifact: [reason] });
      const [upgraded] = stage.project.state().resources.filter(({ name }) => name === "upgraded");
      expect(upgraded?.outputs["layers"]).to.deep.equal([]);
    });
  }),
);

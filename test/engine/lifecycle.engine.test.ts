import { after, before, describe, it } from "mocha";
import {
  openProject,
  publishBase,
  skipWithoutEngine,
  startWatchedRegistry,
  type EngineProject,
  type WatchedRegistry,
} from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

/** A request that only reads what tags point at. */
const isLook = (request: string): boolean => request.startsWith("HEAD ") || /^GET \/v2\/$/.test(request);

describe(
  "an artifact, a customization and a customization of that",
  suiteUnless(skipWithoutEngine, () => {
    let registry: WatchedRegistry;
    let project: EngineProject;
    const digests: Record<string, unknown> = {};
    const names = ["tools", "python", "second"];
    before(async () => {
      registry = await startWatchedRegistry({ program: "registry" });
      await publishBase(registry.open("acme/base"), "3.13", { architectures: ["amd64", "arm64"] });
      project = await openProject(`
      const at = "${registry.host}/acme/";
      const tools = new dhi.OciArtifact("tools", { repository: at + "tools", tag: "2026", directories: [{ source: "./tools", path: "/opt/tools" }] });
      const python = new dhi.Customization("python", {
        repository: at + "base", version: "3.13", suffix: "custom",
        artifacts: [{ image: tools.ref, includes: ["/opt/tools"] }],
        users: [{ name: "app", uid: 1001 }], runAs: "app", environment: { LOG_LEVEL: "info" },
      });
      const second = new dhi.Customization("second", {
        repository: python.asBase.repository, version: python.asBase.version, suffix: "two", destination: at + "second", cmd: ["serve"],
      });
      exports.ref = second.ref; exports.digests = { tools: tools.digest, python: python.digest, second: second.digest };
    `);
      await project.write("tools/hello", "hello\n");
      await project.write("tools/bin/run", "#!/bin/sh\n", 0o755);
    });
    after(async () => {
      await project.remove();
      await registry.stop();
    });

    it("preview every digest on an empty registry, and push nothing", async () => {
      registry.seen();
      const preview = await project.preview();
      expect(preview.code, preview.text).to.equal(0);
      expect(preview.ops).to.deep.equal({ tools: "create", python: "create", second: "create" });
      for (const name of names) {
        digests[name] = preview.step(name).inputs["digest"];
        expect(String(digests[name]), name).to.match(/^sha256:[0-9a-f]{64}$/);
      }
      expect(registry.seen().filter((request) => !/^(GET|HEAD) /.test(request))).to.deep.equal([]);
      expect(await registry.open("acme/tools").listTags()).to.deep.equal([]);
    });

    it("preview the same digests on an empty cache", async () => {
      project.emptyCache();
      const preview = await project.preview();
      expect(Object.fromEntries(names.map((name) => [name, preview.step(name).inputs["digest"]]))).to.deep.equal(digests);
    });

    it("publish what was promised, and report it on each row", async () => {
      project.emptyCache();
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      const { outputs, resources } = project.state();
      expect(outputs["digests"]).to.deep.equal(digests);
      expect(outputs["ref"]).to.equal(`${registry.host}/acme/second@${String(digests["second"])}`);
      expect(await registry.digestOf("acme/tools", "2026")).to.equal(digests["tools"]);
      expect(await registry.digestOf("acme/base", "3.13_custom")).to.equal(digests["python"]);
      expect(await registry.digestOf("acme/second", "3.13_custom_two")).to.equal(digests["second"]);
      for (const name of names) expect(up.row(name).at(-1) ?? "").to.match(/blobs uploaded, .*; 1 tag moved, \d+\.\d s$/);
      expect(resources.map(({ id }) => id)).to.deep.equal(
        ["tools:2026", "base:3.13_custom", "second:3.13_custom_two"].map((id) => `${registry.host}/acme/${id}`),
      );
    });

    it("have nothing to do the second time, and only read tags, also with an empty cache", async () => {
      project.emptyCache();
      registry.seen();
      const up = await project.up({ flags: ["--expect-no-changes"] });
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ tools: "same", python: "same", second: "same" });
      const requests = registry.seen();
      expect(requests.filter((request) => !isLook(request))).to.deep.equal([]);
      expect(requests.filter((request) => request.startsWith("HEAD ")).length, requests.join("\n")).to.be.at.least(4);
      for (const name of names) expect(up.row(name)).to.deep.equal([]);
    });

    it("destroy their own tags and leave the base's", async () => {
      const destroy = await project.destroy();
      expect(destroy.code, destroy.text).to.equal(0);
      expect(await registry.open("acme/base").listTags()).to.deep.equal(["3.13"]);
      expect(await registry.open("acme/tools").listTags()).to.deep.equal([]);
      expect(project.state().resources).to.deep.equal([]);
    });
  }),
);

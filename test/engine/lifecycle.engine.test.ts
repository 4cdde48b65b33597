import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import {
  openProject,
  publishBase,
  skipWithoutEngine,
  startWatchedRegistry,
  type EngineProject,
  type WatchedRegistry,
} from "../support/engine/index.js";

/** A request that only reads what tags point at. */
const isLook = (request: string): boolean => request.startsWith("HEAD ") || /^GET \/v2\/$/.test(request);

describe("an artifact, a customization and a customization of that", { skip: skipWithoutEngine }, () => {
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
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual(preview.ops, { tools: "create", python: "create", second: "create" });
    for (const name of names) {
      digests[name] = preview.step(name).inputs["digest"];
      assert.match(String(digests[name]), /^sha256:[0-9a-f]{64}$/, name);
    }
    assert.deepEqual(
      registry.seen().filter((request) => !/^(GET|HEAD) /.test(request)),
      [],
    );
    assert.deepEqual(await registry.open("acme/tools").listTags(), []);
  });

  it("preview the same digests on an empty cache", async () => {
    project.emptyCache();
    const preview = await project.preview();
    assert.deepEqual(Object.fromEntries(names.map((name) => [name, preview.step(name).inputs["digest"]])), digests);
  });

  it("publish what was promised, and report it on each row", async () => {
    project.emptyCache();
    const up = await project.up();
    assert.equal(up.code, 0, up.text);
    const { outputs, resources } = project.state();
    assert.deepEqual(outputs["digests"], digests);
    assert.equal(outputs["ref"], `${registry.host}/acme/second@${String(digests["second"])}`);
    assert.equal(await registry.digestOf("acme/tools", "2026"), digests["tools"]);
    assert.equal(await registry.digestOf("acme/base", "3.13_custom"), digests["python"]);
    assert.equal(await registry.digestOf("acme/second", "3.13_custom_two"), digests["second"]);
    for (const name of names) assert.match(up.row(name).at(-1) ?? "", /blobs uploaded, .*; 1 tag moved, \d+\.\d s$/);
    assert.deepEqual(
      resources.map(({ id }) => id),
      ["tools:2026", "base:3.13_custom", "second:3.13_custom_two"].map((id) => `${registry.host}/acme/${id}`),
    );
  });

  it("have nothing to do the second time, and only read tags, also with an empty cache", async () => {
    project.emptyCache();
    registry.seen();
    const up = await project.up({ flags: ["--expect-no-changes"] });
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.ops, { tools: "same", python: "same", second: "same" });
    const requests = registry.seen();
    assert.deepEqual(
      requests.filter((request) => !isLook(request)),
      [],
    );
    assert.ok(requests.filter((request) => request.startsWith("HEAD ")).length >= 4, requests.join("\n"));
    for (const name of names) assert.deepEqual(up.row(name), []);
  });

  it("destroy their own tags and leave the base's", async () => {
    const destroy = await project.destroy();
    assert.equal(destroy.code, 0, destroy.text);
    assert.deepEqual(await registry.open("acme/base").listTags(), ["3.13"]);
    assert.deepEqual(await registry.open("acme/tools").listTags(), []);
    assert.deepEqual(project.state().resources, []);
  });
});

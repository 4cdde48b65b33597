import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { makeImage, putImage } from "../support/images/image.js";
import { file, layerTar } from "../support/images/layer-tar.js";
import { startProxy, type FaultProxy } from "../support/registries/fault-proxy.js";
import { startDockerRegistry, type StartedRegistry } from "../support/registries/docker-registry.js";
import { findProgram } from "../support/registries/process.js";
import { startDynamicHost, startLogService, type DynamicHost, type Failure, type Values } from "./dynamic-host.js";
import { inputsOf, makeProject, provider, putBase, signatureKey, unknownOnWire } from "./stage.js";

/** The folder of `dist`: tests are compiled into a subfolder of the project, or run from it. */
const root = [join(__dirname, "..", "..", ".."), process.cwd()].find((folder) => existsSync(join(folder, "dist", "provider", "index.js")));

describe("the real dynamic provider host", { skip: root === undefined ? "dist is not built" : false }, () => {
  const project = makeProject();
  let engine: Awaited<ReturnType<typeof startLogService>>;
  let host: DynamicHost;
  before(async () => {
    mkdirSync(join(project.folder, "node_modules"));
    symlinkSync(root ?? "", join(project.folder, "node_modules", "pulumi-dhi"));
    await putBase(project.folder);
    engine = await startLogService();
    host = await startDynamicHost(project.folder, engine.address, { "dhi:cacheDirectory": "cache" });
  });
  after(async () => {
    await host.stop();
    engine.stop();
    project.remove();
  });

  const checked = async (news: Values, olds: Values = {}): Promise<Values> => {
    const { inputs, failures } = await host.check(olds, news);
    assert.deepEqual(failures, []);
    return inputs;
  };
  const fails = async (work: Promise<unknown>): Promise<Failure> => {
    const failure = await work.then(
      () => assert.fail("nothing failed"),
      (thrown: unknown) => thrown as Failure,
    );
    assert.equal(/\n\s+at /.test(failure.message), false, failure.message);
    return failure;
  };

  it("runs a resource through its life cycle", async () => {
    const inputs = await checked(inputsOf("life", { cmd: ["a"], environment: { GONE: null } }));
    assert.equal(inputs["__provider"], provider);
    const { id, outs } = await host.create(inputs);
    assert.equal(id, "oci:base:1_life");
    assert.equal(outs["__provider"], provider);
    assert.deepEqual(await host.diff(id, outs, inputs), { changes: 1, replaces: [] });
    const next = await checked(inputsOf("life", { cmd: ["b"] }), inputs);
    assert.deepEqual(await host.diff(id, outs, next), { changes: 0, replaces: [] });
    assert.deepEqual((await host.diff(id, outs, await checked(inputsOf("other")))).replaces, ["suffix"]);
    const updated = await host.update(id, outs, next);
    assert.equal(updated.outs["digest"], next["digest"]);
    assert.equal(updated.outs["__provider"], provider);
    const read = await host.read(id, updated.outs);
    assert.deepEqual(read.props["tags"], { "1_life": next["digest"] });
    assert.equal(read.inputs["__provider"], provider);
    await host.delete(id, updated.outs);
  });

  it("logs on the resource's own row", () => {
    const lines = engine.lines.filter(({ urn }) => urn === "urn:pulumi:s::p::t::life");
    assert.ok(lines.some(({ message, ephemeral }) => !ephemeral && /^oci:base:1_life: .* uploaded/.test(message)));
    assert.ok(engine.lines.every(({ urn }) => urn.startsWith("urn:pulumi:s::p::t::")));
  });

  it("passes unknowns and hides secrets", async () => {
    const open = await checked(inputsOf("open", { environment: { A: unknownOnWire } }));
    assert.equal(open["digest"], unknownOnWire);
    const secret = "hunter2hunter2";
    const inputs = await checked(inputsOf("hide", { environment: { T: secret }, __secrets: '[["environment","T"]]' }));
    assert.deepEqual(inputs["config"], {
      environment: { T: { image: { [signatureKey]: "1b47061264138c4ac30d75fd1eb44270", value: secret } } },
    });
    await host.create(inputs);
    assert.equal(JSON.stringify(engine.lines).includes(secret), false);
  });

  it("returns mistakes as failures without a property, and errors without a stack trace", async () => {
    const { failures } = await host.check({}, inputsOf("bad", { version: "9" }));
    assert.deepEqual(failures, [{ property: "", reason: "version: oci:base has no tag 9. Mirror it first, or name a tag that is there" }]);
    const failure = await fails(host.read("oci:base:none", { __provider: provider }));
    assert.deepEqual([failure.message.split(".")[0], failure.id], ["oci:base:none is not there", undefined]);
  });

  it("reports to each of many first calls why it is not configured", async () => {
    const other = await startDynamicHost(project.folder, engine.address, { "dhi:timeout": "soon" });
    try {
      const all = await Promise.all([1, 2, 3].map(() => fails(other.delete("oci:base:1_x", inputsOf("x")))));
      for (const { message } of all) assert.match(message, /^dhi:timeout is "soon"/);
    } finally {
      await other.stop();
    }
  });

  describe("with a registry", { skip: findProgram("docker-registry") === undefined ? "docker-registry is not installed" : false }, () => {
    let registry: StartedRegistry;
    let proxy: FaultProxy;
    let broken = false;
    before(async () => {
      registry = await startDockerRegistry();
      const refusal = { kind: "status", status: 403, body: '{"errors":[{"code":"DENIED","message":"no more tags"}]}' } as const;
      proxy = await startProxy(registry.host, {
        onRequest: ({ method, url }) => (broken && method === "PUT" && url.endsWith("/manifests/b") ? refusal : undefined),
      });
      const tar = layerTar([file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")]);
      const repositories = openRepositories({ projectDirectory: project.folder, env: {} });
      await putImage(repositories.open(parseRepository(`${registry.host}/base`)), makeImage({ platforms: [{ layers: [{ tar }] }] }), "1");
    });
    after(async () => {
      await proxy.stop();
      await registry.stop();
    });

    it("saves the true outputs of a create that failed half way, and can continue from them", async () => {
      const news = inputsOf("half", { repository: `${proxy.host}/base`, additionalTags: ["b"] });
      const inputs = await checked(news);
      broken = true;
      const failure = await fails(host.create(inputs));
      broken = false;
      assert.equal(failure.id, `${proxy.host}/base:1_half`);
      assert.match(failure.reasons.join(), /^additionalTags\[0\]: .*no more tags/);
      const state = failure.properties ?? {};
      assert.equal(state["__provider"], provider);
      assert.deepEqual(state["tags"], { "1_half": inputs["digest"] });
      const { outs } = await host.update(failure.id, state, inputs);
      assert.deepEqual(outs["tags"], { "1_half": inputs["digest"], b: inputs["digest"] });
      assert.deepEqual((await host.read(failure.id, outs)).props["tags"], outs["tags"]);
    });
  });

  it("ends when it is interrupted, and prints no stack trace and no secret", async () => {
    assert.equal(await host.stop(), 130);
    // The host itself prints what a call threw.
    assert.match(host.printed(), /^Error: oci:base:none is not there/);
    assert.equal(/\n\s+at |hunter2/.test(host.printed()), false);
  });
});

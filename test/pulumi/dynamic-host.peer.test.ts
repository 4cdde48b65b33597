import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { expect, expectThat } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { file, layerTar } from "../support/images/layer-tar.js";
import { startProxy, type FaultProxy } from "../support/registries/fault-proxy.js";
import { startDockerRegistry, type StartedRegistry } from "../support/registries/docker-registry.js";
import { findProgram } from "../support/registries/process.js";
import { suiteUnless } from "../support/skips.js";
import { startDynamicHost, startLogService, type DynamicHost, type Failure, type Values } from "./dynamic-host.js";
import { inputsOf, makeProject, provider, putBase, signatureKey, unknownOnWire } from "./stage.js";

/** The folder of `dist`: tests are compiled into a subfolder of the project, or run from it. */
const root = [join(__dirname, "..", "..", ".."), process.cwd()].find((folder) => existsSync(join(folder, "dist", "provider", "index.js")));

describe(
  "the real dynamic provider host",
  suiteUnless(root === undefined ? "dist is not built" : false, () => {
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
      expect(failures).to.deep.equal([]);
      return inputs;
    };
    const fails = async (work: Promise<unknown>): Promise<Failure> => {
      const failure = await work.then(
        () => expect.fail("nothing failed"),
        (thrown: unknown) => thrown as Failure,
      );
      expect(/\n\s+at /.test(failure.message), failure.message).to.equal(false);
      return failure;
    };

    it("runs a resource through its life cycle", async () => {
      const inputs = await checked(inputsOf("life", { cmd: ["a"], environment: { GONE: null } }));
      expect(inputs["__provider"]).to.equal(provider);
      const { id, outs } = await host.create(inputs);
      expect(id).to.equal("oci:base:1_life");
      expect(outs["__provider"]).to.equal(provider);
      expect(await host.diff(id, outs, inputs)).to.deep.equal({ changes: 1, replaces: [] });
      const next = await checked(inputsOf("life", { cmd: ["b"] }), inputs);
      expect(await host.diff(id, outs, next)).to.deep.equal({ changes: 0, replaces: [] });
      expect((await host.diff(id, outs, await checked(inputsOf("other")))).replaces).to.deep.equal(["suffix"]);
      const updated = await host.update(id, outs, next);
      expect(updated.outs["digest"]).to.equal(next["digest"]);
      expect(updated.outs["__provider"]).to.equal(provider);
      const read = await host.read(id, updated.outs);
      expect(read.props["tags"]).to.deep.equal({ "1_life": next["digest"] });
      expect(read.inputs["__provider"]).to.equal(provider);
      await host.delete(id, updated.outs);
    });

    it("logs on the resource's own row", () => {
      const lines = engine.lines.filter(({ urn }) => urn === "urn:pulumi:s::p::t::life");
      expect(lines.some(({ message, ephemeral }) => !ephemeral && /^oci:base:1_life: .* uploaded/.test(message))).to.equal(true);
      expect(engine.lines.every(({ urn }) => urn.startsWith("urn:pulumi:s::p::t::"))).to.equal(true);
    });

    it("passes unknowns and hides secrets", async () => {
      const open = await checked(inputsOf("open", { environment: { A: unknownOnWire } }));
      expect(open["digest"]).to.equal(unknownOnWire);
      const secret = "hunter2hunter2";
      const inputs = await checked(inputsOf("hide", { environment: { T: secret }, __secrets: '[["environment","T"]]' }));
      expect(inputs["config"]).to.deep.equal({
        environment: { T: { image: { [signatureKey]: "1b47061264138c4ac30d75fd1eb44270", value: secret } } },
      });
      await host.create(inputs);
      expect(JSON.stringify(engine.lines).includes(secret)).to.equal(false);
    });

    it("returns mistakes as failures without a property, and errors without a stack trace", async () => {
      const { failures } = await host.check({}, inputsOf("bad", { version: "9" }));
      expect(failures).to.deep.equal([{ property: "", reason: "version: oci:base has no tag 9. Mirror it first, or use an existing tag" }]);
      const failure = await fails(host.read("oci:base:none", { __provider: provider }));
      expect([failure.message.split(".")[0], failure.id]).to.deep.equal(["oci:base:none does not exist", undefined]);
    });

    it("reports to each of many first calls why it is not configured", async () => {
      const other = await startDynamicHost(project.folder, engine.address, { "dhi:timeout": "soon" });
      try {
        const all = await Promise.all([1, 2, 3].map(() => fails(other.delete("oci:base:1_x", inputsOf("x")))));
        for (const { message } of all) expect(message).to.match(/^dhi:timeout is "soon"/);
      } finally {
        await other.stop();
      }
    });

    describe(
      "with a registry",
      suiteUnless(findProgram("docker-registry") === undefined ? "docker-registry is not installed" : false, () => {
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
          await putImage(
            repositories.open(parseRepository(`${registry.host}/base`)),
            makeImage({ platforms: [{ layers: [{ tar }] }] }),
            "1",
          );
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
          expect(failure.id).to.equal(`${proxy.host}/base:1_half`);
          expectThat(failure.id !== undefined);
          expect(failure.reasons.join()).to.match(/^additionalTags\[0\]: .*no more tags/);
          const state = failure.properties ?? {};
          expect(state["__provider"]).to.equal(provider);
          expect(state["tags"]).to.deep.equal({ "1_half": inputs["digest"] });
          const { outs } = await host.update(failure.id, state, inputs);
          expect(outs["tags"]).to.deep.equal({ "1_half": inputs["digest"], b: inputs["digest"] });
          expect((await host.read(failure.id, outs)).props["tags"]).to.deep.equal(outs["tags"]);
        });
      }),
    );

    // In a suite of its own: mocha runs the tests of a suite before those of the suites in it, and this one stops the host.
    describe("at its end", () => {
      it("exits when it is interrupted, and prints no stack trace and no secret", async () => {
        expect(await host.stop()).to.equal(130);
        // The host itself prints what a call threw.
        expect(host.printed()).to.match(/^Error: oci:base:none does not exist/);
        expect(/\n\s+at |hunter2/.test(host.printed())).to.equal(false);
      });
    });
  }),
);

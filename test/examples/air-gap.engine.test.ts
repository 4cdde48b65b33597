import { cp } from "node:fs/promises";
import { join } from "node:path";
import { it } from "mocha";
import { openStage, skipWithoutEngine, type EngineProject, type Run } from "../support/engine/index.js";
import { expect, expectThat } from "../support/expectations.js";
import { attach, listUnderTag } from "../support/images/referrer.js";
import { skipIsolated, startDockerRegistry } from "../support/registries/docker-registry.js";
import { startWatchedRegistry } from "../support/engine/registry.js";
import { assertWhole, storedTag } from "../support/registries/stored.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";
import { openExample, stackOutputs } from "./example.js";

const tag = "3.13_acme";

/** A stack of the example that mirrors from one repository to another. */
async function carry(source: string, destination: string): Promise<EngineProject> {
  const project = await openExample("air-gap");
  cleanup(() => project.remove());
  await project.config({ "dhi-example-air-gap:source": source, "dhi-example-air-gap:destination": destination });
  return project;
}

const succeeded = ({ code, text }: Run): void => {
  expect(code, text).to.equal(0);
};

it(
  "a customization comes to a second registry, and over a folder to one in a network of its own, with its digest and referrers",
  testUnless(skipWithoutEngine || skipIsolated, async () => {
    const stage = await openStage();
    cleanup(() => stage.close());
    await stage.declare({
      image: { repository: `${stage.registry.host}/acme/base`, version: "3.13", suffix: "acme", destination: stage.at("app"), cmd: ["x"] },
    });
    succeeded(await stage.project.up());
    const digest = await stage.registry.digestOf("acme/app", tag);
    expectThat(digest !== undefined);
    const first = stage.registry.open("acme/app");
    const image = await first.getManifest(digest);
    expectThat(image !== undefined);
    const signature = await attach(first, image, "application/vnd.example.signature");
    await listUnderTag(first, digest, signature);

    const second = await startWatchedRegistry({ program: "registry" });
    cleanup(() => second.stop());
    succeeded(await (await carry(stage.at("app"), `${second.host}/mirror/app`)).up());
    expect(await second.digestOf("mirror/app", tag)).to.equal(digest);
    expect(await second.open("mirror/app").getManifest(signature.digest)).to.deep.equal(signature);

    const out = await carry(stage.at("app"), "oci:carried/app");
    succeeded(await out.up());
    const behind = await startDockerRegistry({ isolated: true });
    cleanup(() => behind.stop());
    const into = await carry("oci:carried/app", `${behind.host}/inside/app`);
    await cp(join(out.folder, "carried"), join(into.folder, "carried"), { recursive: true });
    const outside = await into.up();
    expect(outside.code, "without the network of the registry").to.not.equal(0);
    const preview = await into.preview({ through: behind.enter });
    succeeded(preview);
    expect(preview.step("images").inputs["images"]).to.deep.equal({ [tag]: digest });
    succeeded(await into.up({ through: behind.enter }));
    expect(await stackOutputs(into)).to.deep.equal({ images: { [tag]: digest } });
    expect(await storedTag(behind, "inside/app", tag)).to.equal(digest);
    await assertWhole(behind, "inside/app", digest);
    await assertWhole(behind, "inside/app", signature.digest);
  }),
);

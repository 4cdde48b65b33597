import { after, before, describe, it } from "mocha";
import { digestOf, type Digest } from "../../../provider/image/digest.js";
import { parseRepository, type RegistryRepository } from "../../../provider/image/reference.js";
import { emptyBlob, emptyDescriptor, throwAwayManifest } from "../../../provider/image/throw-away-manifest.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import type { ValueMap } from "../../../provider/values.js";
import { startWatchedRegistry, type WatchedRegistry } from "../../support/engine/index.js";
import { expect, expectThat } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import type { Fault, SeenRequest } from "../../support/registries/index.js";
import { cleanup } from "../../support/running-test.js";
import { lifecycles, type Resource } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { baseParts, checkWith, Workshop } from "../workshop.js";

const refusal = (status: number): Fault => ({
  kind: "status",
  status,
  headers: { "content-type": "application/json", "www-authenticate": 'Basic realm="r"' },
  body: '{"errors":[{"code":"DENIED","message":"you may not"}]}',
});
const deletes = ({ method, url }: SeenRequest): boolean => method === "DELETE" && url.includes("/manifests/");

describe("tags that are deleted with their resource", () => {
  let registry: WatchedRegistry;
  let shop: Workshop;
  before(async () => {
    registry = await startWatchedRegistry();
    shop = await Workshop.open();
    await putImage(registry.open("acme/base"), makeImage(baseParts("1")), "1");
  });
  after(async () => {
    await registry.stop();
    await shop.remove();
  });

  let count = 0;
  const fresh = (): string => `acme/app-${String((count += 1))}`;
  const artifact = (name: string, labels: ValueMap = { a: "b" }): ValueMap => ({
    repository: `${registry.host}/${name}`,
    tag: "1",
    platforms: ["linux/amd64"],
    labels,
  });
  const customization = (name: string, additionalTags: readonly string[] = []): ValueMap => ({
    repository: `${registry.host}/acme/base`,
    version: "1",
    destination: `${registry.host}/${name}`,
    additionalTags,
    keepPrevious: 1,
  });
  /** The state after a deletion that was killed between its two steps. */
  const interrupt = async (name: string, tag: string, former: unknown): Promise<Digest> => {
    const left = throwAwayManifest({ repository: name, tag, former: former as Digest });
    const target: ImageRepository = registry.open(name);
    await target.putBlob(emptyDescriptor, async function* () {
      yield await Promise.resolve(emptyBlob);
    });
    await target.putManifest(tag, left);
    return left.digest;
  };
  const destroy = async (resource: Resource, state: { readonly id: string; readonly outputs: ValueMap }): Promise<readonly string[]> => {
    const row = keepRow();
    await lifecycles[resource].delete(shop.session(), state.id, state.outputs, row);
    return row.lines;
  };

  for (const status of [401, 403]) {
    it(`stay in state with a hint when the registry answers ${String(status)}`, async () => {
      const name = fresh();
      const state = await shop.up("artifact", artifact(name));
      registry.fail((seen) => (deletes(seen) ? refusal(status) : undefined));
      await expect(destroy("artifact", state)).to.be.rejectedWithError({
        code: "unauthorized",
        origin: "destination",
        message: new RegExp(`answered ${String(status)}: DENIED: you may not`),
        hint: new RegExp(`permission to delete in ${registry.host}/${name}, or .*retainOnDelete`),
      });
      registry.fail();
      expect(await registry.digestOf(name, "1")).to.equal(state.outputs["digest"]);
      expect(await destroy("artifact", state)).to.deep.equal([]);
      expect(await registry.digestOf(name, "1")).to.equal(undefined);
    });
  }

  it("stay in state when an update lacks the permission to remove them, and the next update removes them", async () => {
    const name = fresh();
    const state = await shop.up("customization", customization(name, ["a", "b"]));
    registry.fail((seen) => (deletes(seen) ? refusal(403) : undefined));
    await expect(shop.up("customization", customization(name), state)).to.be.rejectedWithError({ code: "unauthorized" });
    registry.fail();
    await shop.up("customization", customization(name), state);
    expect(await registry.open(name).listTags()).to.deep.equal(["1"]);
  });

  it("are deleted one after the other, and the next destroy deletes those left by a refusal", async () => {
    const name = fresh();
    const state = await shop.up("customization", customization(name, ["a", "b", "c"]));
    // The deletion of the second tag is refused at its third step.
    let seen = 0;
    registry.fail((request) => (deletes(request) && request.url.includes("sha256:") && (seen += 1) === 4 ? refusal(403) : undefined));
    await expect(destroy("customization", state)).to.be.rejectedWithError({ code: "unauthorized" });
    registry.fail();
    expect(await registry.open(name).listTags()).to.deep.equal(["a", "b", "c"]);
    for (const tag of ["a", "b", "c"]) expect(await registry.digestOf(name, tag)).to.equal(state.outputs["digest"]);
    expect(await destroy("customization", state)).to.deep.equal([]);
    expect(await registry.open(name).listTags()).to.deep.equal([]);
  });

  it("cause a notice when the registry never deletes", async () => {
    const closed = await startWatchedRegistry({ deleteEnabled: false });
    cleanup(() => closed.stop());
    const state = await shop.up("artifact", { ...artifact("x"), repository: `${closed.host}/acme/app` });
    const [line] = await destroy("artifact", state);
    expect(line ?? "").to.match(/^warning: the tag 1 stays in .*\/acme\/app: .*405: UNSUPPORTED/);
    expect(await closed.digestOf("acme/app", "1")).to.equal(state.outputs["digest"]);
  });

  it("cause a warning when they stay because they were moved", async () => {
    const name = fresh();
    const state = await shop.up("artifact", artifact(name));
    const moved = await putImage(registry.open(name), makeImage(baseParts("moved")), "1").then(() => registry.digestOf(name, "1"));
    const lines = await destroy("artifact", state);
    expect(lines.length).to.equal(1);
    expect(lines[0]?.endsWith(`it points at ${String(moved)}, which is not the digest in state`), lines[0]).to.equal(true);
  });

  it("are deleted after an earlier destroy was killed midway", async () => {
    const name = fresh();
    const state = await shop.up("customization", customization(name, ["a"]));
    await interrupt(name, "a", state.outputs["digest"]);
    expect(await destroy("customization", state)).to.deep.equal([]);
    expect(await registry.open(name).listTags()).to.deep.equal([]);
  });

  for (const resource of ["artifact", "customization"] as const) {
    it(`are published again after a destroy of the ${resource} was killed midway, even if it has changed since`, async () => {
      const name = fresh();
      const inputs = resource === "artifact" ? artifact(name) : customization(name);
      const state = await shop.up(resource, inputs);
      const left = await interrupt(name, "1", state.outputs["digest"]);
      const same = await shop.up(resource, inputs, state);
      expect(same.did).to.equal("update");
      expect(same.inputs["drift"]).to.deep.equal({ "1": left });
      expect(await registry.digestOf(name, "1")).to.equal(state.outputs["digest"]);
      await interrupt(name, "1", state.outputs["digest"]);
      const changed = await shop.up(resource, { ...inputs, labels: { changed: "yes" } }, same);
      expect(changed.outputs["digest"]).to.not.equal(state.outputs["digest"]);
      expect(await registry.digestOf(name, "1")).to.equal(changed.outputs["digest"]);
    });
  }

  it("are published again, or deleted, after a refresh that followed a killed destroy", async () => {
    const name = fresh();
    const state = await shop.up("artifact", artifact(name));
    const left = await interrupt(name, "1", state.outputs["digest"]);
    const refreshed = await lifecycles.artifact.read(shop.session(), state.id, state.outputs);
    expect(refreshed?.outputs["tags"]).to.deep.equal({ "1": left });
    expectThat(refreshed !== undefined);
    const observed = { ...state, outputs: refreshed.outputs, inputs: refreshed.inputs ?? {} };
    const again = await shop.up("artifact", artifact(name), observed);
    expect(again.did).to.equal("update");
    expect(await registry.digestOf(name, "1")).to.equal(state.outputs["digest"]);
    await interrupt(name, "1", state.outputs["digest"]);
    expect(await destroy("artifact", observed)).to.deep.equal([]);
    expect(await registry.digestOf(name, "1")).to.equal(undefined);
  });

  it("belong to someone else while they point at the throw-away manifest of an unknown deletion, as the error says", async () => {
    const name = fresh();
    await shop.up("artifact", artifact(name));
    const left = await interrupt(name, "1", `sha256:${"0".repeat(64)}`);
    const { failures } = await checkWith(shop.session(), "artifact", { news: artifact(name) });
    const said = `tag: the tag 1 in ${registry.host}/${name} points at ${left}, which an interrupted deletion left, but not one in this stack's state. `;
    const reason = failures[0]?.reason ?? "";
    expect(reason.startsWith(said), reason).to.equal(true);
    expect(reason).to.match(/overwrite: true/);
    const taken = await shop.up("artifact", { ...artifact(name), overwrite: true });
    expect(await registry.digestOf(name, "1")).to.equal(taken.outputs["digest"]);
  });

  it("are recognized by a resource of another name that publishes the same image as was being deleted", async () => {
    const name = fresh();
    const state = await shop.up("artifact", artifact(name));
    await interrupt(name, "1", state.outputs["digest"]);
    const renamed = await shop.up("artifact", artifact(name));
    expect(renamed.outputs["digest"]).to.equal(state.outputs["digest"]);
    expect(await registry.digestOf(name, "1")).to.equal(state.outputs["digest"]);
  });

  it("of two repositories of one registry never share a throw-away manifest", () => {
    const [one, other] = ["acme/a", "acme/b"].map((name) => parseRepository(`${registry.host}/${name}`) as RegistryRepository);
    const former = digestOf("an image");
    const digests = [one, other].map((at) => throwAwayManifest({ repository: at?.name ?? "", tag: "1", former }).digest);
    expect(digests[0]).to.not.equal(digests[1]);
  });
});

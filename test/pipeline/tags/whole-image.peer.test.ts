import { after, before, describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { findHoles, readRegistry } from "../../support/images/whole.js";
import { startDockerRegistry, startProxy, type FaultProxy, type StartedRegistry } from "../../support/registries/index.js";
import { Workshop } from "../workshop.js";

interface Image {
  readonly manifests: readonly { readonly digest: string }[];
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

describe("an image without its tag, of which a registry has kept a part", () => {
  let registry: StartedRegistry;
  let proxy: FaultProxy;
  let shop: Workshop;
  before(async () => {
    registry = await startDockerRegistry();
    proxy = await startProxy(registry.host);
    shop = await Workshop.open();
    await shop.put("oci:base", "1");
  });
  after(async () => {
    await proxy.stop();
    await registry.stop();
    await shop.remove();
  });
  const inputsAt = (name: string): ValueMap => ({
    repository: "oci:base",
    version: "1",
    destination: `${proxy.host}/acme/${name}`,
    scripts: [{ path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }],
  });

  for (const part of ["manifests", "blobs"] as const) {
    it(`is published completely again when its ${part} are missing`, async () => {
      const state = await shop.up("customization", inputsAt(part));
      const digest = state.outputs["digest"] as string;
      const read = readRegistry(`${registry.host}/acme/${part}`);
      const readJson = async (one: string): Promise<Image> => JSON.parse(String(await read("manifests", one))) as Image;
      const manifests = (await readJson(digest)).manifests.map((child) => child.digest);
      const images = await Promise.all(manifests.map(readJson));
      const blobs = images.flatMap(({ config, layers }) => [config.digest, ...layers.map((layer) => layer.digest)]);
      await shop
        .session()
        .repositories.open(parseRepository(`${registry.host}/acme/${part}`))
        .deleteTag("1");
      // As a garbage collector does that considers only tags, or was stopped.
      for (const one of new Set(part === "manifests" ? manifests : blobs))
        await fetch(`http://${registry.host}/v2/acme/${part}/${part}/${one}`, { method: "DELETE" });
      expect(await findHoles(read, digest)).to.not.deep.equal([]);
      const next = await shop.up("customization", inputsAt(part), state);
      expect(next.did).to.equal("update");
      expect(await shop.head(`${registry.host}/acme/${part}`, "1")).to.equal(digest);
      expect(await findHoles(read, digest)).to.deep.equal([]);
    });
  }

  it("is looked up by one HEAD a tag when nothing has changed", async () => {
    const state = await shop.up("customization", { ...inputsAt("same"), additionalTags: ["also"] });
    const before = proxy.requests.length;
    const next = await shop.up("customization", { ...inputsAt("same"), additionalTags: ["also"] }, state);
    expect(next.did).to.equal("same");
    const seen = proxy.requests.slice(before).filter(({ url }) => url.startsWith("/v2/acme/"));
    expect(seen.map(({ method, url }) => `${method} ${url}`).toSorted()).to.deep.equal([
      "HEAD /v2/acme/same/manifests/1",
      "HEAD /v2/acme/same/manifests/also",
    ]);
  });
});

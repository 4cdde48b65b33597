import { after, before, describe, it } from "mocha";
import type { Digest } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { parseLayerRecords } from "../../../provider/pipeline/state/layer-records.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { startDockerRegistry, startProxy, type FaultProxy, type StartedRegistry } from "../../support/registries/index.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { forgedDigest, forgeImage } from "./forge.js";
import { baseParts, checkWith, Workshop } from "../workshop.js";

describe("layers at a real registry", () => {
  let registry: StartedRegistry;
  let proxy: FaultProxy;
  let shop: Workshop;
  before(async () => {
    registry = await startDockerRegistry();
    proxy = await startProxy(registry.host);
    shop = await Workshop.open();
  });
  after(async () => {
    await proxy.stop();
    await registry.stop();
    await shop.remove();
  });
  const inputsOf = (name: string): ValueMap => ({
    repository: `${proxy.host}/acme/base`,
    version: "1",
    destination: `${proxy.host}/acme/${name}`,
    scripts: [{ path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }],
  });

  it("are only looked up by digest, with a patched base and an empty cache: no composed image is read, and no composed layer is uploaded", async () => {
    await shop.put(`${registry.host}/acme/base`, "1");
    const state = await shop.up("customization", inputsOf("app"));
    await shop.put(`${registry.host}/acme/base`, "1", baseParts("2"));
    shop.loseCache();
    const before = proxy.requests.length;
    const next = await shop.up("customization", inputsOf("app"), state);
    expect(next.did).to.equal("update");
    const requests = proxy.requests.slice(before).filter(({ url }) => url.startsWith("/v2/acme/app/"));
    const read = requests.filter(({ method, url }) => method === "GET" && !url.includes("/uploads/"));
    expect(read).to.deep.equal([]);
    const records = [...parseLayerRecords(state.outputs).values()];
    expect(records.length).to.equal(1);
    const about = requests.filter(({ url }) => records.some(({ digest }) => url.includes(digest)));
    // Once by check, once by update.
    expect(about.map(({ method, url }) => `${method} ${url}`)).to.deep.equal(
      records.flatMap(({ digest }) => Array.from({ length: 2 }, () => `HEAD /v2/acme/app/blobs/${digest}`)),
    );
    expect(next.lines.at(-1) ?? "").to.match(/in 2 blobs uploaded, 1 mounted, 0 already present/);
  });

  it("are not reused from a forged image under the tag", async () => {
    await shop.put(`${registry.host}/acme/base`, "1");
    const state = await shop.up("customization", inputsOf("forged"));
    const repository = shop.session().repositories.open(parseRepository(`${registry.host}/acme/forged`));
    const forged = await forgeImage(repository, state.outputs["digest"] as Digest);
    await repository.putManifest("1", forged);
    for (const olds of [state, undefined]) {
      shop.loseCache();
      const next = await shop.up("customization", { ...inputsOf("forged"), environment: { A: String(olds === undefined) } }, olds);
      for (const digest of Object.values(next.outputs["platformDigests"] as Readonly<Record<string, Digest>>)) {
        const manifest = await repository.getManifest(digest);
        expect(manifest !== undefined && !manifest.bytes.includes(forgedDigest)).to.equal(true);
      }
      await repository.putManifest("1", forged);
    }
  });

  // Issue 9, item 10.
  it("at one destination are pushed to another that gets the same image in the same operation", async () => {
    await shop.put(`${registry.host}/acme/base`, "1");
    const state = await shop.up("customization", inputsOf("one"));
    const session = shop.session();
    const news = (name: string): ValueMap => ({ ...inputsOf(name), labels: { v: "2" } });
    const two = await checkWith(session, "customization", { urn: "urn:two", news: news("two") });
    const one = await checkWith(session, "customization", { urn: "urn:one", news: news("one"), olds: state.inputs });
    expect(two.derived["digest"]).to.equal(one.derived["digest"]);
    const created = await lifecycles.customization.create(session, { ...two.inputs, ...two.derived }, keepRow());
    expect(await shop.head(`${registry.host}/acme/two`, "1")).to.equal(created.outputs["digest"]);
  });
});

import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Digest } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { putManifestOnce } from "../../../provider/pipeline/publish/put-manifest.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { storedManifest } from "../../support/registries/images.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { checkWith, Workshop } from "../workshop.js";

const customization = lifecycles.customization;

describe("one image at two destinations", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    await shop.put("oci:base", "1");
  });
  after(() => shop.remove());
  const scripts = [{ path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }];
  const inputsAt = (destination: string, label: string): ValueMap => ({
    repository: "oci:base",
    version: "1",
    destination,
    scripts,
    labels: { label },
  });

  // Issue 9, item 10: the second destination lacked the layer that only the first had.
  for (const order of ["the new one", "the old one"]) {
    it(`has its layers at both when ${order} is checked first`, async () => {
      const [one, two] = [`oci:one-${order.slice(4, 7)}`, `oci:two-${order.slice(4, 7)}`];
      const state = await shop.up("customization", inputsAt(one, "a"));
      const session = shop.session();
      const checks = [
        () => checkWith(session, "customization", { urn: "urn:two", news: inputsAt(two, "b") }),
        () => checkWith(session, "customization", { urn: "urn:one", news: inputsAt(one, "b"), olds: state.inputs }),
      ];
      const results = [];
      for (const run of order === "the new one" ? checks : checks.toReversed()) results.push(await run());
      const [first, second] = order === "the new one" ? results : results.toReversed();
      expectThat(first && second);
      expect([first.failures, second.failures]).to.deep.equal([[], []]);
      expect(first.derived["digest"]).to.equal(second.derived["digest"]);
      await customization.create(session, { ...first.inputs, ...first.derived }, keepRow());
      await customization.update(session, state.id, state.outputs, { ...second.inputs, ...second.derived }, keepRow());
      expect(await shop.head(two, "1")).to.equal(first.derived["digest"]);
      expect(await shop.head(one, "1")).to.equal(first.derived["digest"]);
    });
  }

  // Issue 9, item 15.
  it("has no drift when the destination is a new one", async () => {
    const state = await shop.up("customization", inputsAt("oci:here", "a"));
    const news = inputsAt("oci:there", "a");
    const { derived, failures } = await checkWith(shop.session(), "customization", { news, olds: state.inputs });
    expect(failures).to.deep.equal([]);
    expect("drift" in derived).to.equal(false);
    expect(derived["reasons"]).to.deep.equal(state.outputs["reasons"]);
    expect(customization.diff(state.id, state.outputs, { ...news, ...derived })).to.deep.equal(["destination"]);
  });

  it("has drift when the same destination is spelled differently", async () => {
    const state = await shop.up("customization", inputsAt("oci:spelled", "a"));
    await shop.session().repositories.open(parseRepository("oci:spelled")).deleteTag("1");
    const news = inputsAt(`oci:${join(shop.folder, "spelled")}`, "a");
    const { derived } = await checkWith(shop.session(), "customization", { news, olds: state.inputs });
    expect(derived["drift"]).to.deep.equal({ "1": "missing" });
  });

  it("puts a manifest once for all spellings of the destination", async () => {
    const session = shop.session();
    const manifest = storedManifest({ schemaVersion: 2, manifests: [] });
    const puts: string[] = [];
    const spelled = (repository: string): ImageRepository => {
      const inner = session.repositories.open(parseRepository(repository));
      return { repository: inner.repository, putManifest: async () => void puts.push(repository) } as unknown as ImageRepository;
    };
    await putManifestOnce(session, spelled("oci:puts"), manifest);
    await putManifestOnce(session, spelled(`oci:${join(shop.folder, "puts")}`), manifest);
    await putManifestOnce(session, spelled("oci:elsewhere"), manifest);
    expect(puts).to.deep.equal(["oci:puts", "oci:elsewhere"]);
  });
});

describe("an image that is no longer at its destination", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    await shop.put("oci:base", "1");
  });
  after(() => shop.remove());
  const lost: Digest = `sha256:${"0".repeat(64)}`;
  /** State of another codec: the image had other bytes than it would have now. */
  const withDigest = <T>(value: T, from: Digest, to: Digest): T => JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T;

  // Issue 9, item 12: with one tag left, check promised a digest that update could no longer compose, run after run.
  it("is composed again by check while another tag exists, even with other bytes", async () => {
    const inputs = { repository: "oci:base", version: "1", suffix: "gone", additionalTags: ["latest"], labels: { a: "b" } };
    const made = await shop.up("customization", inputs);
    const now = made.outputs["digest"] as Digest;
    const state = { ...made, inputs: withDigest(made.inputs, now, lost), outputs: withDigest(made.outputs, now, lost) };
    const repository = shop.session().repositories.open(parseRepository("oci:base"));
    await repository.deleteTag("1_gone");
    // `latest` still has an image of this resource, but another one.
    shop.loseCache();
    const next = await shop.up("customization", inputs, state);
    expect(next.outputs["digest"]).to.equal(now);
    expect(next.outputs["reasons"]).to.deep.equal([`the image ${lost.slice(0, 19)} is no longer in oci:base`]);
    expect(await shop.head("oci:base", "1_gone")).to.equal(now);
    expect((await shop.up("customization", inputs, next)).did).to.equal("same");
  });

  it("keeps its reasons and digest when it is composed with the same bytes", async () => {
    const inputs = { repository: "oci:base", version: "1", destination: "oci:gone-same", labels: { a: "b" } };
    const made = await shop.up("customization", inputs);
    await customization.delete(shop.session(), made.id, made.outputs, keepRow());
    const next = await shop.up("customization", inputs, made);
    expect(next.outputs["digest"]).to.equal(made.outputs["digest"]);
    expect(next.outputs["reasons"]).to.deep.equal(made.outputs["reasons"]);
    expect(await shop.head("oci:gone-same", "1")).to.equal(made.outputs["digest"]);
  });
});

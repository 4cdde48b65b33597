import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, it } from "mocha";
import type { Digest } from "../../../provider/image/digest.js";
import { OCI_MANIFEST } from "../../../provider/image/media-types.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ImageRepository, StoredManifest } from "../../../provider/registry/repository.js";
import type { ValueMap } from "../../../provider/values.js";
import { baseParts, Workshop } from "../workshop.js";
import { expect, expectThat } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { attach, listUnderTag } from "../../support/images/referrer.js";
import { storedManifest, testBlob } from "../../support/registries/images.js";
import { findProgram, startCraneRegistry, startDockerRegistry, startProxy } from "../../support/registries/index.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { cleanup } from "../../support/running-test.js";
import { testUnless } from "../../support/skips.js";

/** Not synchronous: a registry whose log nobody reads stops. */
const run = promisify(execFile);
const crane = findProgram("crane");
const regctl = findProgram("regctl");

/** An image under cosign's tag, as cosign signs without the referrers API. */
async function sign(to: ImageRepository, subject: Digest): Promise<StoredManifest> {
  const config = testBlob(Buffer.from("{}"), "application/vnd.oci.image.config.v1+json");
  const layer = testBlob(Buffer.from(`signature of ${subject}`), "application/vnd.dev.cosign.simplesigning.v1+json");
  for (const one of [config, layer]) await to.putBlob(one.descriptor, one.source);
  const manifest = storedManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: config.descriptor, layers: [layer.descriptor] });
  await to.putManifest(manifest.digest, manifest);
  await to.putManifest(`sha256-${subject.slice(7)}.sig`, manifest);
  return manifest;
}

async function heads(repository: ImageRepository): Promise<Readonly<Record<string, string | undefined>>> {
  const tags = await repository.listTags();
  return Object.fromEntries(await Promise.all(tags.map(async (tag) => [tag, (await repository.headManifest(tag))?.digest] as const)));
}

async function openShop(): Promise<{ readonly shop: Workshop; readonly open: (name: string, session?: Session) => ImageRepository }> {
  const shop = await Workshop.open();
  cleanup(() => shop.remove());
  return { shop, open: (name, session = shop.session()) => session.repositories.open(parseRepository(name)) };
}

const dockerRegistry = async (program: "docker-registry" | "registry" = "docker-registry"): Promise<string> => {
  const { host, stop } = await startDockerRegistry({ program });
  cleanup(stop);
  return host;
};

const craneRegistry = async (): Promise<string> => {
  const started = await startCraneRegistry();
  expectThat(started);
  cleanup(started.stop);
  return started.host;
};

describe("a mirror between registries", () => {
  it(
    "copies the same digests as crane copy --all-tags, with the fallback tag and those of cosign",
    testUnless(crane === undefined && "crane is not here", async () => {
      expectThat(crane);
      const { shop, open } = await openShop();
      const [from, to] = [await dockerRegistry(), await dockerRegistry()];
      const source = open(`${from}/acme/base`);
      const [one, two] = [makeImage(baseParts("one")), makeImage({ ...baseParts("two"), docker: true, attestations: true })];
      await putImage(source, one, "3.12", "latest");
      await putImage(source, two, "3.13");
      await sign(source, two.top.digest);
      // docker-registry has no referrers API, so a tool writes the fallback tag itself.
      const sbom = await attach(source, one.top, "application/spdx+json");
      const child = one.manifests[0];
      expectThat(child);
      const provenance = await attach(source, child, "application/vnd.in-toto+json");
      for (const [subject, referrer] of [
        [one.top, sbom],
        [child, provenance],
      ] as const) {
        await listUnderTag(source, subject.digest, referrer);
      }
      const inputs: ValueMap = { source: `${from}/acme/base`, destination: `${to}/acme/ours`, select: ["*"] };
      const state = await shop.up("mirror", inputs);
      await run(crane, ["copy", "--insecure", "--all-tags", `${from}/acme/base`, `${to}/acme/theirs`]);
      const [ours, theirs] = [await heads(open(`${to}/acme/ours`)), await heads(open(`${to}/acme/theirs`))];
      expect(ours).to.deep.equal(theirs);
      expect(ours).to.deep.equal(await heads(source));
      expect(Object.keys(ours)).to.have.length(6);
      expect(state.outputs["images"]).to.deep.equal({ "3.12": one.top.digest, latest: one.top.digest, "3.13": two.top.digest });
      for (const { digest } of [...one.manifests, ...two.manifests, sbom, provenance])
        expect((await open(`${to}/acme/ours`).getManifest(digest))?.digest, digest).to.equal(digest);
      await run(crane, ["validate", "--remote", `${to}/acme/ours:3.12`]);
      await shop.up("mirror", inputs, state);
    }),
  );

  it("leaves out a referrer that does not refer to its image, and a fallback tag that is not a list", async () => {
    const { shop, open } = await openShop();
    const [from, to] = [await dockerRegistry(), await dockerRegistry()];
    const [source, target] = [open(`${from}/acme/base`), open(`${to}/acme/base`)];
    const [one, two] = [makeImage(baseParts("one")), makeImage(baseParts("two"))];
    await putImage(source, one, "3.12");
    await putImage(source, two, "3.13");
    const other = await attach(source, two.top, "application/spdx+json");
    await listUnderTag(source, one.top.digest, other);
    const own = await attach(source, two.top, "application/vnd.in-toto+json");
    const tag = `sha256-${two.top.digest.slice(7)}`;
    await listUnderTag(source, two.top.digest, own);
    const foreign = await sign(target, two.top.digest);
    await target.putManifest(tag, foreign);
    const { lines } = await shop.up("mirror", {
      source: `${from}/acme/base`,
      destination: `${to}/acme/base`,
      select: ["3.*"],
      overwrite: true,
    });
    expect(lines.join("\n")).to.match(new RegExp(`the referrer ${other.digest} is left out: it is listed for ${one.top.digest}`));
    expect(lines.join("\n")).to.match(new RegExp(`the tag ${tag} stays as it is: it does not point at an index of referrers`));
    expect(await target.headManifest(`sha256-${one.top.digest.slice(7)}`)).to.equal(undefined);
    expect((await target.headManifest(tag))?.digest).to.equal(foreign.digest);
    expect((await target.headManifest("3.13"))?.digest).to.equal(two.top.digest);
  });

  it("sends nothing that is there, mounts blobs within one registry, and uploads none twice", async () => {
    const { shop, open } = await openShop();
    const host = await dockerRegistry();
    const proxy = await startProxy(host);
    cleanup(proxy.stop);
    await putImage(open(`${host}/acme/base`), makeImage(baseParts("one")), "3.12");
    const inputs: ValueMap = { source: `${proxy.host}/acme/base`, destination: `${proxy.host}/acme/copy`, select: ["3.*"] };
    const state = await shop.up("mirror", inputs);
    expect(state.lines.at(-1)).to.match(/ 0 blobs uploaded, 3 mounted, /);
    const writes = (): readonly string[] =>
      proxy.requests.filter(({ method }) => !["GET", "HEAD"].includes(method)).map(({ method, url }) => `${method} ${url}`);
    const before = writes().length;
    shop.loseCache();
    expect((await shop.up("mirror", inputs, state)).did).to.equal("same");
    // One more tag of the same image: its manifest is put under it, and nothing else.
    await putImage(open(`${host}/acme/base`), makeImage(baseParts("one")), "3.13");
    await shop.up("mirror", inputs, state);
    expect(writes().slice(before)).to.deep.equal(["PUT /v2/acme/copy/manifests/3.13"]);
  });

  it("puts children before their index, and the tag last", async () => {
    const { shop, open } = await openShop();
    const program = findProgram("registry") === undefined ? "docker-registry" : "registry";
    const [from, to] = [await dockerRegistry(), await dockerRegistry(program)];
    const proxy = await startProxy(to);
    cleanup(proxy.stop);
    const image = makeImage(baseParts("one"));
    await putImage(open(`${from}/acme/base`), image, "3.12");
    await shop.up("mirror", { source: `${from}/acme/base`, destination: `${proxy.host}/acme/copy`, select: ["3.12"] });
    const puts = proxy.requests
      .filter(({ method, url }) => method === "PUT" && url.includes("/manifests/"))
      .map(({ url }) => url.split("/").at(-1));
    expect(puts.slice(0, -2).sort()).to.deep.equal(
      image.manifests
        .slice(0, -1)
        .map(({ digest }) => digest)
        .sort(),
    );
    expect(puts.slice(-2)).to.deep.equal([image.top.digest, "3.12"]);
  });

  it(
    "writes the fallback tag where the source has a list of referrers and the destination has none, and keeps what is in it",
    testUnless(crane === undefined && "crane is not here", async () => {
      const { shop, open } = await openShop();
      const to = await dockerRegistry();
      const image = makeImage(baseParts("one"));
      const from = open("oci:from");
      await putImage(from, image, "3.12");
      const sbom = await attach(from, image.top, "application/spdx+json");
      const signature = await attach(from, sbom, "application/vnd.dev.cosign.artifact.sig.v1+json");
      const target = open(`${to}/acme/copy`);
      const state = await shop.up("mirror", { source: "oci:from", destination: `${to}/acme/copy`, select: ["*"] });
      const listed = async (subject: StoredManifest): Promise<unknown> => {
        const index = await target.getManifest(`sha256-${subject.digest.slice(7)}`);
        return (JSON.parse(index?.bytes.toString() ?? "{}") as { manifests?: { digest: string }[] }).manifests?.map(({ digest }) => digest);
      };
      expect(await listed(image.top)).to.deep.equal([sbom.digest]);
      expect(await listed(sbom)).to.deep.equal([signature.digest]);
      const later = await attach(from, image.top, "application/vnd.in-toto+json");
      const next = await shop.up("mirror", { source: "oci:from", destination: `${to}/acme/copy`, select: ["*"] }, state);
      expect(next.outputs["reasons"]).to.deep.equal(["1 new referrer"]);
      expect(await listed(image.top)).to.deep.equal([sbom.digest, later.digest]);
      expect((await shop.up("mirror", { source: "oci:from", destination: `${to}/acme/copy`, select: ["*"] }, next)).did).to.equal("same");
      // And back, through a registry whose referrers are under tags, into one of another kind.
      const host = await craneRegistry();
      await shop.up("mirror", { source: `${to}/acme/copy`, destination: `${host}/acme/again`, select: ["*"] });
      for (const { digest } of [image.top, sbom, signature, later])
        expect((await open(`${host}/acme/again`).headManifest(digest))?.digest, digest).to.equal(digest);
    }),
  );

  it(
    "is read by regctl with its referrers",
    testUnless(regctl === undefined && "regctl is not here", async () => {
      expectThat(regctl);
      const { shop, open } = await openShop();
      const to = await dockerRegistry();
      const image = makeImage(baseParts("one"));
      await putImage(open("oci:from"), image, "3.12");
      const sbom = await attach(open("oci:from"), image.top, "application/spdx+json");
      await shop.up("mirror", { source: "oci:from", destination: `${to}/acme/copy`, select: ["3.12"] });
      const { stdout: list } = await run(regctl, ["--host", `reg=${to},tls=disabled`, "artifact", "list", "--format", "{{json .}}", `${to}/acme/copy:3.12`], { encoding: "utf8" }); // prettier-ignore
      expect(list).to.include(sbom.digest).and.include("application/spdx+json");
    }),
  );

  it("leaves referrers out on request, and reads them from a second repository too", async () => {
    const { shop, open } = await openShop();
    const to = await dockerRegistry();
    const image = makeImage(baseParts("one"));
    await putImage(open("oci:from"), image, "3.12");
    const own = await attach(open("oci:from"), image.top, "application/spdx+json");
    await putImage(open("oci:attestations"), image, "3.12");
    const other = await attach(open("oci:attestations"), image.top, "application/vnd.in-toto+json");
    const mirror = (name: string, referrers: boolean | ValueMap): Promise<unknown> =>
      shop.up("mirror", { source: "oci:from", destination: `${to}/acme/${name}`, select: ["*"], referrers });
    await mirror("none", false);
    expect(await open(`${to}/acme/none`).listTags()).to.deep.equal(["3.12"]);
    await mirror("both", { source: "oci:attestations" });
    for (const { digest } of [own, other]) expect((await open(`${to}/acme/both`).headManifest(digest))?.digest).to.equal(digest);
  });

  it("leaves a signature of one's own under cosign's tag, and deletes only what it copied", async () => {
    const { shop, open } = await openShop();
    const [from, to] = [await dockerRegistry(), await dockerRegistry()];
    const [one, two] = [makeImage(baseParts("one")), makeImage(baseParts("two"))];
    const target = open(`${to}/acme/copy`);
    await putImage(open(`${from}/acme/base`), one, "3.12");
    await putImage(open(`${from}/acme/base`), two, "3.13");
    for (const { top } of [one, two]) await sign(open(`${from}/acme/base`), top.digest);
    const sbom = await attach(open(`${from}/acme/base`), one.top, "application/spdx+json");
    await listUnderTag(open(`${from}/acme/base`), one.top.digest, sbom);
    await putImage(target, makeImage(baseParts("ours")), `sha256-${two.top.digest.slice(7)}.sig`);
    const state = await shop.up("mirror", {
      source: `${from}/acme/base`,
      destination: `${to}/acme/copy`,
      select: ["*"],
      deleteImages: true,
    });
    expect(state.lines.filter((line) => line.startsWith("warning"))).to.have.length(1);
    expect(await target.listTags()).to.have.length(5);
    await lifecycles.mirror.delete(shop.session(), state.id, state.outputs, keepRow());
    expect(await target.listTags()).to.deep.equal([`sha256-${two.top.digest.slice(7)}.sig`]);
  });
});

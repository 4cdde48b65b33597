import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { beginsWith } from "../../../cli/descendants/base-image.js";
import { MAX_CONFIG, readImage, type ReadImage } from "../../../cli/descendants/read-image.js";
import { digestOf } from "../../../provider/image/digest.js";
import { OCI_CONFIG } from "../../../provider/image/media-types.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect, expectThat } from "../../support/expectations.js";
import { makeImage, putImage, type MadeImage } from "../../support/images/image.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { storedManifest } from "../../support/registries/images.js";
import { cleanup } from "../../support/running-test.js";

async function layout(): Promise<ImageRepository> {
  const folder = await mkdtemp(join(tmpdir(), "dhi-read-"));
  cleanup(() => rm(folder, { recursive: true }));
  return openRepositories({ projectDirectory: folder, env: {} }).open(parseRepository("oci:images"));
}

async function read(image: MadeImage): Promise<ReadImage> {
  const repository = await layout();
  await putImage(repository, image, "1");
  const found = await readImage(repository, image.top.digest);
  expectThat(found !== undefined);
  return found;
}

const layer = (text: string) => ({ tar: layerTar([file("a", text)]) });

describe("an image that may be built on a base", () => {
  it("has annotations of its index over those of its manifests, labels, and the manifests of all platforms", async () => {
    const made = makeImage({
      platforms: ["linux/arm64", "linux/amd64"].map((platform) => ({
        platform,
        layers: [layer(platform)],
        config: { Labels: { a: "label", b: 1 } },
        annotations: { a: `of ${platform}`, b: "of the manifest" },
      })),
      annotations: { a: "of the index" },
      attestations: true,
    });
    const image = await read(made);
    expect(image.annotations).to.deep.equal({ a: "of the index", b: "of the manifest" });
    expect((await image.facts()).labels).to.deep.equal({ a: "label" });
    expect(await image.allLayers()).to.have.length(2);
    expect(image.manifests.size).to.equal(3);
  });

  it("has its creation, unless that is a time of reproducible builds", async () => {
    const created = async (text: unknown): Promise<number | undefined> => {
      const image = await read(makeImage({ platforms: [{ layers: [layer("x")], rest: { created: text } }] }));
      return (await image.facts()).created;
    };
    expect(await created("2025-01-01T00:00:00Z")).to.equal(Date.UTC(2025, 0, 1));
    expect(await created("1970-01-02T00:00:00.001Z")).to.equal(Date.UTC(1970, 0, 2) + 1);
    for (const text of ["1970-01-02T00:00:00Z", "0001-01-01T00:00:00Z", "never", 5, null]) expect(await created(text)).to.equal(undefined);
  });

  it("has no labels where it is not a container image", async () => {
    const repository = await layout();
    const config = { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf("{}"), size: 2 };
    const chart = storedManifest({ schemaVersion: 2, config, layers: [] });
    await repository.putBlob(config, async function* () {
      yield await Promise.resolve(Buffer.from("{}"));
    });
    await repository.putManifest(chart.digest, chart);
    const image = await readImage(repository, chart.digest);
    expect(await image?.facts()).to.deep.equal({ labels: {}, created: undefined });
    expect(await readImage(repository, digestOf("absent"))).to.equal(undefined);
  });

  it("has a config of a limited size", async () => {
    const facts = async (size: number): Promise<unknown> => {
      const config = { mediaType: OCI_CONFIG, digest: digestOf("absent"), size };
      const manifest = storedManifest({ schemaVersion: 2, config, layers: [] });
      const repository = { ...(await layout()), repository: parseRepository("oci:images"), getManifest: () => Promise.resolve(manifest) };
      const readBlob = () => {
        throw new Error("it was read");
      };
      return (await readImage({ ...repository, readBlob }, manifest.digest))?.facts();
    };
    await expect(facts(MAX_CONFIG)).to.be.rejectedWith(/it was read/);
    await expect(facts(MAX_CONFIG + 1)).to.be.rejectedWithError({ code: "limit", message: /larger than 8 MiB/ });
  });

  it("begins with the layers of its base, on any platform, and is not the base itself", async () => {
    const platforms = ["linux/amd64", "linux/arm64"];
    const base = await read(makeImage({ platforms: platforms.map((platform) => ({ platform, layers: [layer(platform)] })) }));
    const on = async (...texts: string[]): Promise<boolean> =>
      beginsWith(await read(makeImage({ platforms: [{ platform: "linux/arm64", layers: texts.map(layer) }] })), base);
    expect(await on("linux/arm64", "more")).to.equal(true);
    expect(await on("linux/amd64")).to.equal(true);
    expect(await on("more", "linux/arm64")).to.equal(false);
    expect(await on()).to.equal(false);
    expect(await beginsWith(base, base)).to.equal(false);
    const empty = await read(makeImage({ platforms: [{ layers: [] }] }));
    expect(await beginsWith(base, empty)).to.equal(false);
  });
});

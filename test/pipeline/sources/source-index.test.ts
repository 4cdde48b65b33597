import { after, before, describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { DOCKER_INDEX, OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from "../../../provider/image/media-types.js";
import { formatPlatform } from "../../../provider/image/platform.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { StoredManifest } from "../../../provider/registry/repository.js";
import { openImage, type SourceImage } from "../../../provider/pipeline/sources/source-image.js";
import { MAXIMUM_IMAGES } from "../../../provider/pipeline/sources/source-index.js";
import { expect, expectThat } from "../../support/expectations.js";
import { compressTar } from "../../support/images/image.js";
import { directory, file, layerTar } from "../../support/images/layer-tar.js";
import { storedManifest, testBlob } from "../../support/registries/images.js";
import { Workshop } from "../workshop.js";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64", variant: "v8" };

describe("the index of a base", () => {
  let shop: Workshop;
  before(async () => (shop = await Workshop.open()));
  after(() => shop.remove());

  /** An image with one layer that identifies it. */
  async function putManifest(platform: typeof amd64, says: string, wrong: { readonly config?: object; readonly twice?: number } = {}) {
    const repository = shop.session().repositories.open(parseRepository("oci:base"));
    const tar = layerTar([
      directory("etc"),
      file("etc/passwd", "root:x:0:0::/:/bin/sh\n"),
      file("etc/group", "root:x:0:\n"),
      file("etc/is", says),
    ]);
    const layer = testBlob(compressTar(tar, "gzip"), OCI_LAYER_GZIP);
    const diffIds = Array.from({ length: wrong.twice === undefined ? 1 : 2 }, () => digestOf(tar));
    const config = testBlob(
      Buffer.from(JSON.stringify({ ...platform, config: {}, rootfs: { type: "layers", diff_ids: diffIds } })),
      OCI_CONFIG,
    );
    for (const blob of [layer, config]) await repository.putBlob(blob.descriptor, blob.source);
    const layers = [layer.descriptor, ...(wrong.twice === undefined ? [] : [{ ...layer.descriptor, size: wrong.twice }])];
    const fields = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: { ...config.descriptor, ...wrong.config }, layers };
    return put(storedManifest(fields));
  }

  async function put(manifest: StoredManifest, ...tags: readonly string[]): Promise<StoredManifest> {
    const repository = shop.session().repositories.open(parseRepository("oci:base"));
    await repository.putManifest(manifest.digest, manifest);
    for (const tag of tags) await repository.putManifest(tag, manifest);
    return manifest;
  }

  const entry = ({ mediaType, digest, bytes }: StoredManifest, platform?: object, more: object = {}) => ({
    mediaType,
    digest,
    size: bytes.length,
    ...(platform === undefined ? {} : { platform }),
    ...more,
  });
  const putIndex = (manifests: readonly object[], ...tags: readonly string[]): Promise<StoredManifest> =>
    put(storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, OCI_INDEX), ...tags);
  const open = ({ digest }: StoredManifest): Promise<SourceImage> => openImage(shop.session(), parseRepository("oci:base"), digest, "base");
  const openPlatform = async (index: StoredManifest, name: string) => {
    const found = (await open(index)).platforms.get(name);
    expectThat(found !== undefined, `it has no ${name}`);
    return found();
  };

  it("provides the first of two entries for a platform, with a notice", async () => {
    const [first, second] = [await putManifest(amd64, "first"), await putManifest(amd64, "second")];
    const index = await putIndex([entry(first, amd64), entry(second, amd64)], "1");
    const { descriptor, notices } = await openPlatform(index, "linux/amd64");
    expect(descriptor.digest).to.equal(first.digest);
    expect(notices).to.deep.equal([
      {
        kind: "duplicate-platform",
        message: `oci:base@${index.digest} lists linux/amd64 2 times; the first one is used, ${first.digest}, not ${second.digest}`,
      },
    ]);
    const { outputs, lines } = await shop.up("customization", {
      repository: "oci:base",
      version: "1",
      destination: "oci:out",
      labels: { a: "b" },
    });
    expect(JSON.stringify(outputs["notices"])).to.include(`"kind":"duplicate-platform"`);
    expect(lines.some((line) => line.startsWith("warning: ") && line.includes("lists linux/amd64 2 times"))).to.equal(true);
  });

  it("merges two spellings of the variant of a platform", async () => {
    const [first, second] = [await putManifest(arm64, "first"), await putManifest(arm64, "second")];
    const { descriptor, notices } = await openPlatform(
      await putIndex([entry(first, arm64), entry(second, { os: "linux", architecture: "arm64" })]),
      "linux/arm64",
    );
    expect(descriptor.digest).to.equal(first.digest);
    expect(notices.length).to.equal(1);
  });

  it("may list the same image twice without a notice", async () => {
    const image = await putManifest(amd64, "first");
    const { notices } = await openPlatform(await putIndex([entry(image, amd64), entry(image, amd64)]), "linux/amd64");
    expect(notices).to.deep.equal([]);
  });

  it("is followed into a nested index for the listed platform, like in crane", async () => {
    const [image, other, third] = [
      await putManifest(amd64, "inner"),
      await putManifest(arm64, "inner arm"),
      await putManifest(amd64, "late"),
    ];
    const inner = await putIndex([entry(image, amd64), entry(other, arm64), entry(third, amd64)]);
    const outer = await putIndex([entry(inner, amd64)], "nested");
    expect([...(await open(outer)).platforms.keys()]).to.deep.equal(["linux/amd64"]);
    const { descriptor, notices } = await openPlatform(outer, "linux/amd64");
    expect([descriptor.digest, formatPlatform(descriptor.platform ?? amd64)]).to.deep.equal([image.digest, "linux/amd64"]);
    expect(notices.length).to.equal(1);
    const { outputs } = await shop.up("customization", {
      repository: "oci:base",
      version: "nested",
      destination: "oci:out",
      suffix: "n",
      labels: { a: "b" },
    });
    expect(Object.keys(outputs["platformDigests"] ?? {})).to.deep.equal(["linux/amd64"]);
  });

  it("provides all platforms of a nested index that is listed without one, after the previous entries", async () => {
    const [image, other, first] = [await putManifest(amd64, "1"), await putManifest(arm64, "2"), await putManifest(amd64, "3")];
    const inner = await putIndex([entry(image), entry(other, arm64)]);
    const outer = await putIndex([entry(first, amd64), entry(inner)]);
    expect([...(await open(outer)).platforms.keys()].sort()).to.deep.equal(["linux/amd64", "linux/arm64"]);
    expect((await openPlatform(outer, "linux/amd64")).descriptor.digest).to.equal(first.digest);
    expect((await openPlatform(outer, "linux/arm64")).descriptor.digest).to.equal(other.digest);
  });

  it("is rejected with two levels of nested indexes, or when the nested one lacks the platform", async () => {
    const image = await putManifest(amd64, "inner");
    const inner = await putIndex([entry(image, amd64)]);
    const middle = await putIndex([entry(inner, amd64)]);
    await expect(openPlatform(await putIndex([entry(middle, amd64)]), "linux/amd64")).to.be.rejectedWithError({
      code: "invalid",
      message: /^the index sha256:.* within oci:base@.* lists another index, sha256:.*: only one level of nested indexes is supported/,
    });
    await expect(openPlatform(await putIndex([entry(middle)]), "linux/amd64")).to.be.rejectedWithError({
      code: "invalid",
      message: /lists another index/,
    });
    await expect(openPlatform(await putIndex([entry(inner, arm64)]), "linux/arm64")).to.be.rejectedWithError({
      code: "not-found",
      message: /^the index sha256:.* within oci:base@.* is listed for linux\/arm64, but has linux\/amd64$/,
    });
  });

  it("is rejected when a child has another size than listed, also when it is cached", async () => {
    const image = await putManifest(amd64, "sized");
    await openPlatform(await putIndex([entry(image, amd64)]), "linux/amd64");
    const lies = await putIndex([entry(image, amd64, { size: image.bytes.length + 1 })]);
    await expect(openPlatform(lies, "linux/amd64")).to.be.rejectedWithError({
      code: "mismatch",
      message: `oci:base@${lies.digest} lists ${image.digest} with ${image.bytes.length + 1} bytes, but it has ${image.bytes.length}`,
    });
    const inner = await putIndex([entry(image, amd64)]);
    await expect(openPlatform(await putIndex([entry(inner, amd64, { size: 1 })]), "linux/amd64")).to.be.rejectedWithError({
      code: "mismatch",
    });
  });

  it("is rejected when a child is not of the listed kind", async () => {
    const image = await putManifest(amd64, "typed");
    const inner = await putIndex([entry(image, amd64)]);
    await expect(openPlatform(await putIndex([entry(image, amd64, { mediaType: DOCKER_INDEX })]), "linux/amd64")).to.be.rejectedWithError({
      code: "invalid",
      message: /as an index, but it is an image manifest/,
    });
    await expect(openPlatform(await putIndex([entry(inner, amd64, { mediaType: OCI_MANIFEST })]), "linux/amd64")).to.be.rejectedWithError({
      code: "invalid",
      message: /as an image manifest, but it is an index/,
    });
  });

  it("ignores entries that are neither image nor index, as specified", async () => {
    const image = await putManifest(amd64, "beside");
    const blob = testBlob(Buffer.from("x"), "application/vnd.example.other.v1+json");
    await shop.session().repositories.open(parseRepository("oci:base")).putBlob(blob.descriptor, blob.source);
    const other = blob.descriptor;
    const { descriptor } = await openPlatform(await putIndex([{ ...other, platform: amd64 }, other, entry(image, amd64)]), "linux/amd64");
    expect(descriptor.digest).to.equal(image.digest);
  });

  it("is rejected beyond the limit of images, and accepted up to it", async () => {
    const image = await putManifest(amd64, "many");
    const many = (count: number) => Array.from({ length: count }, () => entry(image, amd64));
    expect([...(await open(await putIndex(many(MAXIMUM_IMAGES)))).platforms.keys()]).to.deep.equal(["linux/amd64"]);
    await expect(open(await putIndex(many(MAXIMUM_IMAGES + 1)))).to.be.rejectedWithError({
      code: "limit",
      message: /lists 513 images: the limit is 512/,
    });
  });

  it("is rejected when a config has another size than listed, also when it is cached", async () => {
    const image = await putManifest(amd64, "config");
    await openPlatform(await putIndex([entry(image, amd64)]), "linux/amd64");
    const lies = await putManifest(amd64, "config", { config: { size: 3 } });
    await expect(openPlatform(await putIndex([entry(lies, amd64)]), "linux/amd64")).to.be.rejectedWithError({ code: "mismatch" });
  });

  it("is rejected when a config has another media type, which the error names", async () => {
    const mediaType = "application/vnd.cncf.helm.config.v1+json";
    const chart = testBlob(Buffer.from('{"name":"chart","version":"1"}'), mediaType);
    const layer = testBlob(Buffer.from("x"), "application/vnd.cncf.helm.chart.content.v1.tar+gzip");
    const repository = shop.session().repositories.open(parseRepository("oci:base"));
    for (const blob of [chart, layer]) await repository.putBlob(blob.descriptor, blob.source);
    const fields = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: chart.descriptor, layers: [layer.descriptor] };
    await expect(open(await put(storedManifest(fields)))).to.be.rejectedWithError({
      code: "invalid",
      message: /is not a container image: its config has the media type application\/vnd\.cncf/,
    });
  });

  it("may list a layer twice, but not with two sizes", async () => {
    const fine = await putManifest(amd64, "twice", {
      twice: (await openPlatform(await putManifest(amd64, "twice"), "linux/amd64")).manifest.layers[0]?.size ?? 0,
    });
    expect((await openPlatform(fine, "linux/amd64")).manifest.layers.length).to.equal(2);
    await expect(open(await putManifest(amd64, "twice", { twice: 5 }))).to.be.rejectedWithError({
      code: "invalid",
      message: /lists sha256:.* with two sizes/,
    });
  });
});

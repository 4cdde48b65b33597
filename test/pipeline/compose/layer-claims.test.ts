import { gzipSync, zstdCompressSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_LAYER_ZSTD, OCI_LAYER } from "../../../provider/image/media-types.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { expect, expectThat } from "../../support/expectations.js";
import { directory, file, layerTar } from "../../support/images/layer-tar.js";
import { storedManifest, testBlob } from "../../support/registries/images.js";
import { Workshop, type State } from "../workshop.js";

const tar = layerTar([directory("etc"), file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"), file("etc/group", "root:x:0:\n")]);
const script = { path: "/a", content: "x", uid: 0, gid: 0, mode: "0755" };

interface Claims {
  readonly diffId?: string;
  /** Overrides of the layer's descriptor. */
  readonly layer?: object;
  /** Text within the config. */
  readonly config?: string;
  readonly bytes?: Buffer;
}

describe("a layer as described by manifest and config", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop.remove());

  async function put(name: string, { diffId = digestOf(tar), layer, config = "{}", bytes = gzipSync(tar) }: Claims): Promise<void> {
    const repository = shop.session().repositories.open(parseRepository(`oci:${name}`));
    const blob = testBlob(bytes, OCI_LAYER_GZIP);
    const text = `{"os":"linux","architecture":"amd64","config":${config},"rootfs":{"type":"layers","diff_ids":["${diffId}"]}}`;
    const about = testBlob(Buffer.from(text), OCI_CONFIG);
    for (const { descriptor, source } of [blob, about]) await repository.putBlob(descriptor, source);
    const manifest = storedManifest({ schemaVersion: 2, config: about.descriptor, layers: [{ ...blob.descriptor, ...layer }] });
    await repository.putManifest(manifest.digest, manifest);
    const child = { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length };
    const manifests = [{ ...child, platform: { os: "linux", architecture: "amd64" } }];
    await repository.putManifest("13", storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, OCI_INDEX));
  }

  const up = (name: string, session = shop.session()): Promise<State> =>
    shop.up("customization", { repository: `oci:${name}`, version: "13", destination: `oci:out-${name}`, scripts: [script] }, undefined, session); // prettier-ignore

  const wrong: readonly (readonly [name: string, claims: Claims, message: RegExp])[] = [
    ["diffid", { diffId: digestOf("another layer") }, /unpacks to sha256:.* but the image states sha256:/],
    ["smaller", { layer: { size: 7 } }, /bytes|size/],
    ["larger", { layer: { size: 70_000 } }, /bytes|size/],
    [
      "type",
      { layer: { mediaType: "application/vnd.example+json" } },
      /is a application\/vnd\.example\+json, which is not a supported layer/,
    ],
  ];
  for (const [name, claims, message] of wrong) {
    it(`is checked with a warm cache like with a cold one: ${name}`, async () => {
      await put("right", {});
      await put(name, claims);
      shop.loseCache();
      await expect(up(name)).to.be.rejectedWithError({ message });
      shop.loseCache();
      await shop.up("customization", { repository: "oci:right", version: "13", destination: `oci:warm-${name}`, scripts: [script] });
      await expect(up(name)).to.be.rejectedWithError({ message });
    });

    it(`is checked when another image with the layer was read in the same operation: ${name}`, async () => {
      await put("right", {});
      await put(name, claims);
      shop.loseCache();
      const session = shop.session();
      await shop.up("customization", { repository: "oci:right", version: "13", destination: `oci:same-${name}`, scripts: [script] }, undefined, session); // prettier-ignore
      await expect(up(name, session)).to.be.rejectedWithError({ message });
    });
  }

  const labels = { none: OCI_LAYER, gzip: OCI_LAYER_GZIP, zstd: OCI_LAYER_ZSTD };
  const packed = { none: tar, gzip: gzipSync(tar), zstd: zstdCompressSync(tar) };
  for (const [labelled, mediaType] of Object.entries(labels)) {
    for (const [found, bytes] of Object.entries(packed)) {
      it(`a layer labelled ${labelled} that is ${found} is read by its bytes, warm and cold, ${labelled === found ? "without a notice" : "with a notice"}`, async () => {
        const name = `${labelled}-is-${found}`;
        await put(name, { bytes, layer: { mediaType } });
        shop.loseCache();
        for (const state of [await up(name), await up(name)]) {
          const notices = state.outputs["notices"] as readonly { kind: string; message: string }[];
          const told = notices.filter(({ kind }) => kind === "mislabelled-layer").map(({ message }) => message);
          if (labelled === found) expect(told).to.deep.equal([]);
          else expect(told.join()).to.match(new RegExp(`^the layer .*@${digestOf(bytes)} has the media type .* but is ${found === "none" ? "not compressed" : `compressed with ${found}`}: it is read by its bytes$`)); // prettier-ignore
        }
      });
    }
  }

  for (const [what, config] of [
    ["a million arrays in config", `{"X":${"[".repeat(1e6)}${"]".repeat(1e6)}}`],
    ["20,000 objects in config", `{"X":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`],
  ] as const) {
    it(`is rejected when JSON is nested too deep: ${what}`, async () => {
      await put("deep", { config });
      await expect(up("deep")).to.be.rejectedWithError({ message: /the config of oci:deep.* is JSON that is nested deeper than 128/ });
    });
  }

  it("may come with a PATH of a million entries", async () => {
    await put("path", { config: `{"Env":["PATH=${":".repeat(1e6)}/bin"]}` });
    const artifacts = [{ image: "oci:path:13", includes: ["/etc/passwd"] }];
    const { outputs } = await shop.up("artifact", { repository: "oci:out-path", tag: "1", platforms: ["linux/amd64"], artifacts });
    expectThat(outputs["digest"]);
  });
});

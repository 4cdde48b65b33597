import { describe, it } from "mocha";
import { DOCKER_INDEX, DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from "../../provider/image/media-types.js";
import { checkManifest, manifestType } from "../../provider/registry/manifests.js";
import { expect } from "../support/expectations.js";
import { storedManifest, testBlob } from "../support/registries/images.js";

const config = testBlob(Buffer.from("{}"), OCI_CONFIG).descriptor;
const image = { schemaVersion: 2, config, layers: [] };
const index = { schemaVersion: 2, manifests: [] };
const types = [undefined, "", "text/plain", "application/json", OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, `${DOCKER_MANIFEST}; charset=utf-8`];

describe("the media type of a manifest", () => {
  // Issue 9, item 11: bytes that are served as an index and as a manifest must not be two images.
  const ofBytes: readonly (readonly [string, object, string])[] = [
    ["as an image manifest names itself", { ...image, mediaType: OCI_MANIFEST }, OCI_MANIFEST],
    ["as Docker's names itself", { ...image, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST],
    ["as an index names itself", { ...index, mediaType: OCI_INDEX }, OCI_INDEX],
    ["as Docker's list names itself", { ...index, mediaType: DOCKER_INDEX }, DOCKER_INDEX],
    ["of an image manifest by its fields", image, OCI_MANIFEST],
    ["of an index by its fields", index, OCI_INDEX],
    ["of an index that has the fields of both, which is then refused", { ...image, ...index }, OCI_INDEX],
    ["of Docker's schema 1", { schemaVersion: 1, fsLayers: [] }, "application/vnd.docker.distribution.manifest.v1+json"],
    ["of an artifact that names itself", { mediaType: "application/vnd.example+json" }, "application/vnd.example+json"],
  ];
  for (const [name, fields, expected] of ofBytes) {
    it(`is ${name}, whatever the sender calls it`, () => {
      const { bytes, digest } = storedManifest(fields);
      for (const named of types) expect(checkManifest(bytes, named, digest, undefined, "it").mediaType).to.equal(expected);
    });
  }

  it("is what the sender says of what is neither image nor index", () => {
    const { bytes } = storedManifest({ blobs: [] });
    expect(manifestType(bytes, "Application/Vnd.Example+json; a=b", "1", "it")).to.equal("application/vnd.example+json");
    for (const named of [undefined, "", "text/plain"])
      expect(() => manifestType(bytes, named, "1", "it")).to.throwError({ code: "invalid", message: /tag "1" in it is not a manifest/ });
    expect(() => manifestType(Buffer.from("<html>"), OCI_MANIFEST, "1", "it")).to.throwError({
      code: "invalid",
      message: /is not a manifest/,
    });
  });
});

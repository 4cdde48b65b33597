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
  // Issue 9, item 11: the same bytes, served as an index and as a manifest, must not be two images.
  const ofBytes: readonly (readonly [string, object, string])[] = [
    ["the one that an image manifest has in its mediaType", { ...image, mediaType: OCI_MANIFEST }, OCI_MANIFEST],
    ["the one that a Docker manifest has in its mediaType", { ...image, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST],
    ["the one that an index has in its mediaType", { ...index, mediaType: OCI_INDEX }, OCI_INDEX],
    ["the one that a Docker manifest list has in its mediaType", { ...index, mediaType: DOCKER_INDEX }, DOCKER_INDEX],
    ["that of an image manifest when it has its fields", image, OCI_MANIFEST],
    ["that of an index when it has its fields", index, OCI_INDEX],
    ["that of an index when it has the fields of both, which is rejected later", { ...image, ...index }, OCI_INDEX],
    ["that of Docker's schema 1", { schemaVersion: 1, fsLayers: [] }, "application/vnd.docker.distribution.manifest.v1+json"],
    ["the one that an artifact has in its mediaType", { mediaType: "application/vnd.example+json" }, "application/vnd.example+json"],
  ];
  for (const [name, fields, expected] of ofBytes) {
    it(`is ${name}, whatever the Content-Type says`, () => {
      const { bytes, digest } = storedManifest(fields);
      for (const named of types) expect(checkManifest(bytes, named, digest, undefined, "it").mediaType).to.equal(expected);
    });
  }

  it("is the Content-Type for what is neither an image nor an index", () => {
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

import { it } from "mocha";
import { isIndexType, isManifestType, layerCompression, ociMediaType } from "../../provider/image/media-types.js";
import { expect } from "../support/expectations.js";

const docker = "application/vnd.docker";
const oci = "application/vnd.oci.image";

const table = [
  [`${docker}.distribution.manifest.list.v2+json`, `${oci}.index.v1+json`, "index", undefined],
  [`${docker}.distribution.manifest.v2+json`, `${oci}.manifest.v1+json`, "manifest", undefined],
  [`${docker}.container.image.v1+json`, `${oci}.config.v1+json`, "other", undefined],
  [`${docker}.image.rootfs.diff.tar`, `${oci}.layer.v1.tar`, "other", "none"],
  [`${docker}.image.rootfs.diff.tar.gzip`, `${oci}.layer.v1.tar+gzip`, "other", "gzip"],
  [`${docker}.image.rootfs.diff.tar.zstd`, `${oci}.layer.v1.tar+zstd`, "other", "zstd"],
  [`${docker}.distribution.manifest.v1+json`, `${docker}.distribution.manifest.v1+json`, "other", undefined],
  [`${docker}.image.rootfs.foreign.diff.tar.gzip`, `${docker}.image.rootfs.foreign.diff.tar.gzip`, "other", undefined],
  ["application/vnd.in-toto+json", "application/vnd.in-toto+json", "other", undefined],
  ["", "", "other", undefined],
] as const;

for (const [name, ociName, kind, compression] of table) {
  it(`the OCI media type of ${name === "" ? "no type" : name}`, () => {
    for (const given of [name, ociName]) {
      expect(ociMediaType(given)).to.equal(ociName);
      expect(isIndexType(given)).to.equal(kind === "index");
      expect(isManifestType(given)).to.equal(kind === "manifest");
      expect(layerCompression(given)).to.equal(compression);
    }
  });
}

it("names of object members are not media types", () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    expect(typeof ociMediaType(name), name).to.equal("string");
    expect(layerCompression(name)).to.equal(undefined);
  }
});

import { describe, it } from "mocha";
import { basePurl, imagePurl } from "../../provider/attestation/image-purl.js";
import type { InventoryPackage } from "../../provider/attestation/inventory.js";
import { packagePurl, versionedPurl } from "../../provider/attestation/purl.js";
import { parseRepository } from "../../provider/image/reference.js";
import { expect } from "../support/expectations.js";

const digest = `sha256:${"a".repeat(64)}` as const;

const deb = (name: string, version: string, more: Partial<InventoryPackage> = {}): InventoryPackage => ({
  type: "deb",
  namespace: "debian",
  name,
  version,
  architecture: "amd64",
  origin: "base",
  distro: "debian-12.15",
  ...more,
});

describe("the package URL of a package", () => {
  // As trivy 0.5x and later write them; test/packages/proof/sbom.peer.test.ts compares with the one that is there.
  const cases: readonly (readonly [InventoryPackage, string, string])[] = [
    [deb("apt", "2.6.2"), "pkg:deb/debian/apt@2.6.2?arch=amd64&distro=debian-12.15", "pkg:deb/debian/apt@2.6.2"],
    [
      deb("zlib1g", "1:1.2.13.dfsg-1"),
      "pkg:deb/debian/zlib1g@1.2.13.dfsg-1?arch=amd64&distro=debian-12.15&epoch=1",
      "pkg:deb/debian/zlib1g@1.2.13.dfsg-1?epoch=1",
    ],
    [
      deb("libstdc++6", "12.2.0-14+deb12u1~x"),
      "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1~x?arch=amd64&distro=debian-12.15",
      "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1~x",
    ],
    [deb("odd", "0:1-1", { distro: "" }), "pkg:deb/debian/odd@1-1?arch=amd64", "pkg:deb/debian/odd@1-1"],
    [
      deb("bash", "5.2+dhi1", { namespace: "dhi", distro: "dhi-13" }),
      "pkg:deb/dhi/bash@5.2%2Bdhi1?arch=amd64&distro=dhi-13",
      "pkg:deb/dhi/bash@5.2%2Bdhi1",
    ],
    [
      deb("musl", "1.2.4_git20230717-r4", { type: "apk", namespace: "alpine", architecture: "x86_64", distro: "3.19.4" }),
      "pkg:apk/alpine/musl@1.2.4_git20230717-r4?arch=x86_64&distro=3.19.4",
      "pkg:apk/alpine/musl@1.2.4_git20230717-r4",
    ],
  ];
  for (const [present, full, versioned] of cases) {
    it(`is ${full}`, () => {
      expect(packagePurl(present)).to.equal(full);
      expect(versionedPurl(present)).to.equal(versioned);
    });
  }
});

describe("the package URL of an image", () => {
  for (const [repository, expected] of [
    // docker-hardened-images/advisories, integration/derived-image-base-discovery.md
    ["dhi.io/bash", `pkg:docker/dhi.io/bash@5-alpine3.24?digest=${digest}&platform=linux%2Farm64`],
    // BuildKit leaves Docker Hub out, as it uses Docker's short names.
    ["docker.io/library/alpine", `pkg:docker/alpine@5-alpine3.24?digest=${digest}&platform=linux%2Farm64`],
    ["acme/dhi-bash", `pkg:docker/acme/dhi-bash@5-alpine3.24?digest=${digest}&platform=linux%2Farm64`],
    ["localhost:5000/a/b", `pkg:docker/localhost:5000/a/b@5-alpine3.24?digest=${digest}&platform=linux%2Farm64`],
    ["oci:./bases/Bash/", `pkg:oci/bash@${digest}?tag=5-alpine3.24`],
  ] as const) {
    it(`as a base is ${expected}`, () => {
      expect(basePurl({ repository: parseRepository(repository), digest, tag: "5-alpine3.24" }, "linux/arm64")).to.equal(expected);
    });
  }

  it("has its repository and architecture", () => {
    const image = { repository: parseRepository("ghcr.io/acme/python"), digest };
    expect(imagePurl(image, "amd64")).to.equal(`pkg:oci/python@${digest}?arch=amd64&repository_url=ghcr.io%2Facme%2Fpython`);
    expect(imagePurl({ repository: parseRepository("oci:."), digest })).to.equal(`pkg:oci/image@${digest}`);
  });
});

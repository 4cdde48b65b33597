import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { describe, it } from "mocha";
import { cycloneDxDocument } from "../../../provider/attestation/sbom/cyclonedx.js";
import type { DescribedImage } from "../../../provider/attestation/sbom/described-image.js";
import { spdxDocument } from "../../../provider/attestation/sbom/spdx.js";
import { digestOf } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { expect } from "../../support/expectations.js";
import { danglingIds, findPackage, originsOf, relationsOf } from "./reading.js";

const common = { architecture: "x86_64", namespace: "alpine", type: "apk", distro: "3.19.4" } as const;

const described: DescribedImage = {
  repository: parseRepository("registry.example.com/acme/tool"),
  manifest: digestOf("manifest"),
  created: "2024-05-06T07:08:09Z",
  base: { repository: parseRepository("dhi.io/alpine"), digest: digestOf("base"), tag: "3.19" },
  inventory: {
    platform: "linux/amd64",
    system: { id: "alpine", version: "3.19.4" },
    packages: [
      {
        ...common,
        name: "libcrypto3",
        version: "3.1.4-r5",
        source: { name: "openssl", version: "3.1.4-r5" },
        license: "Apache-2.0",
        origin: "base",
      },
      { ...common, name: "musl", version: "1.2.4-r2", license: "MIT AND custom", origin: "upgraded", replaces: "1.2.4-r1" },
      { ...common, name: "curl", version: "8.5-r0", license: "curl", origin: "added" },
      {
        ...common,
        name: "g++",
        version: "1:2.0",
        type: "deb",
        namespace: "debian",
        distro: "debian-12",
        origin: "added",
        download: { file: digestOf("deb") },
      },
    ],
    artifacts: [
      {
        reference: "ghcr.io/acme/certs:1",
        image: { repository: parseRepository("ghcr.io/acme/certs"), tag: "1", digest: digestOf("certs") },
        files: [{ path: "/etc/a b", digest: digestOf("a"), kind: "artifact" }],
        unlisted: 3,
      },
      {
        reference: "ghcr.io/acme/hidden:1",
        image: { repository: parseRepository("ghcr.io/acme/hidden"), digest: digestOf("hidden") },
        files: undefined,
        unlisted: 0,
      },
    ],
    files: [
      { path: "/opt/run", digest: digestOf("run"), kind: "script" },
      { path: "/etc/passwd", digest: digestOf("passwd"), kind: "generated" },
    ],
    unlisted: 2,
    leftOut: ["scripts[1]"],
  },
};

describe("an SPDX document", () => {
  const document = spdxDocument(described);

  it("has every element that its relationships name, each with an id of its own", () => {
    expect(danglingIds(document)).to.deep.equal([]);
  });

  it("tells what the base contains from what was added", () => {
    const contained = (by: string): readonly string[] => relationsOf(document, by, "CONTAINS");
    expect(contained("SPDXRef-Base")).to.deep.equal(["libcrypto3"]);
    expect(contained("SPDXRef-Image")).to.deep.equal(["alpine", "musl", "curl", "g++", "/etc/a b", "/opt/run", "/etc/passwd"]);
    expect(contained("SPDXRef-OperatingSystem")).to.deep.equal(["libcrypto3", "musl", "curl", "g++"]);
    expect(relationsOf(document, "SPDXRef-Image", "DESCENDANT_OF")).to.deep.equal(["dhi.io/alpine"]);
    expect(contained("SPDXRef-Artifact-0")).to.deep.equal(["/etc/a b"]);
    expect(relationsOf(document, "SPDXRef-Artifact-0", "BUILD_DEPENDENCY_OF")).to.deep.equal(["registry.example.com/acme/tool"]);
    expect(findPackage(document, "musl")).to.deep.include({ comment: "upgraded by the customization: the base has 1.2.4-r1" });
  });

  it("names the source package, the licence, and the digest of what was downloaded", () => {
    expect(findPackage(document, "libcrypto3")).to.deep.include({
      sourceInfo: "built package from: openssl 3.1.4-r5",
      licenseDeclared: "Apache-2.0",
    });
    const licenseDeclared = String(findPackage(document, "musl")["licenseDeclared"]);
    expect(licenseDeclared).to.match(/^LicenseRef-[0-9a-f]{16}$/);
    expect(document["hasExtractedLicensingInfos"]).to.deep.include({
      licenseId: licenseDeclared,
      name: "MIT AND custom",
      extractedText: "MIT AND custom",
    });
    expect(findPackage(document, "g++")).to.deep.include({ checksums: [{ algorithm: "SHA256", checksumValue: digestOf("deb").slice(7) }] });
    expect(findPackage(document, "g++")["SPDXID"]).to.match(/^SPDXRef-Package-g---[0-9a-f]{16}$/);
  });

  it("names artifacts by their repository", () => {
    const [purl] = findPackage(document, "ghcr.io/acme/certs:1")["externalRefs"] as readonly object[];
    const referenceLocator = `pkg:oci/certs@${digestOf("certs")}?repository_url=ghcr.io%2Facme%2Fcerts&tag=1`;
    expect(purl).to.deep.include({ referenceType: "purl", referenceLocator });
  });

  it("says what it does not list", () => {
    const { comment } = document["creationInfo"] as { readonly comment: string };
    expect(comment).to.equal(
      "Not listed: the files of ghcr.io/acme/hidden:1, whose paths are secret; the files of scripts[1], which is secret; 5 more files.",
    );
  });

  it("of an image from scratch has no base", () => {
    const scratch = spdxDocument({
      ...described,
      base: undefined,
      inventory: { ...described.inventory, system: undefined, leftOut: [], artifacts: [], unlisted: 0 },
    });
    expect(danglingIds(scratch)).to.deep.equal([]);
    expect(relationsOf(scratch, "SPDXRef-Image", "CONTAINS")).to.deep.equal([
      "libcrypto3",
      "musl",
      "curl",
      "g++",
      "/opt/run",
      "/etc/passwd",
    ]);
    expect(scratch["creationInfo"]).to.deep.equal({ created: "2024-05-06T07:08:09Z", creators: ["Tool: pulumi-dhi"] });
  });
});

describe("a CycloneDX document", () => {
  const document = cycloneDxDocument(described);

  it("has the form of CycloneDX 1.6", async () => {
    expect(document).to.deep.include({ bomFormat: "CycloneDX", specVersion: "1.6" });
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(JSON.stringify(document))).to.equal(null);
    // The validator can fail.
    expect(await validator.validate(JSON.stringify({ ...document, specVersion: 7 }))).to.not.equal(null);
  });

  it("tells what the base depends on from what was added", () => {
    const dependencies = document["dependencies"] as readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
    const of = (ref: string): readonly string[] | undefined => dependencies.find((one) => one.ref === ref)?.dependsOn;
    const purl = "pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=x86_64&distro=3.19.4";
    expect(of("base")).to.deep.equal(["os", purl]);
    expect(of("image")).to.include.members(["artifact-0", "base", "pkg:apk/alpine/curl@8.5-r0?arch=x86_64&distro=3.19.4"]);
    expect(of("image")).to.not.include(purl);
    expect(originsOf(document)).to.deep.include({
      libcrypto3: "base",
      musl: "upgraded",
      curl: "added",
      "/opt/run": "script",
      "dhi.io/alpine": "base",
    });
  });

  it("says what it does not list", () => {
    const { properties } = document["metadata"] as { readonly properties: readonly unknown[] };
    expect(properties).to.deep.equal([
      { name: "pulumi-dhi:secret-files", value: "ghcr.io/acme/hidden:1" },
      { name: "pulumi-dhi:secret-files", value: "scripts[1]" },
      { name: "pulumi-dhi:unlisted-files", value: "5" },
    ]);
  });
});

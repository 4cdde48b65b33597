import { after, before, describe, it } from "mocha";
import { CYCLONEDX, SLSA_PROVENANCE, SPDX } from "../../../provider/attestation/formats/predicate-types.js";
import { isAbout } from "../../../provider/attestation/formats/statement.js";
import { digestOf } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { describeStatements } from "../../../provider/pipeline/statements/statements.js";
import type { ValueMap } from "../../../provider/values.js";
import { danglingIds, purlsIn } from "../../attestation/sbom/reading.js";
import { expect, expectThat } from "../../support/expectations.js";
import { directory, file, layerTar } from "../../support/images/layer-tar.js";
import { debianBase, debianRelease, forBoth, installed, PackagesShop } from "../packages/packages-shop.js";
import { attest, dependenciesOf, statementOf } from "./attesting.js";

const SECRET = "correct horse battery staple";
const platforms = ["linux/amd64", "linux/arm64"];
const system = { files: [{ name: "usr/lib/os-release", data: debianRelease }] };

describe("the statements about an image", () => {
  let packages: PackagesShop;
  let inputs: ValueMap;
  let certs: string;
  before(async () => {
    packages = await PackagesShop.open();
    await packages.stock([...forBoth("tool", "1:2.0-1"), ...forBoth("libx", "1.1-1"), ...forBoth("system", "1", system)]);
    const status = [installed("base-files", "12.4"), installed("libx", "1.0-1", "Source: x (1.0)\n")];
    await packages.shop.put("oci:base", "1", debianBase(status, [file("etc/debian_version", "12.15\n")]));
    const tar = layerTar([directory("opt"), file("opt/a", "a"), file("opt/b", "b")]);
    certs = await packages.shop.put("oci:certs", "1", { platforms: platforms.map((platform) => ({ platform, layers: [{ tar }] })) });
    inputs = {
      repository: "oci:base",
      version: "1",
      suffix: "p",
      packages: ["tool", "libx=1.1-1"],
      packageSources: [packages.source()],
      artifacts: [{ image: "oci:certs:1", includes: ["opt"] }],
      scripts: [{ path: "/opt/b", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }],
      environment: { TOKEN: SECRET, LEVEL: "info" },
      keepPrevious: 5,
    };
  });
  after(() => packages.close());

  it("are of each platform and of the index, each about its own digest", async () => {
    const made = await attest(packages.shop.session(), "customization", inputs);
    expect(made.statements.map(({ platform, predicateType }) => [platform, predicateType])).to.deep.equal([
      ...platforms.flatMap((platform) => [SPDX, CYCLONEDX, SLSA_PROVENANCE].map((type) => [platform, type])),
      [undefined, SLSA_PROVENANCE],
    ]);
    for (const { platform, predicateType, digest, bytes, subject } of made.statements) {
      expect(digestOf(bytes)).to.equal(digest);
      const manifest = made.composition.platforms.find((one) => one.platform === platform)?.manifest ?? made.composition.index;
      expect(subject).to.equal(manifest.digest);
      const statement = statementOf(made, predicateType, platform);
      expect(isAbout(statement, subject)).to.equal(true);
      expect(statement.subjects.map(({ name }) => name)).to.deep.equal(["oci:base"]);
    }
    const [first, last] = [made.statements[0], made.statements.at(-1)];
    expectThat(first);
    expectThat(last);
    expect(describeStatements([first, last])).to.deep.equal([
      { type: SPDX, digest: first.digest, platform: "linux/amd64" },
      { type: SLSA_PROVENANCE, digest: last.digest },
    ]);
  });

  it("list the packages of the finished root, and tell those of the base from the others", async () => {
    const made = await attest(packages.shop.session(), "customization", inputs);
    const found = made.inventories.get("linux/arm64")?.packages ?? [];
    const distro = "debian-12.15";
    const of = { type: "deb", namespace: "debian", distro, license: undefined, source: undefined, replaces: undefined };
    expect(found.map(({ download, ...rest }) => ({ ...rest, file: download?.file?.slice(0, 7) }))).to.deep.equal([
      { ...of, name: "base-files", version: "12.4", architecture: "all", origin: "base", file: undefined },
      { ...of, name: "libx", version: "1.1-1", architecture: "arm64", origin: "upgraded", replaces: "1.0-1", file: "sha256:" },
      { ...of, name: "tool", version: "1:2.0-1", architecture: "arm64", origin: "added", file: "sha256:" },
    ]);
    const { predicate } = statementOf(made, SPDX, "linux/arm64");
    expect(danglingIds(predicate)).to.deep.equal([]);
    expect(purlsIn(predicate)).to.deep.equal([
      "pkg:deb/debian/base-files@12.4?arch=all&distro=debian-12.15",
      "pkg:deb/debian/libx@1.1-1?arch=arm64&distro=debian-12.15",
      "pkg:deb/debian/tool@2.0-1?arch=arm64&distro=debian-12.15&epoch=1",
    ]);
  });

  it("list the files of artifacts that are still there, and scripts", async () => {
    const made = await attest(packages.shop.session(), "customization", inputs);
    const inventory = made.inventories.get("linux/amd64");
    expect(inventory?.artifacts).to.deep.equal([
      {
        reference: "oci:certs:1",
        image: { repository: parseRepository("oci:certs"), tag: "1", digest: certs },
        files: [{ path: "/opt/a", digest: digestOf("a"), kind: "artifact" }],
        unlisted: 0,
      },
    ]);
    expect(inventory?.files).to.deep.equal([{ path: "/opt/b", digest: digestOf("#!/bin/sh\n"), kind: "script" }]);
  });

  it("name what the image was composed from", async () => {
    const made = await attest(packages.shop.session(), "customization", inputs);
    const [one, both] = [dependenciesOf(made, "linux/amd64"), dependenciesOf(made)];
    expect(one.map(({ uri }) => uri?.replace(/[0-9a-f]{64}/, "…"))).to.deep.equal([
      "pkg:oci/base@sha256:…?tag=1",
      "pkg:oci/certs@sha256:…?tag=1",
      "pkg:deb/debian/libx@1.1-1?arch=amd64&distro=debian-12.15",
      "pkg:deb/debian/tool@2.0-1?arch=amd64&distro=debian-12.15&epoch=1",
    ]);
    expect(both.length).to.equal(one.length + 2);
    const archive = [...packages.files].find(([path]) => path.endsWith("tool_2.0-1_amd64.deb"));
    expectThat(archive);
    expect(one[3]).to.deep.include({
      digest: { sha256: digestOf(archive[1]).slice(7) },
      downloadLocation: new URL(archive[0], `${packages.archive.url}/`).href,
    });
  });

  it("have the declared inputs, without what is secret or decides nothing in the image", async () => {
    const secrets = [
      ["environment", "TOKEN"],
      ["scripts", 0, "content"],
      ["artifacts", 0, "includes"],
    ] as const;
    const made = await attest(packages.shop.session(), "customization", inputs, secrets);
    const { buildDefinition } = statementOf(made, SLSA_PROVENANCE).predicate as { readonly buildDefinition: ValueMap };
    const { keepPrevious: _keepPrevious, ...declared } = inputs;
    expect(buildDefinition["externalParameters"]).to.deep.equal({
      inputs: {
        ...declared,
        artifacts: [{ image: "oci:certs:1" }],
        scripts: [{ path: "/opt/b", uid: 0, gid: 0, mode: "0755" }],
        environment: { LEVEL: "info" },
      },
      secretInputs: ["artifacts[0].includes", "environment.TOKEN", "scripts[0].content"],
    });
    const all = made.statements.map(({ bytes }) => bytes.toString()).join("\n");
    for (const text of [SECRET, digestOf("#!/bin/sh\n").slice(7), "/opt/a"]) expect(all).to.not.include(text);
    expect(made.inventories.get("linux/amd64")).to.deep.include({ files: [], leftOut: ["scripts[0]"] });
    expect(made.inventories.get("linux/amd64")?.artifacts[0]?.files).to.equal(undefined);
  });

  it("have the same bytes from another cache and another folder, and leave the digest of the image as it is", async () => {
    const one = await attest(packages.shop.session(), "customization", inputs);
    packages.shop.loseCache();
    const other = await attest(packages.shop.session(), "customization", inputs);
    expect(other.statements.map(({ digest }) => digest)).to.deep.equal(one.statements.map(({ digest }) => digest));
    const unobserved = await packages.shop.up("customization", { ...inputs, destination: "oci:elsewhere" });
    expect(unobserved.outputs["digest"]).to.equal(one.composition.index.digest);
  });

  it("list the base's packages also where no layer is added, and its files are read for nothing else", async () => {
    const made = await attest(packages.shop.session(), "customization", {
      repository: "oci:base",
      version: "1",
      suffix: "q",
      labels: { a: "b" },
    });
    const found = made.inventories.get("linux/amd64")?.packages ?? [];
    expect(found.map(({ name, origin, source }) => [name, origin, source])).to.deep.equal([
      ["base-files", "base", undefined],
      ["libx", "base", { name: "x", version: "1.0" }],
    ]);
  });

  it("of an image from scratch have no base, and what a package says of the system", async () => {
    const scratch = { repository: "oci:made", tag: "1", platforms: ["linux/amd64"], distribution: "debian:bookworm" };
    const made = await attest(packages.shop.session(), "artifact", {
      ...scratch,
      packages: ["tool", "system"],
      packageSources: [packages.source()],
    });
    const found = made.inventories.get("linux/amd64")?.packages ?? [];
    expect(found.map(({ name, origin, namespace }) => [name, origin, namespace])).to.deep.equal([
      ["system", "added", "debian"],
      ["tool", "added", "debian"],
    ]);
    expect(dependenciesOf(made).map(({ uri }) => uri)).to.deep.equal([
      "pkg:deb/debian/system@1?arch=amd64&distro=debian-12",
      "pkg:deb/debian/tool@2.0-1?arch=amd64&distro=debian-12&epoch=1",
    ]);
    expect(danglingIds(statementOf(made, SPDX, "linux/amd64").predicate)).to.deep.equal([]);
  });

  it("are refused where the system cannot be read", async () => {
    await packages.shop.write("release", "ID=mine\n");
    const files = [{ path: "/etc/os-release", source: "release" }];
    const made = attest(packages.shop.session(), "customization", { repository: "oci:base", version: "1", suffix: "r", files });
    await expect(made).to.be.rejectedWithError({
      code: "limit",
      message: /holds on linux\/amd64 cannot be listed.*os-release/,
    });
  });
});

import { after, before, describe, it } from "mocha";
import { SPDX } from "../../../provider/attestation/formats/predicate-types.js";
import { expect } from "../../support/expectations.js";
import { buildApk, buildApkRepository, makeApkKey } from "../../support/archives/apk.js";
import { serveArchive, type ServedArchive } from "../../support/archives/serve.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { findPackage, purlsIn } from "../../attestation/sbom/reading.js";
import { Workshop } from "../workshop.js";
import { attest, dependenciesOf, statementOf } from "./attesting.js";

const key = makeApkKey();
const release = "ID=alpine\nPRETTY_NAME=Alpine\nVERSION_ID=3.19.4\n";
const system = { name: "system", version: "1.0-r0", files: [{ name: "usr/lib/os-release", data: release }] };
const tool = { name: "tool", version: "2.0-r0", files: [{ name: "usr/bin/tool", data: "x" }], fields: { L: "MIT AND custom" } };

describe("the statements about an image of Alpine", () => {
  let shop: Workshop;
  let archive: ServedArchive;
  before(async () => {
    shop = await Workshop.open();
    archive = await serveArchive(buildApkRepository([tool, system], { key }));
    const musl = `C:Q1${"A".repeat(27)}=\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\n\n`;
    const tar = layerTar([file("etc/os-release", release), file("etc/apk/world", ""), file("lib/apk/db/installed", musl)]);
    await shop.put("oci:alpine", "3.19", { platforms: [{ platform: "linux/amd64", layers: [{ tar }] }] });
  });
  after(async () => {
    await archive.stop();
    await shop.remove();
  });

  it("have the licences of apk's database, and what its index states of a package", async () => {
    const source = { url: archive.url, keys: [key.publicKey] };
    const inputs = { repository: "oci:alpine", version: "3.19", suffix: "p", packages: ["tool"], packageSources: [source] };
    const made = await attest(shop.session(), "customization", inputs);
    const { predicate } = statementOf(made, SPDX, "linux/amd64");
    expect(purlsIn(predicate)).to.deep.equal([
      "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=3.19.4",
      "pkg:apk/alpine/tool@2.0-r0?arch=x86_64&distro=3.19.4",
    ]);
    expect(findPackage(predicate, "musl")["licenseDeclared"]).to.equal("MIT");
    const added = dependenciesOf(made).find(({ uri }) => uri?.includes("/tool@") === true);
    const { checksum } = buildApk({ key, ...tool });
    expect(added).to.deep.include({ downloadLocation: `${archive.url}/x86_64/tool-2.0-r0.apk` });
    expect(JSON.stringify(added))
      .to.include(`"apk-checksum":"${checksum}"`)
      .and.match(/"apk-datahash":"sha256:[0-9a-f]{64}"/);
    expect(added).to.not.have.property("digest");
  });

  it("of one from nothing say what a package says of the system", async () => {
    const sources = { packages: ["system"], packageSources: [{ url: archive.url, keys: [key.publicKey] }] };
    const scratch = { repository: "oci:made", tag: "1", platforms: ["linux/amd64"], distribution: "alpine:3.19" };
    const made = await attest(shop.session(), "artifact", { ...scratch, ...sources });
    expect(made.inventories.get("linux/amd64")?.system).to.deep.equal({ id: "alpine", version: "3.19.4" });
  });
});

import { after, before, describe, it } from "mocha";
import { CYCLONEDX, SLSA_PROVENANCE, SPDX } from "../../../provider/attestation/formats/predicate-types.js";
import { digestOf } from "../../../provider/image/digest.js";
import { describeStatements } from "../../../provider/pipeline/attest/statements.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { debianBase, forBoth, installed, PackagesShop } from "../packages/packages-shop.js";
import { attest, statementOf } from "./attesting.js";
import { file, layerTar } from "../../support/images/layer-tar.js";

const SECRET = "hunter2-hunter2";

describe("the statements about an image", () => {
  let packages: PackagesShop;
  let inputs: ValueMap;
  before(async () => {
    packages = await PackagesShop.open();
    await packages.stock([...forBoth("tool", "1:2.0-1"), ...forBoth("libx", "1.1-1")]);
    await packages.shop.put(
      "oci:base",
      "1",
      debianBase([installed("base-files", "12.4"), installed("libx", "1.0-1")], [file("etc/debian_version", "12.15\n")]),
    );
    await packages.shop.put("oci:certs", "1", {
      platforms: ["linux/amd64", "linux/arm64"].map((platform) => ({
        platform,
        layers: [{ tar: layerTar([file("opt/a", "a"), file("opt/b", "b")]) }],
      })),
    });
    inputs = {
      repository: "oci:base",
      version: "1",
      suffix: "p",
      packages: ["tool", "libx=1.1-1"],
      packageSources: [packages.source()],
      artifacts: [{ image: "oci:certs:1", includes: ["opt"] }],
      scripts: [{ path: "/opt/b", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }],
      environment: { TOKEN: SECRET, LEVEL: "info" },
    };
  });
  after(() => packages.close());

  it("are of each platform and of the index, and what the output says of them", async () => {
    const made = await attest(packages.shop.session(), "customization", inputs, [["environment", "TOKEN"]]);
    if (process.env["DUMP"])
      for (const [at, one] of made.statements.entries())
        require("fs").writeFileSync(`${process.env["DUMP"]}/${at}.json`, JSON.stringify(JSON.parse(String(one.bytes)).predicate));
    const types = made.statements.map(({ platform, predicateType }) => [platform, predicateType]);
    expect(types).to.deep.equal([
      ...["linux/amd64", "linux/arm64"].flatMap((platform) => [SPDX, CYCLONEDX, SLSA_PROVENANCE].map((type) => [platform, type])),
      [undefined, SLSA_PROVENANCE],
    ]);
    expect(describeStatements(made.statements.slice(-1))).to.deep.equal([
      { type: SLSA_PROVENANCE, digest: made.statements.at(-1)?.digest },
    ]);
    for (const { bytes, digest } of made.statements) expect(digestOf(bytes)).to.equal(digest);
    void statementOf;
  });
});

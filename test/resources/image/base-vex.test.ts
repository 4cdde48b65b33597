import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "mocha";
import { encodeStatement } from "../../../provider/attestation/formats/statement.js";
import { OPENVEX } from "../../../provider/attestation/formats/predicate-types.js";
import { parseKeyReference } from "../../../provider/attestation/keys/key-reference.js";
import { hexOf, isDigest } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { attachAttestations } from "../../../provider/pipeline/attest/attach.js";
import { parseAttached, type Attached } from "../../../provider/pipeline/attest/attached.js";
import { subjectsOf } from "../../../provider/pipeline/attest/subjects.js";
import type { ValueMap } from "../../../provider/values.js";
import { debianBase } from "../../pipeline/packages/packages-shop.js";
import { Workshop, type State } from "../../pipeline/workshop.js";
import { expect, expectThat } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";
import { keepRow } from "../../support/session/session.js";

async function writeKey(shop: Workshop, name: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await shop.write(`${name}.key`, privateKey.export({ type: "pkcs8", format: "pem" }).toString(), 0o600);
  await shop.write(`${name}.pub`, publicKey.export({ type: "spki", format: "pem" }).toString());
}

/** Attaches an OpenVEX document about `base-files` to the index of the base, in place of the one `before`. */
async function stateOfBase(shop: Workshop, key: string, vulnerabilities: readonly string[], before: Attached = {}): Promise<Attached> {
  const session = shop.session();
  const repository = parseRepository("oci:base");
  const index = await session.repositories.open(repository).getManifest("1");
  expectThat(index);
  const predicate = {
    "@context": OPENVEX,
    "@id": "https://example.com/vex",
    author: "Example",
    timestamp: "2026-01-01T00:00:00Z",
    version: 1,
    statements: vulnerabilities.map((name) => ({
      vulnerability: { name },
      products: [{ "@id": "pkg:deb/debian/base-files@12.4" }],
      status: "not_affected",
      justification: "vulnerable_code_not_present",
    })),
  };
  const subjects = [{ name: "base", digest: { sha256: hexOf(index.digest) } }];
  const bytes = encodeStatement({ subjects, predicateType: OPENVEX, predicate });
  const statements = [{ predicateType: OPENVEX, bytes, subject: index.digest }];
  const signer = await session.signers.open({ is: "key", key: parseKeyReference(key) });
  return attachAttestations(session, repository, subjectsOf(index, statements), signer, before, keepRow());
}

const inputs: ValueMap = {
  repository: "oci:base",
  version: "1",
  suffix: "ours",
  destination: "oci:app",
  labels: { team: "a" },
  verify: { keys: ["base.pub"] },
  sign: { key: "ours.key" },
};

const vexOf = ({ outputs }: State): readonly string[] => {
  const list = outputs["attestations"] as readonly { readonly type: string; readonly platform?: string }[];
  return list.flatMap(({ type, platform = "index" }) => (type === OPENVEX ? [platform] : []));
};

async function open(): Promise<Workshop> {
  const shop = await Workshop.open();
  cleanup(() => shop.remove());
  for (const name of ["base", "ours", "stranger"]) await writeKey(shop, name);
  await shop.put("oci:base", "1", debianBase());
  return shop;
}

describe("what is stated of the vulnerabilities of a base", () => {
  it("is kept in one document of ours for the index and each manifest, and republished without another digest when it moves", async () => {
    const shop = await open();
    const before = await stateOfBase(shop, "base.key", ["CVE-2026-1"]);
    const first = await shop.up("customization", inputs);
    expect(vexOf(first)).to.deep.equal(["linux/amd64", "linux/arm64", "index"]);
    shop.loseCache();
    expect((await shop.up("customization", inputs, first)).did).to.equal("same");
    await stateOfBase(shop, "base.key", ["CVE-2026-1", "CVE-2026-2"], before);
    const moved = await shop.up("customization", inputs, first);
    expect([moved.did, moved.outputs["digest"]]).to.deep.equal(["update", first.outputs["digest"]]);
    expect(moved.outputs["reasons"]).to.deep.equal(["vex of the base: 1 → 2 statements"]);
    const { digest } = moved.outputs;
    expectThat(isDigest(digest));
    const attached = parseAttached(moved.outputs["__attached"])[digest];
    expect(attached?.statements.filter(({ type }) => type === OPENVEX).length).to.equal(1);
    expect((await shop.up("customization", inputs, moved)).did).to.equal("same");
  });

  it("does not count where a stranger signed it", async () => {
    const shop = await open();
    await stateOfBase(shop, "base.key", []);
    await stateOfBase(shop, "stranger.key", ["CVE-2026-1"]);
    expect(vexOf(await shop.up("customization", inputs))).to.deep.equal([]);
  });

  it("does not count where nobody is trusted for the base", async () => {
    const shop = await open();
    await stateOfBase(shop, "base.key", ["CVE-2026-1"]);
    const { verify: _, ...others } = inputs;
    expect(vexOf(await shop.up("customization", others))).to.deep.equal([]);
  });
});

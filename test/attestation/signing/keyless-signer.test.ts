import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { describe, it } from "mocha";
import { encodeStatement } from "../../../provider/attestation/formats/statement.js";
import { openKeyless, type KeylessServices } from "../../../provider/attestation/signing/keyless-signer.js";
import { loadSigning } from "../../../provider/attestation/signing/signing-library.js";
import type { Signer } from "../../../provider/attestation/signing/signer.js";
import type { DhiError } from "../../../provider/errors.js";
import { expect } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";
import { identityToken, startSigstore, type SigstoreServices } from "../../support/sigstore/services.js";

const digest = { sha256: "a".repeat(64) };
const statement = encodeStatement({ subjects: [{ name: "image", digest }], predicateType: "https://spdx.dev/Document", predicate: {} });
const subject = "https://github.com/acme/images/.github/workflows/release.yml@refs/heads/main";
const token = identityToken(subject);

const open = (services: KeylessServices, projectDirectory = "/", env: NodeJS.ProcessEnv = { SIGSTORE_ID_TOKEN: token }): Promise<Signer> =>
  openKeyless(services, { projectDirectory, env, signal: undefined });

async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dhi-keyless-"));
  cleanup(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Verifies as others do. Throws where it does not hold. */
function verify(
  { trustedRoot }: SigstoreServices,
  bundle: Buffer,
  thresholds: { tlogThreshold: number; timestampThreshold: number },
): void {
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(trustedRoot)), { ctlogThreshold: 1, ...thresholds });
  const signer = verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle.toString()))));
  expect(signer.identity?.subjectAlternativeName).to.equal(subject);
}

describe("keyless signing", () => {
  it("makes bundles that verify by the identity, with one certificate for all", async () => {
    const sigstore = await startSigstore();
    const signer = await open({ fulcioUrl: sigstore.url, rekorUrl: sigstore.url });
    const made = await Promise.all([signer.signStatement(statement), signer.signStatement(statement), signer.signStatement(statement)]);
    for (const { bundle, envelope } of made) {
      verify(sigstore, bundle, { tlogThreshold: 1, timestampThreshold: 1 });
      expect(envelope.payload).to.deep.equal(statement);
      expect(bundle.toString()).to.not.include("keyid");
    }
    expect(sigstore.requests.filter((path) => path.includes("signingCert"))).to.have.length(1);
    expect(sigstore.requests.filter((path) => path.includes("log/entries"))).to.have.length(3);
  });

  it("keeps beside the forms of cosign what is needed to verify them", async () => {
    const sigstore = await startSigstore();
    const signer = await open({ fulcioUrl: sigstore.url, rekorUrl: sigstore.url });
    const { annotations } = await signer.signStatement(statement);
    expect(annotations["dev.sigstore.cosign/certificate"]).to.match(/^-----BEGIN CERTIFICATE-----\n/);
    const entry = JSON.parse(annotations["dev.sigstore.cosign/bundle"] ?? "") as { Payload: object };
    expect(entry.Payload).to.have.keys(["body", "integratedTime", "logIndex", "logID"]);
    const signed = await signer.signPayload(Buffer.from("payload"));
    expect(signed.signature.length).to.be.above(60);
    expect(signed.annotations).to.have.keys(["dev.sigstore.cosign/certificate", "dev.sigstore.cosign/bundle"]);
  });

  it("takes the services from a signing config: with a timestamp where the log has no time", async () => {
    const sigstore = await startSigstore();
    const service = (version: number, start: string, url = sigstore.url, end?: string) => ({
      url,
      majorApiVersion: version,
      validFor: { start, ...(end === undefined ? {} : { end }) },
      operator: "test",
    });
    const config = {
      mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
      caUrls: [service(1, "2020-01-01T00:00:00Z", "http://old.test", "2021-01-01T00:00:00Z"), service(1, "2022-01-01T00:00:00Z")],
      rekorTlogUrls: [
        service(1, "2020-01-01T00:00:00Z", "http://old.test"),
        service(2, "2024-01-01T00:00:00Z"),
        service(3, "2025-01-01T00:00:00Z", "http://new.test"),
      ],
      tsaUrls: [service(1, "2020-01-01T00:00:00Z")],
      rekorTlogConfig: { selector: "ANY" },
      tsaConfig: { selector: "ANY" },
    };
    const folder = await project({ "signing.json": JSON.stringify(config) });
    const signer = await open({ signingConfig: "signing.json" }, folder);
    const { bundle, annotations } = await signer.signStatement(statement);
    expect(sigstore.requests.toSorted()).to.deep.equal(["/api/v1/timestamp", "/api/v2/log/entries", "/api/v2/signingCert"]);
    // The mock's proofs of a Rekor v2 do not hold.
    const withoutLog = bundle.toString().replace(/"tlogEntries":\[.*?\],"timestamp/, '"tlogEntries":[],"timestamp');
    verify(sigstore, Buffer.from(withoutLog), { tlogThreshold: 0, timestampThreshold: 1 });
    expect(annotations).to.not.have.property("dev.sigstore.cosign/bundle");
  });

  const configFaults: readonly (readonly [string, string, object])[] = [
    ["not JSON", "{", { code: "invalid", message: /signing\.json is not JSON/ }],
    ["another type", '{"mediaType":"x"}', { code: "invalid", message: /mediaType/ }],
    [
      "no authority that can be used",
      JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        caUrls: [{ url: "https://a.test", majorApiVersion: 2 }],
      }),
      { code: "invalid", message: /no certificate authority that can be used now/ },
    ],
    [
      "a log without a time",
      JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        caUrls: [{ url: "https://a.test", majorApiVersion: 1 }],
        rekorTlogUrls: [{ url: "https://a.test", majorApiVersion: 2 }],
      }),
      { code: "invalid", message: /Rekor v2, which has no time, and no timestamp authority/, hint: /tsaUrl/ },
    ],
  ];
  for (const [name, text, expected] of configFaults) {
    it(`refuses a signing config before anything is signed: ${name}`, async () => {
      const folder = await project({ "signing.json": text });
      await expect(open({ signingConfig: "signing.json" }, folder)).to.be.rejectedWithError(expected);
    });
  }

  it("refuses services that tell no time, and a config that is not there", async () => {
    await expect(open({ fulcioUrl: "https://fulcio.test" })).to.be.rejectedWithError({
      code: "invalid",
      message: /neither a log nor a timestamp/,
    });
    await expect(open({ signingConfig: "absent.json" })).to.be.rejectedWithError({ code: "not-found", hint: /relative/ });
  });

  it("says what a CI needs where there is no identity, and never repeats a token", async () => {
    const sigstore = await startSigstore();
    const services = { fulcioUrl: sigstore.url, rekorUrl: sigstore.url };
    const { ACTIONS_ID_TOKEN_REQUEST_URL: _, ...rest } = process.env;
    expect(rest["SIGSTORE_ID_TOKEN"]).to.equal(undefined);
    await expect((await open(services, "/", {})).signStatement(statement)).to.be.rejectedWithError({
      code: "unauthorized",
      message: /no identity to sign with/,
      hint: /id-token: write.*SIGSTORE_ID_TOKEN/,
    });
    for (const wrong of ["not-a-token-but-secret", "bm90.anNvbg.c2VjcmV0c2lnbmF0dXJl"]) {
      const work = (await open(services, "/", { SIGSTORE_ID_TOKEN: wrong })).signStatement(statement);
      await expect(work).to.be.rejectedWithError({ code: "unauthorized", message: /token/ });
      const error = (await work.catch((thrown: unknown) => thrown)) as DhiError;
      expect(`${error.describe()} ${String(error.stack)} ${String(error.cause)}`).to.not.include(wrong);
    }
  });

  const failures: readonly (readonly [string, RegExp])[] = [
    ["/api/v2/signingCert", /Fulcio.*gave no certificate.*\(403\) Forbidden/],
    ["/api/v1/log/entries", /Rekor.*took no entry.*\(403\) Forbidden/],
    ["/api/v1/timestamp", /timestamp authority gave no timestamp.*\(403\) Forbidden/],
  ];
  for (const [path, message] of failures) {
    it(`tells which service refused: ${path}`, async () => {
      const sigstore = await startSigstore();
      sigstore.answers.set(path, { status: 403, body: JSON.stringify({ code: 7, message: "not on the list" }) });
      const signer = await open({ fulcioUrl: sigstore.url, rekorUrl: sigstore.url, tsaUrl: sigstore.url });
      await expect(signer.signStatement(statement)).to.be.rejectedWithError({ code: "unavailable", message });
    });
  }

  it("says how to install the library where it was left out", async () => {
    const missing = Object.assign(new Error("Cannot find module"), { code: "MODULE_NOT_FOUND" });
    await expect(loadSigning(() => Promise.reject(missing))).to.be.rejectedWithError({
      code: "not-found",
      message: /@sigstore\/sign, which is not installed/,
      hint: /npm install @sigstore\/sign@4/,
    });
  });
});

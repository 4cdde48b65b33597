import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import { CYCLONEDX, OPENVEX, SPDX } from "../../../provider/attestation/formats/predicate-types.js";
import { BUNDLE } from "../../../provider/attestation/formats/media-types.js";
import { encodeStatement } from "../../../provider/attestation/formats/statement.js";
import { openSigners, type SignerSource } from "../../../provider/attestation/signing/signers.js";
import type { Signer } from "../../../provider/attestation/signing/signer.js";
import { hexOf } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { attachAttestations } from "../../../provider/pipeline/attest/attach.js";
import type { Attached } from "../../../provider/pipeline/attest/attached.js";
import { subjectsOf } from "../../../provider/pipeline/attest/subjects.js";
import { expect, expectThat } from "../../support/expectations.js";
import { runProgram } from "../../support/images/programs.js";
import { publishImage, testImage } from "../../support/registries/images.js";
import { findProgram, startDockerRegistry } from "../../support/registries/index.js";
import { startOlareg } from "../../support/registries/olareg.js";
import { cleanup } from "../../support/running-test.js";
import { keepRow, makeWorkplace, openSession } from "../../support/session/session.js";
import { identityToken, startSigstore } from "../../support/sigstore/services.js";
import { testUnless } from "../../support/skips.js";
import { cosignPassword, cosignPrivateKey, cosignPublicKey } from "../../attestation/keys/cosign-keys.js";

const programs = { cosign2: process.env["DHI_COSIGN2"], cosign3: process.env["DHI_COSIGN3"], oras: process.env["DHI_ORAS"] };
const missing = Object.values(programs).includes(undefined) ? "needs cosign 2 and 3, and oras, of Debian" : false;
const { cosign2 = "", cosign3 = "", oras = "" } = programs;
const noOlareg = findProgram("olareg") === undefined ? "needs olareg" : missing;

async function startReferrersApi(): Promise<string> {
  const registry = await startOlareg({ deletes: true });
  expectThat(registry !== undefined);
  cleanup(registry.stop);
  return registry.host;
}

const registries: readonly (readonly [string, () => Promise<string>])[] = [
  [
    "docker-registry",
    async () => {
      const { host, stop } = await startDockerRegistry();
      cleanup(stop);
      return host;
    },
  ],
  ["a registry with the referrers API", startReferrersApi],
];

interface Stage {
  readonly folder: string;
  /** Tools keep what they know of registries and keys here. */
  readonly env: NodeJS.ProcessEnv;
  readonly image: ReturnType<typeof testImage>;
  readonly attach: (name: string, signer: Signer, vex?: object, before?: Attached) => Promise<Attached>;
}

async function openStage(): Promise<Stage> {
  const place = await makeWorkplace();
  cleanup(place.remove);
  const session = openSession(place);
  const image = testImage(100);
  const state = (
    predicateType: string,
    { digest }: { digest: typeof image.index.digest },
    predicate: Readonly<Record<string, unknown>>,
  ) => ({
    predicateType,
    subject: digest,
    bytes: encodeStatement({ subjects: [{ name: "image", digest: { sha256: hexOf(digest) } }], predicateType, predicate }),
  });
  const attach = async (name: string, signer: Signer, vex: object = { version: 1 }, before: Attached = {}): Promise<Attached> => {
    const destination = parseRepository(name);
    await publishImage(session.repositories.open(destination), image, "1");
    const statements = [
      state(SPDX, image.manifest, { spdxVersion: "SPDX-2.3" }),
      state(CYCLONEDX, image.manifest, { bomFormat: "CycloneDX" }),
      state(OPENVEX, image.index, { ...vex }),
    ];
    return attachAttestations(session, destination, subjectsOf(image.index, statements), signer, before, keepRow());
  };
  return { folder: place.folder, env: { ...process.env, HOME: place.folder, DOCKER_CONFIG: place.folder }, image, attach };
}

const openKey = (source: SignerSource, env: NodeJS.ProcessEnv = {}, projectDirectory = "/"): Promise<Signer> =>
  openSigners({ projectDirectory, env, signal: undefined }).open(source);
const cosignKey = (): Promise<Signer> => openKey({ is: "text", text: cosignPrivateKey }, { COSIGN_PASSWORD: cosignPassword });

describe("what others make of attestations", () => {
  for (const [name, start] of registries) {
    const skip = name === "docker-registry" ? missing : noOlareg;

    it(
      `${name}: cosign 2 and 3 verify, oras and regctl list`,
      testUnless(skip, async () => {
        const { folder, env, image, attach } = await openStage();
        const repository = `${await start()}/acme/image`;
        const first = await attach(repository, await cosignKey());
        const key = join(folder, "cosign.pub");
        await writeFile(key, cosignPublicKey);
        const check = (program: string, ...args: readonly string[]) =>
          runProgram(program, [...args, "--insecure-ignore-tlog=true", "--key", key], { env });
        const [index, manifest] = [image.index, image.manifest].map(({ digest }) => `${repository}@${digest}`);
        expectThat(index !== undefined && manifest !== undefined);
        for (const program of [cosign2, cosign3]) {
          expect(await check(program, "verify", `${repository}:1`)).to.include(image.index.digest);
          expect(await check(program, "verify", manifest)).to.include(image.manifest.digest);
          for (const [type, subject] of [
            ["spdxjson", manifest],
            ["cyclonedx", manifest],
            [OPENVEX, index],
          ] as const) {
            expect(await check(program, "verify-attestation", "--type", type, subject)).to.include('"payload"');
          }
          await expect(check(program, "verify-attestation", "--type", OPENVEX, manifest)).to.be.rejectedWith(Error);
        }
        const found = await runProgram(oras, ["discover", "--plain-http", "--format", "json", index], { env });
        const { manifests } = JSON.parse(found) as { manifests: readonly { artifactType: string }[] };
        expect(manifests.map(({ artifactType }) => artifactType)).to.deep.equal([BUNDLE, BUNDLE]);
        await runProgram("regctl", ["registry", "set", "--tls", "disabled", repository.split("/")[0] ?? ""], { env });
        const listed = () => runProgram("regctl", ["artifact", "list", index], { env });
        expect((await listed()).match(/Digest: /g)).to.have.length(2);
        // A VEX that moved takes the place of the earlier one.
        await attach(repository, await cosignKey(), { version: 2 }, first);
        expect((await listed()).match(/Digest: /g)).to.have.length(2);
        for (const program of [cosign2, cosign3]) {
          const answer = await check(program, "verify-attestation", "--type", OPENVEX, index);
          const documents = [...answer.matchAll(/"payload":"([^"]+)"/g)].map(([, text = ""]) => Buffer.from(text, "base64").toString());
          expect(documents).to.have.length(1);
          expect(documents[0]).to.include('"version":2');
        }
      }),
    ).timeout(120_000);

    it(
      `${name}: both forms are enough alone, with each kind of key`,
      testUnless(skip, async () => {
        const { folder, env, image, attach } = await openStage();
        const host = await start();
        const kinds: readonly (readonly [string, KeyObject])[] = [
          ["p384", generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey],
          ["ed25519", generateKeyPairSync("ed25519").privateKey],
          ["rsa", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
        ];
        await runProgram("regctl", ["registry", "set", "--tls", "disabled", host], { env });
        for (const [kind, privateKey] of kinds) {
          const repository = `${host}/acme/${kind}`;
          const key = join(folder, `${kind}.pub`);
          const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
          await writeFile(join(folder, `${kind}.key`), pem);
          await runProgram("openssl", ["pkey", "-in", join(folder, `${kind}.key`), "-pubout", "-out", key]);
          await attach(repository, await openKey({ is: "text", text: pem }));
          const check = (program: string) =>
            runProgram(program, ["verify", "--insecure-ignore-tlog=true", "--key", key, `${repository}:1`], { env });
          // cosign 2 looks at the tags; without them, cosign 3 has the bundles alone.
          await check(cosign2);
          for (const ending of ["sig", "att"]) {
            await runProgram("regctl", ["tag", "delete", `${repository}:sha256-${hexOf(image.index.digest)}.${ending}`], { env });
          }
          await expect(check(cosign2)).to.be.rejectedWith(/no signatures found/);
          await check(cosign3);
        }
      }),
    ).timeout(120_000);
  }

  it(
    "a command's signature, without the public half of its key, verifies",
    testUnless(noOlareg, async () => {
      const { folder, env, attach } = await openStage();
      const repository = `${await startReferrersApi()}/acme/image`;
      await runProgram("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", join(folder, "kms.key")]);
      await runProgram("openssl", ["pkey", "-in", join(folder, "kms.key"), "-pubout", "-out", join(folder, "kms.pub")]);
      const words = ["openssl", "pkeyutl", "-sign", "-inkey", "kms.key", "-pkeyopt", "digest:sha256"] as const;
      await attach(repository, await openKey({ is: "key", key: { is: "command", words } }, process.env, folder));
      for (const program of [cosign2, cosign3]) {
        await runProgram(program, ["verify", "--insecure-ignore-tlog=true", "--key", join(folder, "kms.pub"), `${repository}:1`], { env });
      }
    }),
  ).timeout(60_000);

  it(
    "keyless: cosign verifies the identity against a trusted root of one's own",
    testUnless(noOlareg, async () => {
      const { folder, env, attach } = await openStage();
      const sigstore = await startSigstore();
      const repository = `${await startReferrersApi()}/acme/image`;
      const subject = "https://ci.test/acme/images/release";
      const source = { is: "keyless", sigstore: { fulcioUrl: sigstore.url, rekorUrl: sigstore.url } } as const;
      await attach(repository, await openKey(source, { SIGSTORE_ID_TOKEN: identityToken(subject) }));
      const root = join(folder, "trusted-root.json");
      await writeFile(root, JSON.stringify(sigstore.trustedRoot));
      const check = (identity: string) => {
        const options = ["--certificate-identity", identity, "--certificate-oidc-issuer", "https://ci.test", "--trusted-root", root];
        return runProgram(cosign3, ["verify", ...options, `${repository}:1`], { env });
      };
      await check(subject);
      await expect(check("https://ci.test/somebody/else")).to.be.rejectedWith(Error);
    }),
  ).timeout(60_000);

  it(
    "a layout: oras and regctl list",
    testUnless(missing, async () => {
      const { folder, env, image, attach } = await openStage();
      await attach("oci:images", await cosignKey());
      const at = `${join(folder, "images")}@${image.index.digest}`;
      const found = await runProgram(oras, ["discover", "--oci-layout", "--format", "json", at], { env });
      const { manifests } = JSON.parse(found) as { manifests: readonly { artifactType: string }[] };
      expect(manifests.map(({ artifactType }) => artifactType)).to.deep.equal([BUNDLE, BUNDLE]);
      const listed = await runProgram("regctl", ["artifact", "list", `ocidir://${at}`], { env });
      expect(listed.match(/Digest: /g)).to.have.length(2);
    }),
  );
});

import { after, before, describe, it } from "mocha";
import { parseReference } from "../../../provider/image/reference.js";
import { parseVerify } from "../../../provider/pipeline/spec/verify.js";
import { verifyNamed } from "../../../provider/pipeline/verify/verify-named.js";
import { expect, expectThat } from "../../support/expectations.js";
import { runProgram } from "../../support/images/programs.js";
import { startDockerRegistry } from "../../support/registries/index.js";
import { startOlareg } from "../../support/registries/olareg.js";
import { findProgram } from "../../support/registries/process.js";
import { suiteUnless } from "../../support/skips.js";
import { baseParts, Workshop } from "../workshop.js";

const cosigns = { 2: process.env["DHI_COSIGN2"] ?? "", 3: process.env["DHI_COSIGN3"] ?? "" };
const missing =
  (Object.values(cosigns).includes("") && "cosign is not here") ||
  (["docker-registry", "olareg"].some((name) => findProgram(name) === undefined) && "docker-registry or olareg is not here");

const registries = { "docker-registry, which has no list of referrers": startDockerRegistry, "olareg, which has one": startOlareg };
/** How each form is made, on a machine that cannot reach the public Sigstore. */
const offline = ["--tlog-upload=false", "--allow-http-registry", "--yes"];
const bundles = ["--use-signing-config=false", "--new-bundle-format=true"];
const forms = {
  "a signature of cosign 2 under a tag": ["2", "sign"],
  "a signature of cosign 2 by a referrer": ["2", "sign", "--registry-referrers-mode=oci-1-1"],
  "an attestation of cosign 2": ["2", "attest", "--type=spdxjson", "--predicate=sbom.json"],
  "a signature of cosign 3": ["3", "sign", ...bundles],
  "an attestation of cosign 3": ["3", "attest", "--type=spdxjson", "--predicate=sbom.json", ...bundles],
} as const;

describe(
  "what cosign has signed",
  suiteUnless(missing, () => {
    let shop: Workshop;
    before(async () => {
      shop = await Workshop.open();
      await shop.write("sbom.json", "{}");
      for (const name of ["own", "other"]) await cosign("2", ["generate-key-pair", `--output-key-prefix=${name}`]);
    });
    after(() => shop.remove());
    const cosign = (version: "2" | "3", args: readonly string[]): Promise<string> =>
      runProgram(cosigns[version], args, {
        cwd: shop.folder,
        env: { HOME: shop.folder, COSIGN_PASSWORD: "", COSIGN_EXPERIMENTAL: "1", PATH: process.env["PATH"] },
      });
    const verifyBy = async (key: string, ref: string) => {
      const policy = parseVerify({ keys: [`${key}.pub`] }, "verify");
      return (await verifyNamed(shop.session().repositories, shop.folder, parseReference(ref), policy)).outcome;
    };

    for (const [name, start] of Object.entries(registries)) {
      it(`is accepted by its key alone, in ${name}`, async () => {
        const registry = await start();
        expectThat(registry !== undefined);
        try {
          for (const [at, [form, [version, command, ...options]]] of Object.entries(forms).entries()) {
            const repository = `${registry.host}/base${String(at)}`;
            const digest = await shop.put(repository, "1", baseParts(String(at)));
            const ref = `${repository}@${digest}`;
            expect(await verifyBy("own", ref), form).to.have.property("found");
            await cosign(version, [command, "--key=own.key", ...offline, ...options, ref]);
            expect(await verifyBy("own", `${repository}:1`), form).to.have.property("signer");
            const refused = await verifyBy("other", ref);
            expect("found" in refused && refused.found.join("\n"), form).to.include("it is signed by another key, or was changed");
          }
        } finally {
          await registry.stop();
        }
      });
    }
  }),
);

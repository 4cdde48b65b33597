import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "mocha";
import { OPENVEX } from "../../../provider/attestation/formats/predicate-types.js";
import { encodeStatement } from "../../../provider/attestation/formats/statement.js";
import { localKey } from "../../../provider/attestation/keys/signing-key.js";
import { keySigner } from "../../../provider/attestation/signing/key-signer.js";
import { hexOf } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { attachAttestations } from "../../../provider/pipeline/attest/attach.js";
import type { Attached } from "../../../provider/pipeline/attest/attached.js";
import { subjectsOf } from "../../../provider/pipeline/attest/subjects.js";
import { expect, expectThat } from "../../support/expectations.js";
import { publishImage, testImage } from "../../support/registries/images.js";
import { findProgram } from "../../support/registries/index.js";
import { startOlareg } from "../../support/registries/olareg.js";
import { cleanup } from "../../support/running-test.js";
import { keepRow, makeWorkplace, openSession } from "../../support/session/session.js";
import { testUnless } from "../../support/skips.js";

const missing = findProgram("olareg") === undefined ? "needs olareg" : false;

describe("a registry with the referrers API", () => {
  for (const deletes of [true, false]) {
    it(
      `that ${deletes ? "deletes" : "does not delete"} manifests lists ${deletes ? "the new statement alone" : "both, with a warning"}`,
      testUnless(missing, async () => {
        const registry = await startOlareg({ deletes });
        expectThat(registry !== undefined);
        cleanup(registry.stop);
        const place = await makeWorkplace();
        cleanup(place.remove);
        const session = openSession(place);
        const destination = parseRepository(`${registry.host}/acme/image`);
        const repository = session.repositories.open(destination);
        const { index, ...rest } = testImage(100);
        await publishImage(repository, { index, ...rest }, "1");
        const signer = keySigner(localKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, "the key"));
        const row = keepRow();
        const attach = (version: number, before: Attached) => {
          const subjects = [{ name: "image", digest: { sha256: hexOf(index.digest) } }];
          const bytes = encodeStatement({ subjects, predicateType: OPENVEX, predicate: { version } });
          const all = subjectsOf(index, [{ predicateType: OPENVEX, subject: index.digest, bytes }]);
          return attachAttestations(session, destination, all, signer, before, row);
        };
        await attach(2, await attach(1, {}));
        expect(await repository.listReferrers(index.digest)).to.have.length(deletes ? 2 : 3);
        expect(
          row.lines.filter((line) => /^warning: an earlier attestation of sha256:.* stays in .* beside the new one: /.test(line)),
        ).to.have.length(deletes ? 0 : 1);
      }),
    );
  }
});

import { generateKeyPairSync } from "node:crypto";
import { it } from "mocha";
import { isDigest } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { openPolicy } from "../../../provider/pipeline/verify/policy.js";
import { verifyImage } from "../../../provider/pipeline/verify/verify-image.js";
import { Workshop } from "../../pipeline/workshop.js";
import { expect, expectThat } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";

it("an image that is mirrored keeps its signatures, and is verified where it is", async () => {
  const shop = await Workshop.open();
  cleanup(() => shop.remove());
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await shop.write("image.key", privateKey.export({ type: "pkcs8", format: "pem" }).toString(), 0o600);
  await shop.put("oci:base", "1");
  const inputs = { repository: "oci:base", version: "1", suffix: "ours", destination: "oci:app", sign: { key: "image.key" } };
  const { digest } = (await shop.up("customization", inputs)).outputs;
  expectThat(isDigest(digest));
  await shop.up("mirror", { source: "oci:app", destination: "oci:copy", select: ["1_ours"] });
  const { repositories } = shop.session();
  const repository = parseRepository("oci:copy");
  const keys = [publicKey.export({ type: "spki", format: "pem" }).toString()];
  const policy = await openPolicy(shop.folder, { by: { keys }, source: undefined });
  const outcome = await verifyImage(repositories, { repository, digest, platforms: undefined, places: [repository] }, policy);
  expect("signer" in outcome, JSON.stringify(outcome)).to.equal(true);
});

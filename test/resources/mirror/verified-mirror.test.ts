import { afterEach, beforeEach, describe, it } from "mocha";
import type { ValueMap } from "../../../provider/values.js";
import { baseParts, checkWith, Workshop } from "../../pipeline/workshop.js";
import { asDigest, attachStatement, openNamed, signUnderTag } from "../../support/attestations/attach.js";
import { makeSigner, makeStatement } from "../../support/attestations/signer.js";
import { expect } from "../../support/expectations.js";

const own = makeSigner();
const inputs: ValueMap = { source: "oci:from", destination: "oci:to", select: ["3.*"], verify: { keys: [own.pem] } };

describe("a mirror that verifies", () => {
  let shop: Workshop;
  let digest: string;
  beforeEach(async () => {
    shop = await Workshop.open();
    digest = await shop.put("oci:from", "3.13", baseParts("two"));
  });
  afterEach(() => shop.remove());

  const refused = async (news: ValueMap, olds: ValueMap = {}): Promise<string> =>
    (await checkWith(shop.session(), "mirror", { news, olds })).failures.map(({ reason }) => reason).join("\n");

  it("refuses an image that is not signed", async () => {
    expect(await refused(inputs)).to.match(
      /^verify: the image oci:from:3\.13@.* is not signed as verify wants, .*Found: no signature in oci:from/,
    );
  });

  it("takes signatures from the second repository that it copies them from", async () => {
    await attachStatement(openNamed(shop.session().repositories, "oci:signatures"), own, asDigest(digest), makeStatement(asDigest(digest)));
    expect(await refused(inputs)).to.match(/is not signed/);
    expect(await refused({ ...inputs, referrers: { source: "oci:signatures" } })).to.equal("");
  });

  it("mirrors what is signed, and what is built on the mirror is verified at the source until it is copied", async () => {
    await signUnderTag(openNamed(shop.session().repositories, "oci:from"), own, asDigest(digest));
    const preview = shop.session();
    expect((await checkWith(preview, "mirror", { news: inputs })).failures).to.deep.equal([]);
    const image = { repository: "oci:to", version: "3.13", suffix: "custom", cmd: ["x"], verify: { keys: [own.pem] } };
    expect((await checkWith(preview, "customization", { news: image })).failures).to.deep.equal([]);
    const state = await shop.up("mirror", inputs);
    expect((await shop.up("mirror", inputs, state)).did).to.equal("same");
    // With its signature.
    expect((await checkWith(shop.session(), "customization", { news: image })).failures).to.deep.equal([]);
    await shop.put("oci:from", "3.13", baseParts("three"));
    expect(await refused(inputs, state.inputs)).to.match(/is not signed as verify wants/);
  });
});

import { afterEach, beforeEach, describe, it } from "mocha";
import { parseVerify } from "../../../provider/pipeline/spec/verify.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { lookUpPackages } from "../../../provider/resources/lookups/packages.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import type { ValueMap } from "../../../provider/values.js";
import { baseParts, changed, checkWith, Workshop } from "../../pipeline/workshop.js";
import { asDigest, openNamed, signUnderTag } from "../../support/attestations/attach.js";
import { makeSigner } from "../../support/attestations/signer.js";
import { keepRow } from "../../support/session/session.js";
import { expect } from "../../support/expectations.js";

const [own, other] = [makeSigner(), makeSigner()];
const image: ValueMap = { repository: "oci:base", version: "1", suffix: "custom", cmd: ["x"] };
const verify = { keys: [own.pem] };
const stack = parseVerify({ keys: [own.pem] }, "dhi:verify");

/** A session that notes what is read. */
function watched(session: Session, asked: string[]): Session {
  return changed(session, (inner) => ({
    getManifest: (reference) => {
      asked.push(reference);
      return inner.getManifest(reference);
    },
    readBlob: (descriptor) => {
      asked.push(descriptor.digest);
      return inner.readBlob(descriptor);
    },
  }));
}

describe("verifying what an image is made of", () => {
  let shop: Workshop;
  let base: string;
  beforeEach(async () => {
    shop = await Workshop.open();
    base = await shop.put("oci:base", "1", baseParts("1"));
  });
  afterEach(() => shop.remove());

  const open = (name: string): ImageRepository => openNamed(shop.session().repositories, name);
  const sign = (repository: string, digest: string, signer = own) => signUnderTag(open(repository), signer, asDigest(digest));
  const refused = async (news: ValueMap, session = shop.session(), olds: ValueMap = {}): Promise<string> =>
    (await checkWith(session, "customization", { news, olds })).failures.map(({ reason }) => reason).join("\n");

  it("refuses a base before anything of it is read, and says what was found", async () => {
    await sign("oci:base", base, other);
    shop.loseCache();
    const asked: string[] = [];
    const session = watched(shop.session(), asked);
    expect(await refused({ ...image, platforms: ["linux/s390x"], verify }, session)).to.match(
      /^verify: the base oci:base:1@sha256:[0-9a-f]{64} is not signed as verify wants, a signature by key sha256:[0-9a-f]{12}\. Found: sha256-[0-9a-f]{64}\.sig: it is signed by another key, or was changed after it was signed\. Check where the image comes from/,
    );
    const read = JSON.parse((await open("oci:base").getManifest(base))?.bytes.toString() ?? "") as { manifests: { digest: string }[] };
    // The index is read last, and only for the manifests that may be signed in its place.
    expect(asked.at(-1)).to.equal(base);
    for (const { digest } of read.manifests) expect(asked).to.not.include(digest);
  });

  it("takes one that is signed, keeps that in state, and does not ask again under the same policy", async () => {
    await sign("oci:base", base);
    const state = await shop.up("customization", { ...image, verify });
    expect(Object.values(state.outputs["__verified"] as ValueMap)).to.deep.equal([[base]]);
    const asked: string[] = [];
    shop.loseCache();
    const again = await shop.up("customization", { ...image, verify }, state, watched(shop.session(), asked));
    expect(again.did).to.equal("same");
    expect(again.inputs["__verified"]).to.deep.equal(state.inputs["__verified"]);
    expect(asked.filter((name) => name.endsWith(".sig"))).to.deep.equal([]);
    const next = await shop.up("customization", { ...image, cmd: ["y"], verify }, state, watched(shop.session(), asked));
    expect(next.did).to.equal("update");
    expect(asked.filter((name) => name.endsWith(".sig"))).to.deep.equal([]);
    expect(await refused({ ...image, verify: { keys: [other.pem] } }, shop.session(), state.inputs)).to.match(
      /is not signed as verify wants/,
    );
  });

  it("refuses a base that moves to an image that is not signed", async () => {
    await sign("oci:base", base);
    const state = await shop.up("customization", { ...image, verify });
    const moved = await shop.put("oci:base", "1", baseParts("2"));
    expect(await refused({ ...image, verify }, shop.session(), state.inputs)).to.include(`${moved} is not signed as verify wants`);
    await sign("oci:base", moved);
    expect((await shop.up("customization", { ...image, verify }, state)).did).to.equal("update");
  });

  it("has a default for the stack, which counts for an image that was made before too", async () => {
    const before = await shop.up("customization", image);
    expect(before.outputs).to.not.have.property("__verified");
    expect(await refused(image, shop.session({ verify: stack }), before.inputs)).to.match(
      /^version: the base .* is not signed as dhi:verify wants/,
    );
    await sign("oci:base", base);
    const same = await shop.up("customization", image, before, shop.session({ verify: stack }));
    expect(same.did).to.equal("same");
    expect(Object.values(same.inputs["__verified"] as ValueMap)).to.deep.equal([[base]]);
    expect((await shop.up("customization", image, same)).inputs).to.not.have.property("__verified");
  });

  it("prefers a policy of its own to that of the stack", async () => {
    await sign("oci:base", base, other);
    expect(await refused({ ...image, verify: { keys: [other.pem] } }, shop.session({ verify: stack }))).to.equal("");
  });

  it("verifies artifacts by their own policies", async () => {
    const artifact = await shop.put("oci:certs", "1", baseParts("certs"));
    const news = { ...image, artifacts: [{ image: "oci:certs:1", includes: ["etc/version"], verify }] };
    expect(await refused(news)).to.match(
      /^artifacts\[0\]\.verify: the artifact oci:certs:1@.* is not signed as artifacts\[0\]\.verify wants/,
    );
    await sign("oci:certs", artifact);
    expect(await refused(news)).to.equal("");
  });

  it("is done for a list of packages too, by the policy of the stack", async () => {
    const list = () => lookUpPackages(shop.session({ verify: stack }), { repository: "oci:base", version: "1" }, keepRow());
    await expect(list()).to.be.rejectedWithError({ code: "invalid", property: "version", message: /is not signed as dhi:verify wants/ });
    await sign("oci:base", base);
    // It goes on to the distribution, which this base does not name.
    await expect(list()).to.be.rejectedWithError({ message: /os-release/ });
  });

  it("takes what the same program composes, whose own base was verified", async () => {
    await sign("oci:base", base);
    const session = shop.session({ verify: stack });
    const first = await checkWith(session, "customization", { news: image, urn: "urn:one" });
    expect(first.failures).to.deep.equal([]);
    const { asBase, ref } = first.derived as { asBase: { repository: string; version: string }; ref: string };
    const { repository, version } = asBase;
    const second = { repository, version, suffix: "more", cmd: ["z"] };
    expect(await refused(second, session)).to.equal("");
    const artifact = { ...image, suffix: "with", artifacts: [{ image: ref, includes: ["etc/version"] }] };
    expect(await refused(artifact, session)).to.equal("");
    await shop.up("customization", image);
    expect(await refused(second, shop.session({ verify: stack }))).to.match(/is not signed as dhi:verify wants/);
  });

  it("fails where a signature cannot be looked for, unless nothing has changed", async () => {
    await sign("oci:base", base);
    const state = await shop.up("customization", { ...image, verify });
    await shop.write("broken.pub", "no key");
    expect(await refused({ ...image, verify: { keys: ["missing.pub"] } })).to.match(
      /^verify: the file missing\.pub with a key cannot be read/,
    );
    expect(await refused({ ...image, verify: { keys: ["broken.pub"] } })).to.match(/^verify: a key has no public key/);
    expect(await refused({ ...image, verify }, shop.session(), state.inputs)).to.equal("");
  });
});

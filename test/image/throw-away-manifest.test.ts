import { describe, it } from "mocha";
import { digestOf } from "../../provider/image/digest.js";
import { emptyDescriptor, isThrowAway, throwAwayManifest, trialManifest } from "../../provider/image/throw-away-manifest.js";
import { expect } from "../support/expectations.js";

const deleted = { repository: "acme/app", tag: "3.13_custom", former: digestOf("the image") };

describe("a throw-away manifest", () => {
  it("has the same bytes in every release, so that state of one recognizes the deletion of another", () => {
    expect(throwAwayManifest(deleted).digest).to.equal("sha256:fe938efa079ddd08d79cc2aa880f903f55468d0fcf08efd26b61c0cfdcda0d1e");
  });

  it("differs by repository, tag and image, and for a trial, as deleting it removes every tag that points at it", () => {
    const others = [{ repository: "acme/other" }, { tag: "latest" }, { former: digestOf("another image") }];
    const all = [throwAwayManifest(deleted), trialManifest(deleted), ...others.map((other) => throwAwayManifest({ ...deleted, ...other }))];
    expect(new Set(all.map(({ digest }) => digest)).size).to.equal(all.length);
  });

  it("names the deleted tag for people who find it", () => {
    const content = JSON.parse(throwAwayManifest(deleted).bytes.toString()) as Record<string, unknown>;
    expect(content["annotations"]).to.deep.equal({
      "dev.pulumi-dhi.deleted.repository": deleted.repository,
      "dev.pulumi-dhi.deleted.tag": deleted.tag,
      "dev.pulumi-dhi.deleted.digest": deleted.former,
    });
    expect(content["layers"]).to.deep.equal([emptyDescriptor]);
  });

  it("is recognized by its type, unlike other manifests", () => {
    expect(isThrowAway(throwAwayManifest(deleted).bytes)).to.equal(true);
    for (const text of ["{}", "[]", "no JSON", ""]) expect(isThrowAway(Buffer.from(text))).to.equal(false);
  });
});

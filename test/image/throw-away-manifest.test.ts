import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { digestOf } from "../../provider/image/digest.js";
import { emptyDescriptor, isThrowAway, throwAwayManifest, trialManifest } from "../../provider/image/throw-away-manifest.js";

const deleted = { repository: "acme/app", tag: "3.13_custom", former: digestOf("the image") };

describe("a throw-away manifest", () => {
  it("has the same bytes in every release, so that state of one recognizes the deletion of another", () => {
    assert.equal(throwAwayManifest(deleted).digest, "sha256:fe938efa079ddd08d79cc2aa880f903f55468d0fcf08efd26b61c0cfdcda0d1e");
  });

  it("differs by repository, tag and image, and for a trial, as deleting it removes every tag that points at it", () => {
    const others = [{ repository: "acme/other" }, { tag: "latest" }, { former: digestOf("another image") }];
    const all = [throwAwayManifest(deleted), trialManifest(deleted), ...others.map((other) => throwAwayManifest({ ...deleted, ...other }))];
    assert.equal(new Set(all.map(({ digest }) => digest)).size, all.length);
  });

  it("names the deleted tag for people who find it", () => {
    const content = JSON.parse(throwAwayManifest(deleted).bytes.toString()) as Record<string, unknown>;
    assert.deepEqual(content["annotations"], {
      "dev.pulumi-dhi.deleted.repository": deleted.repository,
      "dev.pulumi-dhi.deleted.tag": deleted.tag,
      "dev.pulumi-dhi.deleted.digest": deleted.former,
    });
    assert.deepEqual(content["layers"], [emptyDescriptor]);
  });

  it("is recognized by its type, unlike other manifests", () => {
    assert.equal(isThrowAway(throwAwayManifest(deleted).bytes), true);
    for (const text of ["{}", "[]", "no JSON", ""]) assert.equal(isThrowAway(Buffer.from(text)), false);
  });
});

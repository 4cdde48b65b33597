import { describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { MAX_READ_BYTES, MAX_READS, openBudget, Reading } from "../../../provider/pipeline/verify/reading.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect } from "../../support/expectations.js";

/** A repository that has whatever is asked for: no real one is that large. */
const endless = {
  getManifest: () => Promise.resolve(undefined),
  listReferrers: () => Promise.resolve([]),
  async *readBlob() {
    yield await Promise.resolve(Buffer.from("x"));
  },
} as unknown as ImageRepository;

const limit = {
  code: "limit",
  message: /^more than 1000 manifests and blobs, or 64 MiB, is attached to the image, and the rest is not read$/,
};
const blob = (size: number) => ({ mediaType: "text/plain", digest: digestOf("x"), size });

describe("what is read of what is attached to an image", () => {
  it("has a limit of manifests and blobs", async () => {
    const reading = new Reading(endless, openBudget());
    for (let at = 0; at < MAX_READS - 1; at += 1) await reading.manifest("x");
    await reading.blob(blob(1));
    await expect(reading.manifest("x")).to.be.rejectedWithError(limit);
    await expect(reading.blob(blob(1))).to.be.rejectedWithError(limit);
  });

  it("has a limit of bytes, which is kept before they are read", async () => {
    const budget = openBudget();
    await new Reading(endless, budget).blob(blob(MAX_READ_BYTES - 1));
    // Shared by all repositories that are asked for one image.
    const reading = new Reading(endless, budget);
    await reading.blob(blob(1));
    await expect(reading.blob(blob(1))).to.be.rejectedWithError(limit);
  });
});

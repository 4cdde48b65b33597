import { describe, it } from "mocha";
import { parseRepository } from "../../provider/image/reference.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage, type LayerParts } from "../support/images/image.js";
import { stopAfter } from "../support/images/unpackers.js";
import { note } from "../support/running-test.js";
import { makeWorkplace, openSession } from "../support/session/session.js";
import { bombs, fullest } from "./hostile-layers.js";
import { tryInProcess, type PublishAnswer } from "./publish-in-process.js";

const limit = 350;
const script = { path: "/a", content: "x", uid: 0, gid: 0, mode: "0755" };

/** Customizes an image with these layers in a process of its own, with the layers as base and as artifact. */
async function publish(layers: readonly LayerParts[], as: "base" | "artifact"): Promise<PublishAnswer> {
  const place = await makeWorkplace();
  stopAfter()(place.remove);
  const target = openSession(place).repositories.open(parseRepository("oci:made"));
  await putImage(target, makeImage({ platforms: [{ layers }] }), "1");
  if (as === "base")
    return tryInProcess({ ...place, inputs: [{ repository: "oci:made", version: "1", destination: "oci:out", scripts: [script] }] });
  const artifacts = [{ image: "oci:made:1", includes: ["/opt/1"] }];
  return tryInProcess({ ...place, resource: "artifact", inputs: [{ repository: "oci:out", tag: "1", platforms: ["linux/amd64"], artifacts }] }); // prettier-ignore
}

describe("hostile layers", function () {
  this.timeout(600_000);
  for (const [what, tar, message] of bombs) {
    it(`are rejected within ${limit} MiB: ${what}`, async () => {
      const { error, peak } = await publish([{ tar: tar() }], "base");
      expect(error ?? "published").to.match(message);
      expect(peak, `the peak was ${peak} MiB`).to.be.above(30);
      expect(peak, `the peak was ${peak} MiB`).to.be.below(limit);
      note(`peak ${Math.round(peak)} MiB`);
    });
  }

  for (const [files, kept] of [
    [125_000, 0],
    [20_000, 11],
  ] as const) {
    // prettier-ignore
    for (const as of ["base", "artifact"] as const) {
      it(`are composed within ${limit} MiB when they are large but allowed, as ${as}: ${files} files, ${4 * kept} MiB of configuration`, async () => {
        const { error, peak } = await publish([fullest(files, kept)], as);
        note(`peak ${Math.round(peak)} MiB`);
        expect(error).to.equal(undefined);
        expect(peak, `the peak was ${peak} MiB`).to.be.above(30);
expect(peak, `the peak was ${peak} MiB`).to.be.below(limit);
      });
    }
  }
});

import { randomBytes } from "node:crypto";
import { describe, it } from "mocha";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { directory, file, layerTar } from "../support/images/layer-tar.js";
import { missingPrograms } from "../support/images/programs.js";
import { stopAfter } from "../support/images/unpackers.js";
import { startDockerRegistry } from "../support/registries/index.js";
import { note } from "../support/running-test.js";
import { makeWorkplace, openSession } from "../support/session/session.js";
import { suiteUnless } from "../support/skips.js";
import { publishInProcess } from "./publish-in-process.js";

const skip = missingPrograms(["docker-registry"]);
const mebibytes = process.env["DHI_LONG"] === undefined ? 128 : 1024;
const limit = 350;

describe(
  "memory",
  suiteUnless(skip, () => {
    for (const compression of ["gzip", "zstd"] as const) {
      it(`stays under ${limit} MiB where a file is copied from a ${compression} layer of ${mebibytes} MiB`, async () => {
        const stop = stopAfter();
        const place = await makeWorkplace();
        stop(place.remove);
        const registry = await startDockerRegistry();
        stop(registry.stop);
        const target = openSession(place).repositories.open({ kind: "registry", host: registry.host, name: "artifact" });
        const block = randomBytes(1 << 20);
        const tar = layerTar([
          directory("opt"),
          ...[0, 1, 2, 3].map((at) => file(`opt/${at}`, Buffer.concat(Array.from({ length: mebibytes / 4 }, () => block)))),
        ]);
        await putImage(target, makeImage({ platforms: [{ layers: [{ tar, compression }] }] }), "1");
        const inputs = {
          repository: "oci:out",
          tag: "1",
          platforms: ["linux/amd64"],
          artifacts: [{ image: `${registry.host}/artifact:1`, includes: ["/opt/2"] }],
        };
        const { peak, images } = await publishInProcess({ ...place, resource: "artifact", inputs: [inputs] });
        expect(images.length).to.equal(1);
        expect(peak, `the peak was ${peak} MiB`).to.be.above(30);
        expect(peak, `the peak was ${peak} MiB`).to.be.below(limit);
        note(`peak ${Math.round(peak)} MiB`);
      });
    }
  }),
);

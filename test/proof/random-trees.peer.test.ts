import { rm } from "node:fs/promises";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { Digest } from "../../provider/image/digest.js";
import { describeFailure } from "../../provider/resources/parse.js";
import { expect } from "../support/expectations.js";
import { listDisk } from "../support/images/disk-tree.js";
import { makeImage, putImage } from "../support/images/image.js";
import { layerTar, type Item } from "../support/images/layer-tar.js";
import { missingPrograms } from "../support/images/programs.js";
import { openBuildah, stopAfter, unpackWithUmoci } from "../support/images/unpackers.js";
import { note } from "../support/running-test.js";
import { check, lifecycles } from "../support/session/publish.js";
import { keepRow, makeWorkplace, openSession } from "../support/session/session.js";
import { asBuildahHas, flattened } from "../support/session/tree.js";
import { suiteUnless } from "../support/skips.js";
import { anyCase } from "./random-layers.js";

const skip = missingPrograms(["skopeo", "umoci", "buildah", "getfattr"], true);
const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const numRuns = process.env["DHI_LONG"] === undefined ? 16 : 160;

describe(
  `random trees (DHI_SEED=${seed})`,
  suiteUnless(skip, () => {
    it(`are unpacked by buildah's overlay driver and umoci as expected, in ${numRuns} customizations`, async () => {
      const stop = stopAfter();
      const place = await makeWorkplace();
      stop(place.remove);
      const session = openSession(place);
      const buildah = openBuildah(place.folder);
      stop(buildah.stop);
      let rejected = 0;
      let count = 0;
      const put = async (name: string, layers: readonly (readonly Item[])[]): Promise<Digest> => {
        const image = makeImage({ platforms: [{ layers: layers.map((items) => ({ tar: layerTar(items) })) }] });
        await putImage(session.repositories.open({ kind: "layout", path: name }), image, "1");
        return image.top.digest;
      };
      const compare = async (name: string, tag: string, digest: Digest): Promise<void> => {
        const listing = await flattened(session, `oci:${name}@${digest}`);
        const image = `oci:${place.folder}/${name}:${tag}`;
        expect(asBuildahHas(await listDisk(await buildah.mount(image)))).to.deep.equal(asBuildahHas(listing));
        const bundle = await unpackWithUmoci(place.folder, image, `${name}-${tag}`);
        const { "": _, ...unpacked } = await listDisk(`${bundle}/rootfs`);
        const { "": __, ...tree } = listing;
        expect(unpacked).to.deep.equal(tree);
        await rm(bundle, { recursive: true });
      };
      const property = fc.asyncProperty(anyCase, async ({ base, artifact, include, scripts }) => {
        const number = ++count;
        await compare(`base${number}`, "1", await put(`base${number}`, base));
        const image = `oci:artifact${number}@${await put(`artifact${number}`, artifact)}`;
        const inputs = { repository: `oci:base${number}`, version: "1", suffix: "x", artifacts: [{ image, includes: [include] }], scripts };
        const checked = await check(session, "customization", inputs);
        if (checked.failures.length > 0) {
          // These may be rejected: a file over a directory and the reverse, no match, links above the root.
          expect(checked.failures.map(describeFailure).join("\n")).to.match(
            /cannot replace|not a directory|matches nothing|above the root|loop|too many symbolic links/,
          );
          rejected += 1;
          return;
        }
        const { outputs } = await lifecycles.customization.create(session, { ...checked.inputs, ...checked.derived }, keepRow());
        await compare(`base${number}`, "1_x", outputs["digest"] as Digest);
      });
      await fc.assert(property, { seed, numRuns, endOnFailure: true });
      note(`${count} cases, ${rejected} rejected`);
      expect(rejected).to.be.below(count * 0.8);
    });
  }),
);

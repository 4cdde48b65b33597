import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import { splitStatus } from "../../../provider/packages/deb/install/database.js";
import { expect } from "../../support/expectations.js";
import { runBundle } from "../../support/images/container.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { directory, file, layerTar, opaque } from "../../support/images/layer-tar.js";
import { missingPrograms, runProgram } from "../../support/images/programs.js";
import { stopAfter, unpackWithUmoci } from "../../support/images/unpackers.js";
import { note } from "../../support/running-test.js";
import { publish } from "../../support/session/publish.js";
import { makeWorkplace, openSession } from "../../support/session/session.js";
import { suiteUnless } from "../../support/skips.js";
import { findScanner, scanRoot } from "./scanner.js";

const tar = process.env["DHI_TEST_BASE"];
const programs = missingPrograms(["skopeo", "umoci", "runc", "tar"], true);
/** All of the base's files, so that programs run; else those alone that say what it is. */
const isLong = process.env["DHI_LONG"] !== undefined;
const skip = programs === false && tar === undefined ? "DHI_TEST_BASE names no root filesystem" : programs;

/** A layer that puts distroless' database, a file for each package without its state, in the place of dpkg's. */
function distrolessDatabase(status: string): Buffer {
  const folder = "var/lib/dpkg/status.d";
  const files = splitStatus(status).map(({ name, text }) => file(`${folder}/${name}`, text.replace(/^Status: .*\n/m, "")));
  return layerTar([directory("var/lib/dpkg"), opaque("var/lib/dpkg"), directory(folder), ...files]);
}

describe(
  "packages added to a base with a file for each package, as distroless has it",
  suiteUnless(skip, () => {
    it("are listed by a scanner beside the base's, and run (on a whole base, in the long form)", async () => {
      const scanner = await findScanner();
      const stop = stopAfter();
      const place = await makeWorkplace();
      stop(place.remove);
      const session = openSession(place);
      const member = (path: string): Promise<string> => runProgram("tar", ["-xOf", tar ?? "", `./${path}`]);
      const bare = ["usr/lib/os-release", "etc/debian_version", "etc/passwd", "etc/group"].map(async (path) =>
        file(path, await member(path)),
      );
      const below = isLong ? await readFile(tar ?? "") : layerTar(await Promise.all(bare));
      const layers = [{ tar: below }, { tar: distrolessDatabase(await member("var/lib/dpkg/status")) }];
      const image = makeImage({ platforms: [{ layers, config: { Env: ["PATH=/usr/sbin:/usr/bin"] } }] });
      await putImage(session.repositories.open({ kind: "layout", path: "./distroless" }), image, "12");

      const { outputs } = await publish(session, "customization", {
        repository: "oci:./distroless",
        version: "12",
        suffix: "tools",
        packages: ["curl", "git"],
      });
      const { packages } = outputs["resolution"] as { readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>> };
      const added = Object.entries(packages["linux/amd64"] ?? {});
      expect(added.some(([name]) => name === "libcurl4")).to.equal(true);
      const bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/distroless:12_tools`, "tools");
      const root = join(bundle, "rootfs");
      if (isLong)
        expect(await runBundle(bundle, ["sh", "-c", "curl --version; git --version"])).to.match(/^curl 7\.88\.1[^]*\ngit version 2\.39/);
      expect(await readdir(join(root, "var/lib/dpkg"))).to.not.include("status");

      if ("missing" in scanner) {
        note(`not scanned: ${scanner.missing}`);
        return;
      }
      const found = await scanRoot(scanner.program, root);
      expect(found.has("libc6")).to.equal(true);
      for (const [name, version] of added) expect(found.get(name), name).to.equal(version);
    });
  }),
);

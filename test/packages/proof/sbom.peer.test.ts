import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { CYCLONEDX, SPDX } from "../../../provider/attestation/formats/predicate-types.js";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ValueMap } from "../../../provider/values.js";
import { originsOf, purlsIn } from "../../attestation/sbom/reading.js";
import { attest, statementOf } from "../../pipeline/statements/attesting.js";
import { expect } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { missingPrograms, runProgram } from "../../support/images/programs.js";
import { unpackWithUmoci } from "../../support/images/unpackers.js";
import { note } from "../../support/running-test.js";
import { publish } from "../../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../../support/session/session.js";
import { suiteUnless } from "../../support/skips.js";
import { splitStatus } from "../../../provider/packages/deb/install/database.js";
import { serveFixtures, type FixtureArchive } from "./fixture-archive.js";
import { canonicalPurl, findScanner, scanPurls } from "./scanner.js";
import { findSpdxValidator } from "./spdx-validator.js";

const tar = process.env["DHI_TEST_BASE"];
const fixtures = process.env["DHI_FIXTURES"];
const isLong = process.env["DHI_LONG"] !== undefined;
const programs = missingPrograms(["skopeo", "umoci", "tar"], true);
const noParts = tar === undefined || fixtures === undefined ? "DHI_TEST_BASE or DHI_FIXTURES names nothing" : false;
const alpine = join(fixtures ?? "", "alpine-3.19");
const platform = "linux/amd64";

/** What a scanner reads of Debian's base; with distroless' form of the database. */
async function debianLayer(form: "status" | "status.d"): Promise<Buffer> {
  const member = (path: string): Promise<string> => runProgram("tar", ["-xOf", tar ?? "", `./${path}`]);
  const paths = ["usr/lib/os-release", "etc/debian_version", "etc/passwd", "etc/group"];
  const files = await Promise.all(paths.map(async (path) => file(path, await member(path))));
  const status = await member("var/lib/dpkg/status");
  if (form === "status") return layerTar([...files, file("var/lib/dpkg/status", status)]);
  const split = splitStatus(status).map(({ name, text }) => file(`var/lib/dpkg/status.d/${name}`, text.replace(/^Status: .*\n/m, "")));
  return layerTar([...files, ...split]);
}

describe(
  "the SBOM of an image",
  suiteUnless(programs === false ? noParts : programs, () => {
    let place: Workplace;
    let session: Session;
    let archive: FixtureArchive;
    before(async () => {
      place = await makeWorkplace();
      archive = await serveFixtures(alpine);
      session = openSession(place);
      const bases = {
        debian: await debianLayer("status"),
        distroless: await debianLayer("status.d"),
        alpine: gunzipSync(await readFile(join(alpine, "alpine-minirootfs-3.19.4-x86_64.tar.gz"))),
      };
      for (const [name, layer] of Object.entries(bases)) {
        const image = makeImage({ platforms: [{ platform, layers: [{ tar: layer }] }] });
        await putImage(session.repositories.open({ kind: "layout", path: `./${name}` }), image, "1");
      }
    });
    after(async () => {
      await archive.stop();
      await place.remove();
    });

    const script = { path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" };
    const on = (base: string, more: ValueMap): ValueMap => ({
      repository: `oci:./${base}`,
      version: "1",
      suffix: "sbom",
      scripts: [script],
      ...more,
    });
    const ofAlpine = (): ValueMap => ({ packages: ["jq", "git"], packageSources: [{ url: `http://${archive.host}/main` }] });
    const scratch = { repository: "oci:./made", tag: "1_sbom", platforms: [platform] };
    const images: readonly (readonly [string, "customization" | "artifact", () => ValueMap])[] = [
      ["debian", "customization", () => on("debian", {})],
      ["alpine", "customization", () => on("alpine", ofAlpine())],
      // Three more: the scanner takes seconds for each, and Debian's archive takes a while to be read.
      ...(isLong
        ? ([
            ["alpine", "customization", () => on("alpine", { suffix: "plain" })],
            ["distroless", "customization", () => on("distroless", { packages: ["curl", "git"] })],
            [
              "made",
              "artifact",
              () => ({ ...scratch, tag: "2_sbom", packages: ["base-files", "libstdc++6"], distribution: "debian:bookworm" }),
            ],
          ] as const)
        : []),
    ];

    for (const [name, resource, inputs] of images) {
      it(`lists exactly the packages that a scanner finds in it, in valid documents: ${name} ${resource}`, async () => {
        const { outputs } = await publish(session, resource, inputs());
        const made = await attest(session, resource, inputs());
        expect(made.composition.index.digest).to.equal(outputs["digest"]);
        const [spdx, cycloneDx] = [SPDX, CYCLONEDX].map((type) => statementOf(made, type, platform).predicate);
        const purls = purlsIn(spdx ?? {});
        if (resource === "customization") expect(originsOf(cycloneDx ?? {})).to.deep.include({ "/opt/run": "script" });

        const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
        expect(await validator.validate(JSON.stringify(cycloneDx))).to.equal(null);
        const spdxValidator = await findSpdxValidator();
        if ("missing" in spdxValidator) note(`not judged by SPDX's tools: ${spdxValidator.missing}`);
        else {
          const path = join(place.folder, "sbom.spdx.json");
          await writeFile(path, JSON.stringify(spdx));
          await spdxValidator.validate(path);
          await writeFile(path, JSON.stringify({ ...spdx, spdxVersion: "SPDX-9" }));
          await expect(spdxValidator.validate(path)).to.be.rejectedWith(/SPDX-9|version/);
        }

        const scanner = await findScanner();
        if ("missing" in scanner) {
          note(`not scanned: ${scanner.missing}`);
          return;
        }
        const [tag = ""] = Object.keys(outputs["tags"] as ValueMap);
        const bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/${name}:${tag}`, `${name}-${tag}`);
        expect(purls.map(canonicalPurl).sort()).to.deep.equal(await scanPurls(scanner.program, join(bundle, "rootfs")));
        expect(purls.length).to.be.above(2);
      });
    }
  }),
);

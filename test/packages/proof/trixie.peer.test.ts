import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import { findAptLists } from "../../support/apt/lists.js";
import { expect, expectThat } from "../../support/expectations.js";
import { runBundle } from "../../support/images/container.js";
import { missingPrograms } from "../../support/images/programs.js";
import { stopAfter, unpackWithUmoci } from "../../support/images/unpackers.js";
import { publish } from "../../support/session/publish.js";
import { makeWorkplace, openSession } from "../../support/session/session.js";
import { suiteUnless } from "../../support/skips.js";
import { runInRoot } from "./root.js";

const skip = missingPrograms(["skopeo", "umoci", "runc", "unshare", "apt-cache"], true);

describe(
  "Debian 13 from scratch, with the shipped keys",
  suiteUnless(skip, () => {
    it("is verified, complete for dpkg and apt, and runs", async () => {
      const stop = stopAfter();
      const place = await makeWorkplace();
      stop(place.remove);
      const mirror = (await findAptLists("bookworm")).find(({ suite }) => suite === "bookworm");
      expectThat(mirror);
      await publish(openSession(place), "artifact", {
        repository: "oci:./base",
        tag: "13",
        distribution: "debian:trixie",
        platforms: ["linux/amd64"],
        packages: ["base-files", "base-passwd", "bash", "coreutils", "dash", "libc-bin", "apt", "dpkg", "grep", "sed", "perl-base", "curl"],
        packageSources: [{ url: mirror.url, suites: ["trixie"] }],
        environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      });
      const bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/base:13`, "amd64");
      expect(await runBundle(bundle, ["bash", "-c", ". /etc/os-release; echo $VERSION_CODENAME; curl --version"])).to.match(
        /^trixie\ncurl 8\./,
      );
      const root = join(bundle, "rootfs");
      expect(await readlink(join(root, "lib64"))).to.equal("usr/lib64");
      expect(await runInRoot(root, "dpkg --audit; dpkg --verify; apt-get -qq check")).to.equal("");
    });
  }),
);

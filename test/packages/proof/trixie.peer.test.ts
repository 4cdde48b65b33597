import { strict as assert } from "node:assert";
import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findAptLists } from "../../support/apt/lists.js";
import { runBundle } from "../../support/images/container.js";
import { missingPrograms } from "../../support/images/programs.js";
import { stopAfter, unpackWithUmoci } from "../../support/images/unpackers.js";
import { publish } from "../../support/session/publish.js";
import { makeWorkplace, openSession } from "../../support/session/session.js";
import { runInRoot } from "./root.js";

const skip = missingPrograms(["skopeo", "umoci", "runc", "unshare", "apt-cache"], true);

describe("Debian 13 from scratch, with the shipped keys", { skip }, () => {
  it("is verified, complete for dpkg and apt, and runs", async (t) => {
    const stop = stopAfter(t);
    const place = await makeWorkplace();
    stop(place.remove);
    const mirror = (await findAptLists("bookworm")).find(({ suite }) => suite === "bookworm");
    assert.ok(mirror);
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
    assert.match(await runBundle(bundle, ["bash", "-c", ". /etc/os-release; echo $VERSION_CODENAME; curl --version"]), /^trixie\ncurl 8\./);
    const root = join(bundle, "rootfs");
    assert.equal(await readlink(join(root, "lib64")), "usr/lib64");
    assert.equal(await runInRoot(root, "dpkg --audit; dpkg --verify; apt-get -qq check"), "");
  });
});

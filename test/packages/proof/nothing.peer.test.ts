import { X509Certificate } from "node:crypto";
import { lstat, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Session } from "../../../provider/pipeline/session.js";
import { expect } from "../../support/expectations.js";
import { runBundle } from "../../support/images/container.js";
import { missingPrograms } from "../../support/images/programs.js";
import { unpackWithUmoci } from "../../support/images/unpackers.js";
import { publish, type Published } from "../../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../../support/session/session.js";
import { authorityPem } from "../../support/packages/pems.js";
import { suiteUnless } from "../../support/skips.js";
import { runInRoot, useMachineApt } from "./root.js";

const skip = missingPrograms(["skopeo", "umoci", "runc", "unshare", "apt-cache"], true);

const packages = [
  "base-files",
  "base-passwd",
  "bash",
  "coreutils",
  "dash",
  "libc-bin",
  "dpkg",
  "apt",
  "sed",
  "grep",
  "findutils",
  "diffutils",
  "gzip",
  "perl-base",
  "ca-certificates",
];
const environment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
const bundlePath = "etc/ssl/certs/ca-certificates.crt";

describe(
  "images from nothing but Debian's packages",
  suiteUnless(skip, () => {
    let place: Workplace;
    let session: Session;
    let base: Published;
    let arm64: string;
    let amd64: string;

    before(async () => {
      place = await makeWorkplace();
      session = openSession(place);
      const platforms = ["linux/amd64", "linux/arm64"];
      const distribution = "debian:bookworm";
      base = await publish(session, "artifact", { repository: "oci:./base", tag: "12", distribution, platforms, packages, environment });
      const image = `oci:${place.folder}/base:12`;
      amd64 = await unpackWithUmoci(place.folder, image, "amd64");
      arm64 = await unpackWithUmoci(place.folder, image, "arm64", "linux/arm64");
    });
    after(async () => {
      await place.remove();
    });

    it("amd64: a shell runs in a container, as root of its passwd", async () => {
      expect(await runBundle(amd64, ["bash", "-c", "id -un; echo $BASH_VERSION; . /etc/os-release; echo $ID"])).to.equal(
        "root\n5.2.15(1)-release\ndebian\n",
      );
      expect(await runBundle(amd64, ["sh", "-c", "getent passwd www-data; ls -d /bin/bash /var/run/"])).to.equal(
        "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n/bin/bash\n/var/run/\n",
      );
    });

    it("amd64: dpkg reports no problems, and apt continues from there", async () => {
      const root = join(amd64, "rootfs");
      expect(await runInRoot(root, "dpkg --audit; dpkg --verify")).to.equal("");
      expect(await runInRoot(root, "apt-get -qq check")).to.equal("");
      if (process.env["DHI_LONG"] === undefined) return;
      await useMachineApt(root, "bookworm");
      await runInRoot(root, "apt-get -qq update && apt-get -qq -y --no-install-recommends install nano");
      expect(await runInRoot(root, "nano --version; dpkg --audit")).to.match(/GNU nano/);
    });

    it("arm64: the loader stands where programs of arm64 look for it", async () => {
      const root = join(arm64, "rootfs");
      expect(await readlink(join(root, "lib"))).to.equal("usr/lib");
      expect(await readlink(join(root, "usr/lib/ld-linux-aarch64.so.1"))).to.equal("aarch64-linux-gnu/ld-linux-aarch64.so.1");
      await expect(lstat(join(root, "lib64"))).to.be.rejectedWithError({ code: "ENOENT" });
      for (const path of ["bin/bash", "usr/lib/aarch64-linux-gnu/libc.so.6"]) {
        // Elf64_Ehdr.e_machine, EM_AARCH64 (elf(5)).
        expect((await readFile(join(root, path))).readUInt16LE(18), path).to.equal(183);
      }
      const status = await readFile(join(root, "var/lib/dpkg/status"), "utf8");
      expect([...new Set(status.match(/^Architecture: .*$/gm))].sort()).to.deep.equal(["Architecture: all", "Architecture: arm64"]);
      expect((await stat(join(root, "etc/ld.so.cache"))).size).to.be.above(1000);
    });

    it("an artifact of certificates brings its bundle into another image", async () => {
      const certs = await publish(session, "artifact", {
        repository: "oci:./certs",
        tag: "2026",
        distribution: "debian:bookworm",
        packages: ["ca-certificates"],
        caCertificates: [authorityPem],
        platforms: ["linux/amd64"],
      });
      await publish(session, "customization", {
        repository: "oci:./base",
        version: "12",
        suffix: "certs",
        packages: ["curl"],
        artifacts: [{ image: certs.ref, includes: [`/${bundlePath}`] }],
        platforms: ["linux/amd64"],
      });
      const unpacked = await unpackWithUmoci(place.folder, `oci:${place.folder}/base:12_certs`, "certs");
      expect(await runBundle(unpacked, ["curl", "--version"])).to.match(/^curl 7\.88/);
      const after = readBundle(await readFile(join(unpacked, "rootfs", bundlePath), "utf8"));
      const before = readBundle(await readFile(join(arm64, "rootfs", bundlePath), "utf8"));
      const { fingerprint256 } = new X509Certificate(authorityPem);
      expect(before.length).to.be.above(100);
      expect(before).to.not.include(fingerprint256);
      expect([...after].sort()).to.deep.equal([...before, fingerprint256].sort());
      expect(base.lines.filter((line) => line.startsWith("error")).length).to.equal(0);
    });
  }),
);

function readBundle(text: string): readonly string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((pem) => new X509Certificate(pem).fingerprint256);
}

import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { publishOwn } from "../../../support/apk-root/own-packages.js";
import { repack } from "../../../support/apk-root/repack.js";
import { openFolder } from "../../../support/apk-root/repository.js";
import { apkOptions, installOurs, runInRoot, stepsIn, type Repositories } from "../../../support/apk-root/root.js";
import { expect } from "../../../support/expectations.js";
import { runBundle } from "../../../support/images/container.js";
import type { Tars } from "../../../support/packages/debian-root.js";
import { suiteUnless } from "../../../support/skips.js";
import { hasTool, run } from "../../../support/tar/tools.js";
import { alpine, withoutChroot } from "./alpine-root.js";
import { unlisted } from "./install-compare.js";

const skip = withoutChroot !== false ? withoutChroot : hasTool("runc") ? false : "no runc";
/** Of the root filesystem, what the fixtures' archive has not. */
const absent = ["apk-tools", "busybox", "busybox-binsh", "ca-certificates-bundle", "libcrypto3", "libssl3", "ssl_client"];
const requested = ["alpine-baselayout", "alpine-keys", "apk-tools", "busybox", "ca-certificates", "git", "musl"];

describe(
  "an image from nothing but Alpine's packages",
  suiteUnless(skip, () => {
    const folder = mkdtempSync(join(tmpdir(), "dhi-apk-nothing-"));
    const [theirs, ours] = [join(folder, "theirs"), join(folder, "bundle/rootfs")];
    const tars: Tars = new Map();
    let repositories: Repositories = {};

    before(async () => {
      const host = join(folder, "host");
      for (const path of [host, join(host, "made"), ours]) mkdirSync(path, { recursive: true });
      run("tar", ["-C", host, "-xpzf", join(alpine ?? "", "alpine-minirootfs-3.19.4-x86_64.tar.gz")]);
      const own = publishOwn(join(folder, "own"), repack(host, absent));
      repositories = { main: openFolder(join(alpine ?? "", "main/x86_64")), own };
      run("cp", [own.key, join(host, "etc/apk/keys/")]);
      const output = runInRoot(
        host,
        repositories,
        `apk add --root /made --initdb --keys-dir /etc/apk/keys ${apkOptions(repositories)} ${requested.join(" ")} 2>&1`,
      );
      renameSync(join(host, "made"), theirs);
      const steps = stepsIn(output);
      expect(steps.length, output).to.be.above(15);
      const notices = await installOurs({ root: ours, base: undefined, repositories, requested, steps, folder, tars });
      expect(notices).to.deep.equal([]);
      for (const root of [theirs, ours]) run("cp", [own.key, join(root, "etc/apk/keys/")]);
      run("runc", ["spec", "--bundle", join(folder, "bundle")]);
    });
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it("is what apk --initdb leaves, and apk continues in it as in its own", () => {
      expect(unlisted(theirs, ours, new Set())).to.deep.equal([]);
      for (const command of [
        "apk info -v",
        "apk audit | sort",
        `apk add ${apkOptions(repositories)} jq 2>&1`,
        `apk del ${apkOptions(repositories)} jq 2>&1`,
      ]) {
        const [printed, expected] = [ours, theirs].map((root) => runInRoot(root, repositories, command));
        expect(printed, command).to.equal(expected);
        expect(unlisted(theirs, ours, new Set()), command).to.deep.equal([]);
      }
    });

    it("runs in a container", async () => {
      const script = "id -un; git --version; apk info | wc -l; ls -l /bin/ls | sed 's/.* //'; head -c 27 /etc/ssl/cert.pem";
      const printed = await runBundle(join(folder, "bundle"), ["sh", "-c", script]);
      expect(printed).to.match(/^root\ngit version 2\.43\.4\n[0-9]+\n\/bin\/busybox\n\n?-----BEGIN CERTIFICATE----/);
    });
  }),
);

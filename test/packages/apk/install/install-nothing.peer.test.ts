import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { publishOwn } from "../../../support/apk-root/own-packages.js";
import { repack } from "../../../support/apk-root/repack.js";
import { openFolder } from "../../../support/apk-root/repository.js";
import { apkOptions, installOurs, runInRoot, stepsIn, type Repositories } from "../../../support/apk-root/root.js";
import { runBundle } from "../../../support/images/container.js";
import type { Tars } from "../../../support/packages/debian-root.js";
import { hasTool, run } from "../../../support/tar/tools.js";
import { alpine, withoutChroot } from "./alpine-root.js";
import { unlisted } from "./install-compare.js";

const skip = withoutChroot !== false ? withoutChroot : hasTool("runc") ? false : "no runc";
/** Of the root filesystem, what the fixtures' archive has not. */
const absent = ["apk-tools", "busybox", "busybox-binsh", "ca-certificates-bundle", "libcrypto3", "libssl3", "ssl_client"];
const requested = ["alpine-baselayout", "alpine-keys", "apk-tools", "busybox", "ca-certificates", "git", "musl"];

describe("an image from nothing but Alpine's packages", { skip }, () => {
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
    assert(steps.length > 15, output);
    const notices = await installOurs({ root: ours, base: undefined, repositories, requested, steps, folder, tars });
    assert.deepEqual(notices, []);
    for (const root of [theirs, ours]) run("cp", [own.key, join(root, "etc/apk/keys/")]);
    run("runc", ["spec", "--bundle", join(folder, "bundle")]);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("is what apk --initdb leaves, and apk continues in it as in its own", () => {
    assert.deepEqual(unlisted(theirs, ours, new Set()), []);
    for (const command of [
      "apk info -v",
      "apk audit | sort",
      `apk add ${apkOptions(repositories)} jq 2>&1`,
      `apk del ${apkOptions(repositories)} jq 2>&1`,
    ]) {
      const [printed, expected] = [ours, theirs].map((root) => runInRoot(root, repositories, command));
      assert.equal(printed, expected, command);
      assert.deepEqual(unlisted(theirs, ours, new Set()), [], command);
    }
  });

  test("runs in a container", async () => {
    const script = "id -un; git --version; apk info | wc -l; ls -l /bin/ls | sed 's/.* //'; head -c 27 /etc/ssl/cert.pem";
    const printed = await runBundle(join(folder, "bundle"), ["sh", "-c", script]);
    assert.match(printed, /^root\ngit version 2\.43\.4\n[0-9]+\n\/bin\/busybox\n\n?-----BEGIN CERTIFICATE----/);
  });
});

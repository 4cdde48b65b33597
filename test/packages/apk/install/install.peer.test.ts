import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { publishOwn } from "../../../support/apk-root/own-packages.js";
import { openFolder } from "../../../support/apk-root/repository.js";
import { readBase, type Repositories } from "../../../support/apk-root/root.js";
import { expect } from "../../../support/expectations.js";
import type { Tars } from "../../../support/packages/debian-root.js";
import { suiteUnless, testUnless } from "../../../support/skips.js";
import { hasTool, run } from "../../../support/tar/tools.js";
import { alpine, withoutChroot } from "./alpine-root.js";
import { installBoth, type Stage } from "./install-compare.js";
import { differences, type Difference } from "./install-differences.js";

const missing = ["unshare", "runc", "tar"].filter((tool) => !hasTool(tool));
const long = process.env["DHI_LONG"] !== undefined;
const skip = withoutChroot !== false ? withoutChroot : missing.length > 0 ? `no ${missing.join(", ")}` : false;

/** Packages of the fixtures that need one which is not there; chrony is tried with a stand-in for gnutls. */
const incomplete = new Set(
  "chrony ifupdown-ng-wifi iw libc-dev libffi-dev mpc1 network-extras pciutils py3-packaging py3-packaging-pyc py3-parsing py3-parsing-pyc python3-pyc usbutils".split(
    " ",
  ),
);
const useSome = `git --version; echo '{"a":[1,2]}' | jq -c .a; ssh -V 2>&1; make --version | head -n 1; zstd --version; apk info 2>/dev/null | wc -l`;
/** Programs and libraries whose libraries the loader does not find. */
const loadAll = `
  for file in $(find /bin /sbin /usr/bin /usr/sbin /lib /usr/lib /usr/libexec -type f); do
    head -c 4 "$file" | grep -q ELF || continue
    ldd "$file" 2>&1 | grep '^Error loading' | sed "s|^|$file: |"
  done`;
/** Commands that cannot be called. */
const callAll = `
  count=0
  for name in $(apk info -q -P $(apk info -q) | sed -n 's/^cmd:\\([^=]*\\)=.*/\\1/p' | sort -u); do
    count=$((count + 1))
    timeout 5 "$name" --version < /dev/null > /dev/null 2> /tmp/err
    status=$?
    { [ $status = 126 ] || [ $status = 127 ] || grep -q '^Error \\(loading\\|relocating\\)' /tmp/err; } && echo "$name: $status"
  done
  echo "$count commands"`;
/** It tells in no order, and what adduser keeps, which is a row of the table. */
const audit = "apk audit | grep -v -- '-$' | sort";
/** It conflicts with ifupdown-ng, which others need. */
const conflicting = "vlan";

describe(
  "packages installed as apk 2.14 installs them",
  suiteUnless(skip, () => {
    const folder = mkdtempSync(join(tmpdir(), "dhi-apk-install-"));
    const base = join(folder, "base");
    const tars: Tars = new Map();
    const archive = join(alpine ?? "", "alpine-minirootfs-3.19.4-x86_64.tar.gz");
    const used = new Set<Difference>();
    let tree = new FileTree();
    let main: Repositories = {};
    let withStub: Repositories = {};
    let names: readonly string[] = [];

    before(async () => {
      mkdirSync(base);
      run("tar", ["-C", base, "-xpzf", archive]);
      tree = await readBase(archive, folder, tars);
      main = { main: openFolder(join(alpine ?? "", "main/x86_64")) };
      const stub = publishOwn(join(folder, "stub"), [{ name: "gnutls", version: "99-r0", fields: { p: "so:libgnutls.so.30=30.99" } }]);
      run("cp", [stub.key, join(base, "etc/apk/keys/")]);
      withStub = { ...main, stub };
      const files = new Set(readdirSync(main["main"]?.folder ?? ""));
      const has = (name: string): boolean =>
        [...files].some((file) => file.startsWith(`${name}-`) && /^-[^-]+-r[0-9]+\.apk$/.test(file.slice(name.length)));
      names = [...(main["main"]?.stanzas.keys() ?? [])].filter((name) => has(name) && !incomplete.has(name));
    });
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const stage = (repositories = main): Stage => ({ folder, base, tree, tars, repositories, used });

    it("all of the fixtures at once, and apk goes on from there", async () => {
      const requested = names.filter((name) => name !== conflicting);
      expect(requested.length, String(requested.length)).to.be.at.least(135);
      const { notices, both, runInContainer, remove } = await installBoth(stage(), "all", requested);
      expect(notices).to.deep.equal([]);
      expect(await runInContainer(useSome)).to.match(
        /^git version 2\.43\.4\n\[1,2\]\nOpenSSH_9\.6p1.*\nGNU Make 4\.4\.1\n\*\*\* Zstandard.*\n142\n$/,
      );
      expect(await runInContainer(loadAll)).to.equal("");
      if (long) expect(await runInContainer(callAll)).to.match(/^[1-9][0-9][0-9] commands\n$/);
      expect(both("apk info -v")).to.match(/^git-2\.43\.4-r0$/m);
      both(`${audit}; apk audit --system | sort`);
      both("apk fix $X --simulate");
      expect(both("apk del $X tiny-cloud-alpine ifupdown-ng-ppp 2>&1")).to.match(/Purging tiny-cloud-alpine/);
      expect(both("apk add $X tiny-cloud-alpine 2>&1")).to.match(/Executing tiny-cloud-alpine-3\.0\.7-r0\.post-install/);
      remove();
    });

    for (const name of ["git", "openssh-client-default", "doas", "chrony", "ca-certificates", "jq", conflicting]) {
      it(`${name} alone; then apk adds another, and removes it`, async () => {
        const { notices, both, remove } = await installBoth(stage(name === "chrony" ? withStub : main), name, [name]);
        expect(notices).to.deep.equal([]);
        expect(both("apk info -v")).to.match(new RegExp(`^${name}-[0-9]`, "m"));
        both(audit);
        both("apk add $X mdev-conf 2>&1");
        expect(both(`apk del $X ${name} 2>&1`)).to.match(new RegExp(`Purging ${name}`));
        remove();
      });
    }

    it("what the base has and wants already", async () => {
      const { notices, remove } = await installBoth(stage(), "there", ["alpine-keys"]);
      expect(notices).to.deep.equal([]);
      remove();
    });

    it(
      "each of them alone",
      testUnless(long ? false : "only in the long form", async () => {
        for (const name of names) {
          const { notices, remove } = await installBoth(stage(), `one-${name}`, [name]);
          expect(notices, name).to.deep.equal([]);
          remove();
        }
      }),
    );

    it("every row of the table is used", () => {
      expect(differences.filter((row) => !used.has(row)).map(({ path }) => path.source)).to.deep.equal([]);
    });
  }),
);

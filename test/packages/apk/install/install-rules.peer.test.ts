import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { publishOwn, type OwnPackage } from "../../../support/apk-root/own-packages.js";
import { apkOptions, installOurs, readRoot, runInRoot, type Repositories } from "../../../support/apk-root/root.js";
import { expect } from "../../../support/expectations.js";
import type { Tars } from "../../../support/packages/debian-root.js";
import { suiteUnless } from "../../../support/skips.js";
import { run } from "../../../support/tar/tools.js";
import { alpine, withoutChroot } from "./alpine-root.js";
import { installBoth } from "./install-compare.js";

const script = (text: string): string => `#!/bin/sh\n${text}\n`;
/** cap_net_bind_service+ep, little endian (capabilities(7), VFS_CAP_REVISION_2). */
const capability = "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";

/** What the base has before. */
const old: readonly OwnPackage[] = [
  {
    name: "up",
    entries: {
      "etc/": {},
      "etc/up/": {},
      "etc/up/kept.conf": { content: "1" },
      "etc/up/same.conf": { content: "1" },
      "etc/up/gone.conf": { content: "1" },
      "etc/up/gone-changed.conf": { content: "1" },
      "etc/up/to-new.conf": { content: "1" },
      "opt/": {},
      "opt/up/": { mode: 0o700 },
      "opt/up/old/": {},
      "opt/up/old/file": { content: "old" },
      "opt/up/file": { content: "1" },
      "opt/shared/": { mode: 0o755 },
      "opt/changed/": { mode: 0o755 },
    },
    scripts: { trigger: script('echo "$@" > /opt/never'), "post-upgrade": script("echo old > /opt/never") },
    info: "triggers = /opt/up/old\n",
  },
  { name: "owner", entries: { "opt/": {}, "opt/owner/": {}, "opt/owner/a": { content: "a" }, "opt/owner/b": { content: "b" } } },
  {
    name: "first",
    entries: { "opt/": {}, "opt/first/": {}, "opt/first/a": { content: "a" } },
    info: "replaces = second\nreplaces_priority = 5\n",
  },
];

const fresh: readonly OwnPackage[] = [
  {
    name: "up",
    version: "2-r0",
    entries: {
      "etc/": {},
      "etc/up/": {},
      "etc/up/kept.conf": { content: "2" },
      "etc/up/same.conf": { content: "2" },
      "etc/up/to-new.conf": { content: "2" },
      "etc/up/there.conf": { content: "2" },
      "opt/": {},
      "opt/up/": { mode: 0o711 },
      "opt/up/file": { content: "2", mode: 0o4755 },
      "opt/up/hard": { link: "opt/up/file", mode: 0o4755 },
      "opt/up/bound": { content: "x", mode: 0o755, xattrs: { "security.capability": capability } },
      "opt/up/able": { content: "y", mode: 0o755, xattrs: { "security.capability": capability, "user.note": "a note" } },
      "opt/up/.keep_me": { content: "" },
      "opt/shared/": { mode: 0o750 },
      "opt/changed/": { mode: 0o711 },
      "opt/made/": { mode: 0o711 },
    },
    scripts: {
      "pre-upgrade": script('mkdir -p -m 700 /opt/made; echo "$1 $2" > /opt/upgraded'),
      "post-upgrade": script('chmod 777 /opt/up; [ "$(apk version -t "$2" 1-r5)" = "<" ] && rm /opt/up/bound'),
    },
  },
  {
    name: "taker",
    entries: { "opt/": {}, "opt/owner/": { mode: 0o700 }, "opt/owner/a": { content: "taken" } },
    info: "replaces = owner<2\n",
    scripts: { trigger: script('for dir in "$@"; do echo $dir >> /opt/triggered; done') },
    fields: { D: "up>1-r0" },
  },
  { name: "second", entries: { "opt/": {}, "opt/first/": {}, "opt/first/a": { content: "b" }, "opt/first/c": { content: "c" } } },
  {
    name: "accounts",
    entries: {
      "var/": {},
      "var/lib/": {},
      "var/lib/mine/": { mode: 0o750, owner: ["mine", "mine"], uid: 999 },
      "var/lib/other/": { owner: ["nobody-has-it", "wheel"], uid: 777 },
      "var/lib/other/file": { content: "x", owner: ["mine", "root"] },
    },
    scripts: {
      "pre-install": script(
        [
          "addgroup -S mine 2>/dev/null",
          "adduser -S -D -H -h /var/lib/mine -s /sbin/nologin -G mine -g mine mine 2>/dev/null",
          "addgroup mine wheel",
          "addgroup -g 4000 four; adduser -S -D -u 70 -h /var/lib/seventy -g 'The 70' seventy",
          "adduser -S -D mine 2>/dev/null",
          "exit 0",
        ].join("\n"),
      ),
      "post-install": script(
        [
          "install -d -m 2750 -o mine -g wheel /var/lib/mine/log",
          "chown -R mine:mine /var/lib/mine/log; chmod g+w /var/lib/other/file",
          "ln -sf ../lib/other/file /var/lib/mine/link",
          "sed -i -E -e 's/^root:x:([0-9]+):/&/' -e 's#/sbin/nologin$#/bin/false#' /etc/passwd",
          "rc-update add x default 2>/dev/null; mkdir -p /etc/runlevels/default; ln -s /etc/init.d/x /etc/runlevels/default/x 2>/dev/null",
          "if [ ! -e etc/none ] && [ -d etc/apk ]; then echo relative > etc/relative; fi",
        ].join("\n"),
      ),
    },
  },
];

describe(
  "apk's rules, with test packages",
  suiteUnless(withoutChroot, () => {
    const folder = mkdtempSync(join(tmpdir(), "dhi-apk-rules-"));
    const base = join(folder, "base");
    const tars: Tars = new Map();
    let repositories: Repositories = {};

    before(() => {
      mkdirSync(base);
      run("tar", ["-C", base, "-xpzf", join(alpine ?? "", "alpine-minirootfs-3.19.4-x86_64.tar.gz")]);
      const before = publishOwn(join(folder, "old"), old);
      const now = publishOwn(join(folder, "fresh"), fresh);
      run("cp", [before.key, join(base, "etc/apk/keys/old.rsa.pub")]);
      run("cp", [before.key, join(base, "etc/apk/keys/own.rsa.pub")]);
      runInRoot(base, { old: before }, `apk add ${apkOptions({ old: before })} up owner first`);
      run("cp", [now.key, join(base, "etc/apk/keys/own.rsa.pub")]);
      writeFileSync(join(base, "etc/up/kept.conf"), "mine");
      writeFileSync(join(base, "etc/up/gone-changed.conf"), "mine");
      writeFileSync(join(base, "etc/up/there.conf"), "mine");
      writeFileSync(join(base, "etc/up/to-new.conf"), "2");
      chmodSync(join(base, "opt/changed"), 0o777);
      repositories = { fresh: now };
    });
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it("hold for upgrades, protected files, directories, taken files, accounts and scripts", async () => {
      const tree = await readRoot(base, folder, tars);
      const stage = { folder, base, tree, tars, repositories, used: new Set<never>() };
      const { notices, ours, both } = await installBoth(stage, "rules", ["up", "taker", "second", "accounts"]);
      expect([...notices].sort()).to.deep.equal([
        "conffile-kept: /etc/up/kept.conf was changed in the base and is kept; the version of up is beside it, with the suffix .apk-new",
        "conffile-kept: /etc/up/there.conf was changed in the base and is kept; the version of up is beside it, with the suffix .apk-new",
      ]);
      // That the scenario is what it says.
      expect(readFileSync(join(ours, "etc/up/kept.conf.apk-new"), "utf8")).to.equal("2");
      expect(readFileSync(join(ours, "opt/owner/a"), "utf8")).to.equal("taken");
      expect(readFileSync(join(ours, "opt/upgraded"), "utf8")).to.equal("2-r0 1-r0\n");
      expect(lstatSync(join(ours, "opt/up/hard")).ino).to.equal(lstatSync(join(ours, "opt/up/file")).ino);
      for (const gone of ["opt/up/old", "etc/up/gone.conf", "opt/up/bound"])
        expect(() => lstatSync(join(ours, gone))).to.throwError({ code: "ENOENT" });
      both("apk info -v | sort; apk info -L taker up second owner");
      both("apk del $X taker second 2>&1");
    });

    it("reject a file that two packages have, and neither declares to replace", async () => {
      const clash = publishOwn(join(folder, "clash"), [
        { name: "clash", entries: { "opt/": {}, "opt/owner/": {}, "opt/owner/b": { content: "c" } } },
      ]);
      const root = join(folder, "clash-root");
      mkdirSync(root);
      const work = join(folder, "clash-work");
      mkdirSync(work);
      const tree = await readRoot(base, work, tars);
      const steps = [{ name: "clash", version: "1-r0" }];
      await expect(
        installOurs({ root, base: tree, repositories: { clash }, requested: ["clash"], steps, folder: work, tars }),
      ).to.be.rejectedWithError({
        code: "conflict",
        origin: "packages",
        message: "clash and owner both have the file /opt/owner/b, and clash does not declare that it replaces owner",
      });
    });
  }),
);

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { DhiError } from "../../../../provider/errors.js";
import { installDebianPackages } from "../../../../provider/packages/deb/install/install.js";
import type { PackageNotice, UnpackedPackage } from "../../../../provider/packages/packages.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import { packageOf, textOf, treeOf } from "../../../support/packages/roots.js";

const paragraph = (name: string, more = ""): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n${more}Description: d\n\n`;
const baseFiles = {
  lib: "-> usr/lib",
  "usr/lib": "dir",
  "var/lib/dpkg/status": paragraph("base-files") + paragraph("zlib1g"),
  "var/lib/dpkg/info/zlib1g:amd64.list": "/.\n/lib\n/lib/libz.so\n",
  "usr/lib/libz.so": "z",
};

interface Installed {
  readonly tree: FileTree;
  readonly notices: readonly PackageNotice[];
  readonly paths: readonly string[];
}

function install(files: Readonly<Record<string, string>>, packages: readonly UnpackedPackage[], fromScratch = false): Installed {
  const base = treeOf(files);
  const tree = base.fork();
  const draft = new LayerDraft(tree, base);
  const reserved = { uids: new Set([100]), gids: new Set([101]) };
  const notices = installDebianPackages({
    tree,
    draft,
    packages,
    reserved,
    fromScratch,
    distribution: { family: "debian", release: "bookworm" },
  });
  return { tree, notices, paths: draft.entries().map(({ path }) => path) };
}

describe("dpkg's database", () => {
  test("status is in the order of names, with dpkg's fields; info files are named by Multi-Arch", () => {
    const control = { postinst: "#!/bin/sh\n:\n", md5sums: "x\n", conffiles: "/etc/m.conf\n", list: "/another's\n" };
    const files = { "": "dir", etc: "dir", "etc/m.conf": "hello\n" };
    const fields = "Section: x\nDepends: a(>=1),  b | c (> 2)\nMulti-Arch: same\nHomepage: h\n";
    const { tree } = install(baseFiles, [
      packageOf({ name: "m", fields, files, control }),
      packageOf({ name: "all", architecture: "all" }),
    ]);
    assert.equal(
      textOf(tree, "var/lib/dpkg/status"),
      "Package: all\nStatus: install ok installed\nMaintainer: M <m@example.com>\nArchitecture: all\nVersion: 1\nDescription: d\n\n" +
        paragraph("base-files") +
        "Package: m\nStatus: install ok installed\nSection: x\nMaintainer: M <m@example.com>\nArchitecture: amd64\nMulti-Arch: same\nVersion: 1\n" +
        "Depends: a (>= 1), b | c (>= 2)\nConffiles:\n /etc/m.conf b1946ac92492d2347c6235b4d2611184\nDescription: d\nHomepage: h\n\n" +
        paragraph("zlib1g"),
    );
    assert.equal(textOf(tree, "var/lib/dpkg/info/m:amd64.list"), "/.\n/etc\n/etc/m.conf\n");
    assert.equal(tree.get("var/lib/dpkg/info/m:amd64.postinst")?.mode, 0o755);
    assert.equal(tree.get("var/lib/dpkg/info/m:amd64.md5sums")?.mode, 0o644);
    assert.equal(textOf(tree, "var/lib/dpkg/info/all.list"), "");
    assert.equal(tree.get("var/lib/dpkg/info/m:amd64.control"), undefined);
  });

  test("dependencies are marked automatic, requested packages are not", () => {
    const states = { "var/lib/apt/extended_states": "Package: b\nArchitecture: amd64\nAuto-Installed: 1\n\n" };
    const { tree } = install({ ...baseFiles, ...states }, [packageOf({ name: "a", requested: false }), packageOf({ name: "b" })]);
    assert.equal(textOf(tree, "var/lib/apt/extended_states"), "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\n");
  });

  test("status.d gets a file for each, as distroless has it", () => {
    const base = { "var/lib/dpkg/status.d/base": "Package: base\nVersion: 1\nArchitecture: amd64\n" };
    const { tree, paths } = install(base, [packageOf({ name: "a", control: { md5sums: "m\n" } })]);
    assert.match(textOf(tree, "var/lib/dpkg/status.d/a") ?? "", /^Package: a\n/);
    assert.equal(textOf(tree, "var/lib/dpkg/status.d/a.md5sums"), "m\n");
    assert(!paths.some((path) => path.startsWith("var/lib/dpkg/info") || path === "var/lib/dpkg/status"));
  });

  test("a base without one is an error", () => {
    assert.throws(
      () => install({ "etc/x": "" }, [packageOf({ name: "a" })]),
      (thrown: DhiError) => thrown.code === "not-found" && /no package database/.test(thrown.message),
    );
  });

  test("interests are where dpkg looks for them", () => {
    const { tree } = install(baseFiles, [
      packageOf({ name: "a", control: { triggers: "interest-noawait /usr/x\ninterest my-trigger\n" } }),
    ]);
    assert.equal(textOf(tree, "var/lib/dpkg/triggers/File"), "/usr/x a/noawait\n");
    assert.equal(textOf(tree, "var/lib/dpkg/triggers/my-trigger"), "a\n");
  });
});

describe("files", () => {
  test("a file that another package has is an error that names both", () => {
    const thief = packageOf({ name: "thief", files: { lib: "dir", "lib/libz.so": "mine" } });
    assert.throws(
      () => install(baseFiles, [thief]),
      (thrown: DhiError) => thrown.code === "conflict" && thrown.message.includes("thief and zlib1g both have the file /usr/lib/libz.so"),
    );
  });

  test("Replaces takes over a file, and the other package loses it from its list", () => {
    const files = { lib: "dir", "lib/libz.so": "mine" };
    const { tree } = install(baseFiles, [packageOf({ name: "heir", fields: "Replaces: zlib1g (<< 2)\n", files })]);
    assert.equal(textOf(tree, "usr/lib/libz.so"), "mine");
    assert.equal(tree.get("lib")?.type, "symlink");
    assert.equal(textOf(tree, "var/lib/dpkg/info/zlib1g:amd64.list"), "/.\n/lib\n");
    assert.throws(() => install(baseFiles, [packageOf({ name: "heir", fields: "Replaces: zlib1g (<< 1)\n", files })]), /both have/);
  });

  test("diversions and overrides of the base are honoured", () => {
    const base = {
      ...baseFiles,
      "var/lib/dpkg/diversions": "/usr/bin/x\n/usr/bin/x.real\nwrapper\n",
      "var/lib/dpkg/statoverride": "root root 4750 /usr/bin/y\n",
      "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
      "etc/group": "root:x:0:\n",
    };
    const { tree } = install(base, [packageOf({ name: "a", files: { "usr/bin/x": "x", "usr/bin/y": "y" } })]);
    assert.equal(textOf(tree, "usr/bin/x.real"), "x");
    assert.equal(tree.get("usr/bin/x"), undefined);
    assert.equal(tree.get("usr/bin/y")?.mode, 0o4750);
  });
});

describe("maintainer scripts", () => {
  test("an account gets the first id that neither the base nor the user has", () => {
    const base = {
      ...baseFiles,
      "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
      "etc/group": "root:x:0:\nusers:x:100:\n",
      "etc/shadow": "root:*:::::::\n",
    };
    const postinst =
      "#!/bin/sh\nset -e\nif ! getent passwd d >/dev/null; then adduser --system --group --home /var/lib/d --quiet d; fi\nchown d:d /var/d\n";
    const { tree, notices } = install(base, [packageOf({ name: "d", files: { "var/d": "x" }, control: { postinst } })]);
    assert.deepEqual(notices, []);
    assert.equal(textOf(tree, "etc/passwd"), "root:x:0:0::/root:/bin/sh\nd:x:101:102::/var/lib/d:/usr/sbin/nologin\n");
    assert.equal(textOf(tree, "etc/shadow"), "root:*:::::::\nd:!:::::::\n");
    assert.deepEqual([tree.get("var/d")?.uid, tree.get("var/d")?.gid, tree.get("var/lib/d")?.uid], [101, 102, 101]);
  });

  test("what is not reproduced is one notice for each script", () => {
    const postinst = "#!/bin/sh\nfrobnicate --all\nfrobnicate\nif unknowable; then mkdir /x; fi\n";
    const perl = "#!/usr/bin/perl\n";
    const { tree, notices } = install(baseFiles, [packageOf({ name: "a", control: { postinst, preinst: perl } })]);
    assert.deepEqual(
      notices.map(({ message }) => message),
      [
        "the preinst of a is not run: it is a script for /usr/bin/perl",
        "the postinst of a is not run: what it does with frobnicate, unknowable, mkdir is missing",
      ],
    );
    assert.equal(tree.get("x"), undefined);
  });

  test("a package with an interest in what was added is triggered, as by dpkg", () => {
    const control = {
      triggers: "interest-noawait /usr/share/x\n",
      postinst:
        '#!/bin/sh\nset -e\nif [ "$1" = triggered ]; then ls -A /usr/share/x | sort > /var/lib/seen; echo "$2" >> /var/lib/seen; fi\n',
    };
    const { tree, notices } = install(baseFiles, [
      packageOf({ name: "w", control }),
      packageOf({ name: "a", files: { "usr/share/x/a": "" } }),
    ]);
    assert.deepEqual(notices, []);
    assert.equal(textOf(tree, "var/lib/seen"), "a\n/usr/share/x\n");
  });

  test("a package of the base is triggered by its own script; without one it is a notice", () => {
    const status = baseFiles["var/lib/dpkg/status"] + paragraph("x");
    const base = {
      ...baseFiles,
      "var/lib/dpkg/status": status,
      "var/lib/dpkg/triggers/File": "/usr/share/man x\n",
      "var/lib/dpkg/info/x.postinst": '#!/bin/sh\n[ "$1" = triggered ] && touch /var/lib/told\nmandb\n',
    };
    const { tree, notices } = install(base, [packageOf({ name: "a", files: { "usr/share/man/a": "" } })]);
    assert.deepEqual([textOf(tree, "var/lib/told"), notices], ["", []]);
  });

  test("shell code of another package that a script sources is followed", () => {
    const library = packageOf({ name: "l", files: { "usr/share/l/shell": "make_it() { mkdir -p /var/lib/made/$1; }\n" } });
    const postinst = "#!/bin/sh\nset -e\n. /usr/share/l/shell\nmake_it one\n";
    const { tree, notices } = install(baseFiles, [library, packageOf({ name: "u", control: { postinst } })]);
    assert.deepEqual([tree.get("var/lib/made/one")?.type, notices], ["directory", []]);
  });

  test("a triggered package without a script is a notice", () => {
    const base = { ...baseFiles, "var/lib/dpkg/triggers/File": "/usr/share/man man-db\n/usr/share/other x\n" };
    const { notices } = install(base, [packageOf({ name: "a", files: { "usr/share/man/a": "" } })]);
    assert.deepEqual(
      notices.map(({ package: name }) => name),
      ["man-db"],
    );
  });
});

describe("from scratch", () => {
  const release = packageOf({ name: "base-files", version: "12.4", files: { bin: "dir", "bin/x": "x", lib: "dir" } });

  test("the links of a merged /usr and dpkg's folders are made", () => {
    const { tree } = install({}, [release, packageOf({ name: "libc6", files: { lib64: "dir", "lib64/ld.so": "-> /lib/ld.so" } })], true);
    assert.deepEqual(
      ["bin", "sbin", "lib", "lib64", "var/run", "var/lock"].map((path) => tree.get(path)?.target),
      ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "/run", "/run/lock"],
    );
    assert.equal(textOf(tree, "usr/bin/x"), "x");
    assert.equal(textOf(tree, "var/lib/dpkg/info/format"), "1\n");
  });

  test("a package manager without Essential packages is a notice, naming them", () => {
    const { notices } = install({}, [release, packageOf({ name: "dpkg" })], true);
    assert.deepEqual(
      notices.map(({ kind, package: name }) => [kind, name]),
      [["essential-missing", "dpkg"]],
    );
    assert.match(notices[0]?.message ?? "", /base-passwd, bash, .*util-linux$/);
    assert.deepEqual(install({}, [release], true).notices, []);
  });

  test("a release before Debian 12 is rejected", () => {
    assert.throws(() => install({}, [packageOf({ name: "base-files", version: "11.1+deb11u9" })], true), /older than Debian 12/);
  });
});

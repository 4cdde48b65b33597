import { describe, it } from "mocha";
import type { DhiError } from "../../../../provider/errors.js";
import { installDebianPackages } from "../../../../provider/packages/deb/install/install.js";
import type { PackageNotice, UnpackedPackage } from "../../../../provider/packages/packages.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import { expect } from "../../../support/expectations.js";
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
  it("status is in the order of names, with dpkg's fields; info files are named by Multi-Arch", () => {
    const control = { postinst: "#!/bin/sh\n:\n", md5sums: "x\n", conffiles: "/etc/m.conf\n", list: "/another's\n" };
    const files = { "": "dir", etc: "dir", "etc/m.conf": "hello\n" };
    const fields = "Section: x\nDepends: a(>=1),  b | c (> 2)\nMulti-Arch: same\nHomepage: h\n";
    const { tree } = install(baseFiles, [
      packageOf({ name: "m", fields, files, control }),
      packageOf({ name: "all", architecture: "all" }),
    ]);
    expect(textOf(tree, "var/lib/dpkg/status")).to.equal(
      "Package: all\nStatus: install ok installed\nMaintainer: M <m@example.com>\nArchitecture: all\nVersion: 1\nDescription: d\n\n" +
        paragraph("base-files") +
        "Package: m\nStatus: install ok installed\nSection: x\nMaintainer: M <m@example.com>\nArchitecture: amd64\nMulti-Arch: same\nVersion: 1\n" +
        "Depends: a (>= 1), b | c (>= 2)\nConffiles:\n /etc/m.conf b1946ac92492d2347c6235b4d2611184\nDescription: d\nHomepage: h\n\n" +
        paragraph("zlib1g"),
    );
    expect(textOf(tree, "var/lib/dpkg/info/m:amd64.list")).to.equal("/.\n/etc\n/etc/m.conf\n");
    expect(tree.get("var/lib/dpkg/info/m:amd64.postinst")?.mode).to.equal(0o755);
    expect(tree.get("var/lib/dpkg/info/m:amd64.md5sums")?.mode).to.equal(0o644);
    expect(textOf(tree, "var/lib/dpkg/info/all.list")).to.equal("");
    expect(tree.get("var/lib/dpkg/info/m:amd64.control")).to.equal(undefined);
  });

  it("dependencies are marked automatic, requested packages are not", () => {
    const states = { "var/lib/apt/extended_states": "Package: b\nArchitecture: amd64\nAuto-Installed: 1\n\n" };
    const { tree } = install({ ...baseFiles, ...states }, [packageOf({ name: "a", requested: false }), packageOf({ name: "b" })]);
    expect(textOf(tree, "var/lib/apt/extended_states")).to.equal("Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\n");
  });

  it("status.d gets a file for each, as distroless has it", () => {
    const base = { "var/lib/dpkg/status.d/base": "Package: base\nVersion: 1\nArchitecture: amd64\n" };
    const { tree, paths } = install(base, [packageOf({ name: "a", control: { md5sums: "m\n" } })]);
    expect(textOf(tree, "var/lib/dpkg/status.d/a") ?? "").to.match(/^Package: a\n/);
    expect(textOf(tree, "var/lib/dpkg/status.d/a.md5sums")).to.equal("m\n");
    expect(paths.some((path) => path.startsWith("var/lib/dpkg/info") || path === "var/lib/dpkg/status")).to.equal(false);
  });

  it("a base without one is an error", () => {
    expect(() => install({ "etc/x": "" }, [packageOf({ name: "a" })])).to.throwError(
      (thrown: DhiError) => thrown.code === "not-found" && /no package database/.test(thrown.message),
    );
  });

  it("interests are where dpkg looks for them", () => {
    const { tree } = install(baseFiles, [
      packageOf({ name: "a", control: { triggers: "interest-noawait /usr/x\ninterest my-trigger\n" } }),
    ]);
    expect(textOf(tree, "var/lib/dpkg/triggers/File")).to.equal("/usr/x a/noawait\n");
    expect(textOf(tree, "var/lib/dpkg/triggers/my-trigger")).to.equal("a\n");
  });
});

describe("files", () => {
  it("a file that another package has is an error that names both", () => {
    const thief = packageOf({ name: "thief", files: { lib: "dir", "lib/libz.so": "mine" } });
    expect(() => install(baseFiles, [thief])).to.throwError(
      (thrown: DhiError) => thrown.code === "conflict" && thrown.message.includes("thief and zlib1g both have the file /usr/lib/libz.so"),
    );
  });

  it("Replaces takes over a file, and the other package loses it from its list", () => {
    const files = { lib: "dir", "lib/libz.so": "mine" };
    const { tree } = install(baseFiles, [packageOf({ name: "heir", fields: "Replaces: zlib1g (<< 2)\n", files })]);
    expect(textOf(tree, "usr/lib/libz.so")).to.equal("mine");
    expect(tree.get("lib")?.type).to.equal("symlink");
    expect(textOf(tree, "var/lib/dpkg/info/zlib1g:amd64.list")).to.equal("/.\n/lib\n");
    expect(() => install(baseFiles, [packageOf({ name: "heir", fields: "Replaces: zlib1g (<< 1)\n", files })])).to.throw(/both have/);
  });

  it("diversions and overrides of the base are honoured", () => {
    const base = {
      ...baseFiles,
      "var/lib/dpkg/diversions": "/usr/bin/x\n/usr/bin/x.real\nwrapper\n",
      "var/lib/dpkg/statoverride": "root root 4750 /usr/bin/y\n",
      "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
      "etc/group": "root:x:0:\n",
    };
    const { tree } = install(base, [packageOf({ name: "a", files: { "usr/bin/x": "x", "usr/bin/y": "y" } })]);
    expect(textOf(tree, "usr/bin/x.real")).to.equal("x");
    expect(tree.get("usr/bin/x")).to.equal(undefined);
    expect(tree.get("usr/bin/y")?.mode).to.equal(0o4750);
  });
});

describe("maintainer scripts", () => {
  it("an account gets the first id that neither the base nor the user has", () => {
    const base = {
      ...baseFiles,
      "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
      "etc/group": "root:x:0:\nusers:x:100:\n",
      "etc/shadow": "root:*:::::::\n",
    };
    const postinst =
      "#!/bin/sh\nset -e\nif ! getent passwd d >/dev/null; then adduser --system --group --home /var/lib/d --quiet d; fi\nchown d:d /var/d\n";
    const { tree, notices } = install(base, [packageOf({ name: "d", files: { "var/d": "x" }, control: { postinst } })]);
    expect(notices).to.deep.equal([]);
    expect(textOf(tree, "etc/passwd")).to.equal("root:x:0:0::/root:/bin/sh\nd:x:101:102::/var/lib/d:/usr/sbin/nologin\n");
    expect(textOf(tree, "etc/shadow")).to.equal("root:*:::::::\nd:!:::::::\n");
    expect([tree.get("var/d")?.uid, tree.get("var/d")?.gid, tree.get("var/lib/d")?.uid]).to.deep.equal([101, 102, 101]);
  });

  it("what is not reproduced is one notice for each script", () => {
    const postinst = "#!/bin/sh\nfrobnicate --all\nfrobnicate\nif unknowable; then mkdir /x; fi\n";
    const perl = "#!/usr/bin/perl\n";
    const { tree, notices } = install(baseFiles, [packageOf({ name: "a", control: { postinst, preinst: perl } })]);
    expect(notices.map(({ message }) => message)).to.deep.equal([
      "the preinst of a is not run: it is a script for /usr/bin/perl",
      "the postinst of a is not run: what it does with frobnicate, unknowable, mkdir is missing",
    ]);
    expect(tree.get("x")).to.equal(undefined);
  });

  it("a package with an interest in what was added is triggered, as by dpkg", () => {
    const control = {
      triggers: "interest-noawait /usr/share/x\n",
      postinst:
        '#!/bin/sh\nset -e\nif [ "$1" = triggered ]; then ls -A /usr/share/x | sort > /var/lib/seen; echo "$2" >> /var/lib/seen; fi\n',
    };
    const { tree, notices } = install(baseFiles, [
      packageOf({ name: "w", control }),
      packageOf({ name: "a", files: { "usr/share/x/a": "" } }),
    ]);
    expect(notices).to.deep.equal([]);
    expect(textOf(tree, "var/lib/seen")).to.equal("a\n/usr/share/x\n");
  });

  it("a package of the base is triggered by its own script; without one it is a notice", () => {
    const status = baseFiles["var/lib/dpkg/status"] + paragraph("x");
    const base = {
      ...baseFiles,
      "var/lib/dpkg/status": status,
      "var/lib/dpkg/triggers/File": "/usr/share/man x\n",
      "var/lib/dpkg/info/x.postinst": '#!/bin/sh\n[ "$1" = triggered ] && touch /var/lib/told\nmandb\n',
    };
    const { tree, notices } = install(base, [packageOf({ name: "a", files: { "usr/share/man/a": "" } })]);
    expect([textOf(tree, "var/lib/told"), notices]).to.deep.equal(["", []]);
  });

  it("shell code of another package that a script sources is followed", () => {
    const library = packageOf({ name: "l", files: { "usr/share/l/shell": "make_it() { mkdir -p /var/lib/made/$1; }\n" } });
    const postinst = "#!/bin/sh\nset -e\n. /usr/share/l/shell\nmake_it one\n";
    const { tree, notices } = install(baseFiles, [library, packageOf({ name: "u", control: { postinst } })]);
    expect([tree.get("var/lib/made/one")?.type, notices]).to.deep.equal(["directory", []]);
  });

  it("a triggered package without a script is a notice", () => {
    const base = { ...baseFiles, "var/lib/dpkg/triggers/File": "/usr/share/man man-db\n/usr/share/other x\n" };
    const { notices } = install(base, [packageOf({ name: "a", files: { "usr/share/man/a": "" } })]);
    expect(notices.map(({ package: name }) => name)).to.deep.equal(["man-db"]);
  });
});

describe("from scratch", () => {
  const release = packageOf({ name: "base-files", version: "12.4", files: { bin: "dir", "bin/x": "x", lib: "dir" } });

  it("the links of a merged /usr and dpkg's folders are made", () => {
    const { tree } = install({}, [release, packageOf({ name: "libc6", files: { lib64: "dir", "lib64/ld.so": "-> /lib/ld.so" } })], true);
    expect(["bin", "sbin", "lib", "lib64", "var/run", "var/lock"].map((path) => tree.get(path)?.target)).to.deep.equal([
      "usr/bin",
      "usr/sbin",
      "usr/lib",
      "usr/lib64",
      "/run",
      "/run/lock",
    ]);
    expect(textOf(tree, "usr/bin/x")).to.equal("x");
    expect(textOf(tree, "var/lib/dpkg/info/format")).to.equal("1\n");
  });

  it("a package manager without Essential packages is a notice, naming them", () => {
    const { notices } = install({}, [release, packageOf({ name: "dpkg" })], true);
    expect(notices.map(({ kind, package: name }) => [kind, name])).to.deep.equal([["essential-missing", "dpkg"]]);
    expect(notices[0]?.message ?? "").to.match(/base-passwd, bash, .*util-linux$/);
    expect(install({}, [release], true).notices).to.deep.equal([]);
  });

  it("a release before Debian 12 is rejected", () => {
    expect(() => install({}, [packageOf({ name: "base-files", version: "11.1+deb11u9" })], true)).to.throw(/older than Debian 12/);
  });
});

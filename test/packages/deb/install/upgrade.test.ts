import { describe, it } from "mocha";
import { installDebianPackages } from "../../../../provider/packages/deb/install/install.js";
import type { PackageNotice, UnpackedPackage } from "../../../../provider/packages/packages.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import { expect } from "../../../support/expectations.js";
import { packageOf, textOf, treeOf } from "../../../support/packages/roots.js";

const status = (name: string, version = "1", more = ""): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}Description: d\n\n`;
/** MD5 of `hello`. */
const hello = "5d41402abc4b2a76b9719d911017c592";

interface Upgraded {
  readonly tree: FileTree;
  readonly notices: readonly PackageNotice[];
  readonly paths: readonly string[];
  readonly overwritten: readonly string[];
}

function upgrade(files: Readonly<Record<string, string>>, packages: readonly UnpackedPackage[]): Upgraded {
  const base = treeOf(files);
  const tree = base.fork();
  const draft = new LayerDraft(tree, base);
  const notices = installDebianPackages({
    tree,
    draft,
    packages,
    reserved: { uids: new Set(), gids: new Set() },
    fromScratch: false,
    distribution: { family: "debian", release: "bookworm" },
  });
  return { tree, notices, paths: draft.entries().map(({ path }) => path), overwritten: draft.overwritten };
}

describe("a package of the base that is upgraded", () => {
  const base = {
    "var/lib/dpkg/status": status("a"),
    "var/lib/dpkg/info/a.list": "/.\n/usr\n/usr/both\n/usr/dir\n/usr/dir/old\n/usr/kept\n/usr/kept/old\n/usr/own\n/usr/old\n",
    "var/lib/dpkg/info/a.prerm": "",
    "var/lib/dpkg/info/a.md5sums": "x",
    "usr/old": "1",
    "usr/both": "1",
    "usr/dir/old": "1",
    "usr/kept/old": "1",
    "usr/kept/foreign": "f",
    "usr/own": "dir",
  };
  const files = { usr: "dir", "usr/both": "2", "usr/new": "2" };

  it("loses files that the new version lacks, and directories that become empty; nothing of other packages", () => {
    const { tree, paths, overwritten, notices } = upgrade(base, [packageOf({ name: "a", version: "2", files })]);
    expect([...tree.walk("usr")].map(([path]) => path)).to.deep.equal(["usr/both", "usr/kept", "usr/kept/foreign", "usr/new"]);
    expect(textOf(tree, "usr/both")).to.equal("2");
    expect([notices, overwritten]).to.deep.equal([[], []]);
    const hidden = paths.filter((path) => path.includes(".wh."));
    expect(hidden).to.deep.equal([
      "usr/.wh.dir",
      "usr/.wh.old",
      "usr/.wh.own",
      "usr/kept/.wh.old",
      "var/lib/dpkg/info/.wh.a.md5sums",
      "var/lib/dpkg/info/.wh.a.prerm",
    ]);
    expect(paths.indexOf(hidden.at(-1) ?? ""), "whiteouts first").to.be.below(paths.indexOf("usr/both"));
  });

  it("has one paragraph, with the new version, and the new list", () => {
    const { tree } = upgrade(base, [packageOf({ name: "a", version: "2", files })]);
    expect(textOf(tree, "var/lib/dpkg/status")).to.equal(
      "Package: a\nStatus: install ok installed\nMaintainer: M <m@example.com>\nArchitecture: amd64\nVersion: 2\nDescription: d\n\n",
    );
    expect(textOf(tree, "var/lib/dpkg/info/a.list")).to.equal("/usr\n/usr/both\n/usr/new\n");
  });

  it("leaves no info file behind where Multi-Arch has changed its name", () => {
    const { tree } = upgrade(base, [packageOf({ name: "a", version: "2", files, fields: "Multi-Arch: same\n" })]);
    expect(tree.list("var/lib/dpkg/info")).to.deep.equal(["a:amd64.list"]);
    expect(tree.get("usr/old")).to.equal(undefined);
  });

  it("keeps its mark as a dependency", () => {
    const states = "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\n";
    for (const text of [states, ""]) {
      const { tree } = upgrade({ ...base, "var/lib/apt/extended_states": text }, [
        packageOf({ name: "a", version: "2", files, requested: false }),
      ]);
      expect(textOf(tree, "var/lib/apt/extended_states")).to.equal(text);
    }
  });

  it("hands a file to another package that declares Replaces, whichever comes first", () => {
    const heir = packageOf({ name: "heir", files: { usr: "dir", "usr/old": "2" }, fields: "Replaces: a (<< 2)\n" });
    const a = packageOf({ name: "a", version: "2", files });
    for (const packages of [
      [a, heir],
      [heir, a],
    ]) {
      const { tree, paths } = upgrade(base, packages);
      expect(textOf(tree, "usr/old")).to.equal("2");
      expect(paths).to.not.include("usr/.wh.old");
      expect(textOf(tree, "var/lib/dpkg/info/a.list")).to.equal("/usr\n/usr/both\n/usr/new\n");
    }
  });

  it("keeps a directory that the new version has as a link, without its old files, as dpkg does", () => {
    const { tree, paths } = upgrade(base, [
      packageOf({ name: "a", version: "2", files: { usr: "dir", "usr/dir": "-> both", "usr/both": "2" } }),
    ]);
    expect(tree.get("usr/dir")?.type).to.equal("directory");
    expect(paths).to.include("usr/dir/.wh.old");
  });

  it("loses the byte code of removed sources", () => {
    const python = {
      "var/lib/dpkg/status": status("p"),
      "var/lib/dpkg/info/p.list": "/usr/lib/p\n/usr/lib/p/gone.py\n/usr/lib/p/both.py\n/usr/lib/p/sub\n/usr/lib/p/sub/x.py\n",
      "usr/lib/p/gone.py": "1",
      "usr/lib/p/both.py": "1",
      "usr/lib/p/__pycache__/gone.cpython-311.pyc": "",
      "usr/lib/p/__pycache__/both.cpython-311.opt-1.pyc": "",
      "usr/lib/p/__pycache__/other.cpython-311.pyc": "",
      "usr/lib/p/__pycache__/both.x.y.z.pyc": "",
      "usr/lib/p/sub/x.py": "1",
      "usr/lib/p/sub/__pycache__/x.cpython-311.pyc": "",
    };
    const { tree } = upgrade(python, [packageOf({ name: "p", version: "2", files: { "usr/lib/p": "dir", "usr/lib/p/both.py": "2" } })]);
    expect([...tree.walk("usr/lib/p")].map(([path]) => path)).to.deep.equal([
      "usr/lib/p/__pycache__",
      "usr/lib/p/__pycache__/both.x.y.z.pyc",
      "usr/lib/p/__pycache__/other.cpython-311.pyc",
      "usr/lib/p/both.py",
    ]);
  });

  it("has the interests of the new version", () => {
    const triggers = { "var/lib/dpkg/triggers/File": "/old a/noawait\n/b b\n/a a\n", "var/lib/dpkg/triggers/gone": "a\n" };
    const { tree } = upgrade({ ...base, ...triggers }, [
      packageOf({ name: "a", version: "2", files, control: { triggers: "interest /a\ninterest named\n" } }),
    ]);
    expect(textOf(tree, "var/lib/dpkg/triggers/File")).to.equal("/b b\n/a a\n");
    expect(tree.list("var/lib/dpkg/triggers")).to.deep.equal(["File", "named"]);
  });
});

describe("conffiles", () => {
  const conffile = (present: string | undefined, offered: string | undefined): Upgraded => {
    const base = {
      "var/lib/dpkg/status": status("a", "1", `Conffiles:\n /etc/a ${hello}\n`),
      "var/lib/dpkg/info/a.list": "/etc\n/etc/a\n",
      etc: "dir",
      ...(present === undefined ? {} : { "etc/a": present }),
    };
    const files = { etc: "dir", ...(offered === undefined ? {} : { "etc/a": offered }) };
    return upgrade(base, [packageOf({ name: "a", version: "2", files, control: offered === undefined ? {} : { conffiles: "/etc/a\n" } })]);
  };
  const cases: readonly (readonly [
    what: string,
    present: string | undefined,
    offered: string,
    left: string | undefined,
    beside?: string,
  ])[] = [
    ["as it was installed: replaced", "hello", "new", "new"],
    ["changed, and the package's has not: kept", "mine", "hello", "mine"],
    ["changed, and the package's too: kept, with the package's beside", "mine", "new", "mine", "new"],
    ["changed to what the package's now is: the package's", "new", "new", "new"],
    ["removed: it stays away", undefined, "new", undefined],
  ];
  for (const [what, present, offered, left, beside] of cases)
    it(what, () => {
      const { tree, notices } = conffile(present, offered);
      expect(textOf(tree, "etc/a")).to.equal(left);
      expect(textOf(tree, "etc/a.dpkg-dist")).to.equal(beside);
      expect(notices.map(({ kind }) => kind)).to.deep.equal(beside === undefined ? [] : ["conffile-kept"]);
      expect(textOf(tree, "var/lib/dpkg/status") ?? "").to.match(/^Conffiles:\n \/etc\/a [0-9a-f]{32}$/m);
    });

  it("that the new version no longer has stay, and are marked obsolete", () => {
    const { tree } = conffile("mine", undefined);
    expect(textOf(tree, "etc/a")).to.equal("mine");
    expect(textOf(tree, "var/lib/dpkg/status") ?? "").to.match(new RegExp(`^Conffiles:\n /etc/a ${hello} obsolete$`, "m"));
    expect(textOf(tree, "var/lib/dpkg/info/a.list")).to.equal("/etc\n/etc/a\n");
    expect(textOf(conffile(undefined, undefined).tree, "var/lib/dpkg/status") ?? "").to.not.match(/Conffiles/);
  });
});

describe("status.d", () => {
  it("an upgraded package has its old file there, and loses files, and links to them", () => {
    const base = {
      "var/lib/dpkg/status.d/YQ": "Package: a\nVersion: 1\nArchitecture: amd64\n",
      "var/lib/dpkg/status.d/YQ.md5sums": `${"0".repeat(32)}  usr/lib/liba.so.1.0\n${"0".repeat(32)}  usr/lib/libb.so.1\n`,
      "usr/lib/liba.so.1.0": "1",
      "usr/lib/liba.so.1": "-> liba.so.1.0",
      "usr/lib/liba.so": "-> liba.so.1",
      "usr/lib/libb.so.1": "1",
      "usr/lib/libc.so": "-> nowhere",
    };
    const files = { "usr/lib": "dir", "usr/lib/liba.so.2": "2", "usr/lib/liba.so": "-> liba.so.2" };
    const { tree, paths } = upgrade(base, [packageOf({ name: "a", version: "2", files, control: { md5sums: "m\n" } })]);
    expect(tree.list("usr/lib")).to.deep.equal(["liba.so", "liba.so.2", "libc.so"]);
    expect(tree.list("var/lib/dpkg/status.d")).to.deep.equal(["YQ", "YQ.md5sums"]);
    expect(textOf(tree, "var/lib/dpkg/status.d/YQ") ?? "").to.match(/^Version: 2$/m);
    expect(textOf(tree, "var/lib/dpkg/status.d/YQ.md5sums")).to.equal("m\n");
    expect(paths).to.include("usr/lib/.wh.liba.so.1");
  });
});

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { installDebianPackages } from "../../../../provider/packages/deb/install/install.js";
import type { PackageNotice, UnpackedPackage } from "../../../../provider/packages/packages.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
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

  test("loses files that the new version lacks, and directories that become empty; nothing of other packages", () => {
    const { tree, paths, overwritten, notices } = upgrade(base, [packageOf({ name: "a", version: "2", files })]);
    assert.deepEqual(
      [...tree.walk("usr")].map(([path]) => path),
      ["usr/both", "usr/kept", "usr/kept/foreign", "usr/new"],
    );
    assert.equal(textOf(tree, "usr/both"), "2");
    assert.deepEqual([notices, overwritten], [[], []]);
    const hidden = paths.filter((path) => path.includes(".wh."));
    assert.deepEqual(hidden, [
      "usr/.wh.dir",
      "usr/.wh.old",
      "usr/.wh.own",
      "usr/kept/.wh.old",
      "var/lib/dpkg/info/.wh.a.md5sums",
      "var/lib/dpkg/info/.wh.a.prerm",
    ]);
    assert.ok(paths.indexOf(hidden.at(-1) ?? "") < paths.indexOf("usr/both"), "whiteouts first");
  });

  test("has one paragraph, with the new version, and the new list", () => {
    const { tree } = upgrade(base, [packageOf({ name: "a", version: "2", files })]);
    assert.equal(
      textOf(tree, "var/lib/dpkg/status"),
      "Package: a\nStatus: install ok installed\nMaintainer: M <m@example.com>\nArchitecture: amd64\nVersion: 2\nDescription: d\n\n",
    );
    assert.equal(textOf(tree, "var/lib/dpkg/info/a.list"), "/usr\n/usr/both\n/usr/new\n");
  });

  test("leaves no info file behind where Multi-Arch has changed its name", () => {
    const { tree } = upgrade(base, [packageOf({ name: "a", version: "2", files, fields: "Multi-Arch: same\n" })]);
    assert.deepEqual(tree.list("var/lib/dpkg/info"), ["a:amd64.list"]);
    assert.equal(tree.get("usr/old"), undefined);
  });

  test("keeps its mark as a dependency", () => {
    const states = "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\n";
    for (const text of [states, ""]) {
      const { tree } = upgrade({ ...base, "var/lib/apt/extended_states": text }, [
        packageOf({ name: "a", version: "2", files, requested: false }),
      ]);
      assert.equal(textOf(tree, "var/lib/apt/extended_states"), text);
    }
  });

  test("hands a file to another package that declares Replaces, whichever comes first", () => {
    const heir = packageOf({ name: "heir", files: { usr: "dir", "usr/old": "2" }, fields: "Replaces: a (<< 2)\n" });
    const a = packageOf({ name: "a", version: "2", files });
    for (const packages of [
      [a, heir],
      [heir, a],
    ]) {
      const { tree, paths } = upgrade(base, packages);
      assert.equal(textOf(tree, "usr/old"), "2");
      assert.ok(!paths.includes("usr/.wh.old"));
      assert.equal(textOf(tree, "var/lib/dpkg/info/a.list"), "/usr\n/usr/both\n/usr/new\n");
    }
  });

  test("keeps a directory that the new version has as a link, without its old files, as dpkg does", () => {
    const { tree, paths } = upgrade(base, [
      packageOf({ name: "a", version: "2", files: { usr: "dir", "usr/dir": "-> both", "usr/both": "2" } }),
    ]);
    assert.equal(tree.get("usr/dir")?.type, "directory");
    assert.ok(paths.includes("usr/dir/.wh.old"));
  });

  test("loses the byte code of removed sources", () => {
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
    assert.deepEqual(
      [...tree.walk("usr/lib/p")].map(([path]) => path),
      ["usr/lib/p/__pycache__", "usr/lib/p/__pycache__/both.x.y.z.pyc", "usr/lib/p/__pycache__/other.cpython-311.pyc", "usr/lib/p/both.py"],
    );
  });

  test("has the interests of the new version", () => {
    const triggers = { "var/lib/dpkg/triggers/File": "/old a/noawait\n/b b\n/a a\n", "var/lib/dpkg/triggers/gone": "a\n" };
    const { tree } = upgrade({ ...base, ...triggers }, [
      packageOf({ name: "a", version: "2", files, control: { triggers: "interest /a\ninterest named\n" } }),
    ]);
    assert.equal(textOf(tree, "var/lib/dpkg/triggers/File"), "/b b\n/a a\n");
    assert.deepEqual(tree.list("var/lib/dpkg/triggers"), ["File", "named"]);
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
    test(what, () => {
      const { tree, notices } = conffile(present, offered);
      assert.equal(textOf(tree, "etc/a"), left);
      assert.equal(textOf(tree, "etc/a.dpkg-dist"), beside);
      assert.deepEqual(
        notices.map(({ kind }) => kind),
        beside === undefined ? [] : ["conffile-kept"],
      );
      assert.match(textOf(tree, "var/lib/dpkg/status") ?? "", /^Conffiles:\n \/etc\/a [0-9a-f]{32}$/m);
    });

  test("that the new version no longer has stay, and are marked obsolete", () => {
    const { tree } = conffile("mine", undefined);
    assert.equal(textOf(tree, "etc/a"), "mine");
    assert.match(textOf(tree, "var/lib/dpkg/status") ?? "", new RegExp(`^Conffiles:\n /etc/a ${hello} obsolete$`, "m"));
    assert.equal(textOf(tree, "var/lib/dpkg/info/a.list"), "/etc\n/etc/a\n");
    assert.doesNotMatch(textOf(conffile(undefined, undefined).tree, "var/lib/dpkg/status") ?? "", /Conffiles/);
  });
});

describe("status.d", () => {
  test("an upgraded package has its old file there, and loses files, and links to them", () => {
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
    assert.deepEqual(tree.list("usr/lib"), ["liba.so", "liba.so.2", "libc.so"]);
    assert.deepEqual(tree.list("var/lib/dpkg/status.d"), ["YQ", "YQ.md5sums"]);
    assert.match(textOf(tree, "var/lib/dpkg/status.d/YQ") ?? "", /^Version: 2$/m);
    assert.equal(textOf(tree, "var/lib/dpkg/status.d/YQ.md5sums"), "m\n");
    assert.ok(paths.includes("usr/lib/.wh.liba.so.1"));
  });
});

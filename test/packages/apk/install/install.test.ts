import { gunzipSync, gzipSync } from "node:zlib";
import { describe, it } from "mocha";
import { digestOf } from "../../../../provider/image/digest.js";
import { installApkPackages } from "../../../../provider/packages/apk/install/install.js";
import { parseScripts } from "../../../../provider/packages/apk/formats/scripts-archive.js";
import type { PackageNotice, PackageRequest, UnpackedPackage } from "../../../../provider/packages/packages.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import { expect } from "../../../support/expectations.js";
import { nodeOf, textOf, treeOf } from "../../../support/packages/roots.js";
import { headerBlock, withData } from "../../../support/tar/archive.js";

const hash = (letter: string): string => `Q1${letter.repeat(26)}A=`;
const stanza = (name: string, letter: string, more = ""): string =>
  `C:${hash(letter)}\nP:${name}\nV:1-r0\nA:x86_64\nS:1\nI:1\nT:\nU:\nL:\n${more}`;
const base = {
  // In an order, and with a mode, that apk would not write.
  "lib/apk/db/installed": `${stanza("musl", "m")}F:lib\nM:0:0:0755\nR:libc.so\nZ:Q1x\n\n${stanza("busybox", "b", "r:old\n")}F:bin\nR:busybox\nR:tool\n\n`,
  "etc/apk/world": "busybox\nmusl>1\n",
  "bin/tool": "b",
};

interface Draft {
  readonly name: string;
  readonly letter?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly control?: Readonly<Record<string, string>>;
  readonly more?: string;
  readonly requested?: boolean;
}

function packageOf({ name, letter = "n", files = {}, control = {}, more = "", requested = true }: Draft): UnpackedPackage {
  const source = { url: "file:///", suites: [], components: [], keys: [], allowUnsigned: false, origin: "machine" } as const;
  return {
    payload: digestOf(Buffer.from(name)),
    control: new Map(Object.entries({ ".PKGINFO": `pkgname = ${name}\n`, ...control }).map(([key, text]) => [key, Buffer.from(text)])),
    entries: Object.entries(files).map(([path, text]) => ({ path, node: nodeOf(path, text) })),
    libraries: new Map(),
    package: {
      name,
      version: "1-r0",
      architecture: "x86_64",
      requested,
      chain: [name],
      payload: { url: `file:///${name}.apk`, checksum: hash(letter), size: 1, source },
      stanza: stanza(name, letter, more),
    },
  };
}

interface Result {
  readonly tree: FileTree;
  readonly notices: readonly PackageNotice[];
  readonly paths: readonly string[];
}

function install(
  files: Parameters<typeof treeOf>[0],
  packages: readonly UnpackedPackage[],
  { requests, fromScratch = false }: { readonly requests?: readonly PackageRequest[]; readonly fromScratch?: boolean } = {},
): Result {
  const beneath = treeOf(files);
  const tree = beneath.fork();
  const draft = new LayerDraft(tree, beneath);
  const notices = installApkPackages({
    tree,
    draft,
    packages,
    requests,
    reserved: { uids: new Set(), gids: new Set() },
    fromScratch,
    distribution: { family: "alpine", release: "3.19" },
  });
  return { tree, notices, paths: draft.entries().map(({ path }) => path) };
}

describe("apk's database in the result", () => {
  it("stanzas of the base stay byte for byte, new ones come between by name", () => {
    const { tree } = install(base, [packageOf({ name: "Git", files: { "usr/bin": "dir", "usr/bin/git": "g" } })]);
    const [musl = "", busybox = ""] = base["lib/apk/db/installed"].split(/(?<=\n\n)/);
    const own = `${stanza("Git", "n")}F:usr/bin\nR:git\nZ:Q1VP0XESCfscB4EJI3QTLGbnniJBs=\n\n`;
    expect(textOf(tree, "lib/apk/db/installed")).to.equal(`${busybox}${own}${musl}`);
  });

  it("a package that loses a file to another is written again", () => {
    const taker = packageOf({ name: "taker", files: { bin: "dir", "bin/tool": "t" }, control: { ".PKGINFO": "replaces = busybox\n" } });
    const { tree } = install(base, [taker]);
    expect(textOf(tree, "bin/tool")).to.equal("t");
    expect(textOf(tree, "lib/apk/db/installed") ?? "").to.match(/^r:old\nF:bin\nR:busybox\n\nC:/m);
  });

  it("world has the requested packages, whether added or present before, but not their dependencies", () => {
    const packages = [packageOf({ name: "git" }), packageOf({ name: "pcre", requested: false })];
    expect(textOf(install(base, packages).tree, "etc/apk/world")).to.equal("busybox\ngit\nmusl>1\n");
    const requests = [{ name: "git", version: "1-r0" }, { name: "musl" }, { name: "cmd:x" }, { name: "bad", forbidden: true }];
    const { tree } = install(base, packages, { requests: requests.map((one) => ({ ...one, property: "packages[0]" })) });
    expect(textOf(tree, "etc/apk/world")).to.equal("!bad\nbusybox\ncmd:x\ngit=1-r0\nmusl\n");
  });

  it("nothing is written where nothing is added and world stays the same", () => {
    const requests = [{ name: "busybox", property: "packages[0]" }];
    expect(install(base, [], { requests }).paths).to.deep.equal([]);
    expect(install(base, [], { requests: [] }).paths).to.deep.equal([]);
    const { tree } = install(base, [], { requests: [{ name: "musl", property: "packages[0]" }] });
    expect(textOf(tree, "etc/apk/world")).to.equal("busybox\nmusl\n");
  });

  it("a base whose /usr is merged keeps its database there", () => {
    const merged = { "usr/lib/apk/db/installed": base["lib/apk/db/installed"], "etc/apk/world": "", lib: "-> usr/lib" };
    const { tree, paths } = install(merged, [packageOf({ name: "a", files: { lib: "dir", "lib/a.so": "a" } })]);
    expect(textOf(tree, "usr/lib/apk/db/installed") ?? "").to.match(/^P:a$/m);
    expect(textOf(tree, "usr/lib/a.so")).to.equal("a");
    expect(paths, "the link stays").to.not.include("lib");
  });

  it("scripts that apk 3 keeps compressed, by hexadecimal checksums, stay so", () => {
    const script = withData({ name: `musl-1-r0.X1${Buffer.from(hash("m").slice(2), "base64").toString("hex")}.trigger` }, "#!/bin/sh\n");
    const kept = { ...base, "lib/apk/db/scripts.tar.gz": gzipSync(Buffer.concat([script, Buffer.alloc(1024)])).toString("latin1") };
    const { tree } = install(kept, [packageOf({ name: "a", control: { ".post-upgrade": "#!/bin/sh\n" } })]);
    const scripts = parseScripts(gunzipSync(Buffer.from(textOf(tree, "lib/apk/db/scripts.tar.gz") ?? "", "latin1")));
    expect(scripts.map(({ checksum, kind }) => [checksum, kind])).to.deep.equal([
      [hash("m"), "trigger"],
      [hash("n"), "post-upgrade"],
    ]);
    expect(scripts[0]?.blocks).to.deep.equal(script);
    expect(tree.get("lib/apk/db/scripts.tar")).to.equal(undefined);
  });

  it("only the stanza of a package that installs nothing is read, as in apk", () => {
    const empty = packageOf({ name: "meta", files: { opt: "dir" }, control: { ".post-install": "#!/bin/sh\n: > /opt/made\n" } });
    const { tree } = install(base, [{ ...empty, package: { ...empty.package, stanza: empty.package.stanza.replace("I:1", "I:0") } }]);
    expect(tree.get("opt")).to.equal(undefined);
    expect(textOf(tree, "lib/apk/db/installed") ?? "").to.match(/^P:meta$/m);
  });

  for (const [what, files, expected] of [
    ["no database", { "etc/apk/world": "" }, { code: "not-found", origin: "base", property: "packages" }],
    ["a damaged database", { ...base, "lib/apk/db/installed": "x\n" }, { code: "invalid", origin: "base" }],
    [
      "damaged scripts",
      { ...base, "lib/apk/db/scripts.tar": headerBlock({ name: "a", sum: "wrong" }).toString("latin1") },
      { code: "invalid", origin: "base" },
    ],
    ["damaged compressed scripts", { ...base, "lib/apk/db/scripts.tar.gz": "x" }, { code: "invalid", origin: "base" }],
  ] as const)
    it(`a base with ${what} is an error`, () => {
      expect(() => install(files, [packageOf({ name: "a" })])).to.throwError(expected);
    });
});

describe("files", () => {
  it("an applet's link gives way to the program without a notice, another file with one", () => {
    const files = { ...base, "sbin/ifup": "-> /bin/busybox", "etc/own.conf": "mine", "opt/own": "mine" };
    const { tree, notices } = install(files, [packageOf({ name: "a", files: { "sbin/ifup": "a", "etc/own.conf": "a", "opt/own": "a" } })]);
    expect(textOf(tree, "sbin/ifup")).to.equal("a");
    expect(textOf(tree, "opt/own")).to.equal("a");
    expect(textOf(tree, "etc/own.conf")).to.equal("mine");
    expect(textOf(tree, "etc/own.conf.apk-new")).to.equal("a");
    expect(notices.map(({ kind }) => kind)).to.deep.equal(["conffile-kept"]);
  });

  it("lists of protected paths say what is kept", () => {
    const lists = { "etc/apk/protected_paths.d/x.list": "-etc/free\n+opt/k*\n# no\n", "etc/apk/protected_paths.d/ignored": "+srv\n" };
    const files = Object.fromEntries(["etc/free/a", "etc/b", "opt/kept/c", "opt/d", "srv/e"].map((path) => [path, "mine"]));
    const { tree } = install({ ...base, ...lists, ...files }, [
      packageOf({ name: "a", files: Object.fromEntries(Object.keys(files).map((path) => [path, "new"])) }),
    ]);
    expect(Object.keys(files).filter((path) => textOf(tree, path) === "mine")).to.deep.equal(["etc/b", "opt/kept/c"]);
  });

  it("an image from scratch has apk's own folders, and a world of the requests", () => {
    const { tree } = install({}, [packageOf({ name: "a", files: { etc: "dir" } })], { fromScratch: true });
    expect(textOf(tree, "etc/apk/arch")).to.equal("x86_64\n");
    expect(textOf(tree, "etc/apk/world")).to.equal("a\n");
    expect(tree.get("lib/apk/db/lock")?.mode).to.equal(0o600);
    expect(tree.get("tmp")?.mode).to.equal(0o1777);
  });
});

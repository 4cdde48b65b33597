import { describe, it } from "mocha";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { LayerDraft, type Placement } from "../../../provider/rootfs/layers/draft.js";
import type { FileNode, LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { expect } from "../../support/expectations.js";
import { bytesContent, plain } from "../../support/tar/entries.js";

const file = (text: string, more: Partial<FileNode> = {}): FileNode => ({ ...plain, ...more, type: "file", content: bytesContent(text) });
const link = (target: string): FileNode => ({ ...plain, type: "symlink", mode: 0o777, target });
const directory = (more: Partial<FileNode> = {}): FileNode => ({ ...defaultDirectory, ...more });

function treeOf(nodes: Readonly<Record<string, FileNode>>): FileTree {
  const tree = new FileTree();
  for (const [path, node] of Object.entries(nodes)) tree.set(path, node);
  return tree;
}

const base = (): FileTree =>
  treeOf({
    "": directory({ mode: 0o711 }),
    tmp: directory({ mode: 0o1777 }),
    etc: directory(),
    "etc/conf": file("old"),
    home: directory(),
    "home/app": directory({ mode: 0o700, uid: 1001, gid: 1001, mtime: 5, pax: { "SCHILY.xattr.user.a": "b" } }),
    usr: directory(),
    "usr/lib": directory({ mtime: 7 }),
    lib: link("usr/lib"),
    broken: link("nowhere"),
    pipe: { ...plain, type: "fifo" },
  });

function draftOver(beneath: FileTree): { readonly draft: LayerDraft; readonly tree: FileTree } {
  const tree = beneath.fork();
  return { draft: new LayerDraft(tree, beneath), tree };
}

function place(...placements: readonly Placement[]): {
  readonly entries: readonly LayerEntry[];
  readonly overwritten: readonly string[];
  readonly tree: FileTree;
} {
  const { draft, tree } = draftOver(base());
  for (const placement of placements) draft.place(placement);
  return { entries: draft.entries(), overwritten: draft.overwritten, tree };
}

const pathsOf = (entries: readonly LayerEntry[]): readonly string[] => entries.map(({ path }) => path);
const nodeAt = (entries: readonly LayerEntry[], path: string): FileNode | undefined => {
  const found = entries.find((entry) => entry.path === path);
  return found !== undefined && "node" in found ? found.node : undefined;
};

describe("a layer draft", () => {
  it("has no entries when nothing is placed", () => {
    expect(place().entries).to.deep.equal([]);
  });

  it("contains each parent directory as it is in the lower layers", () => {
    const { entries } = place({ path: "home/app/x", node: file("x") }, { path: "tmp/y", node: file("y") });
    expect(pathsOf(entries)).to.deep.equal(["", "home", "home/app", "home/app/x", "tmp", "tmp/y"]);
    for (const path of ["", "home", "home/app", "tmp"]) expect(nodeAt(entries, path), path).to.deep.equal(base().get(path));
    expect(nodeAt(entries, "tmp")?.mode).to.equal(0o1777);
    expect(nodeAt(entries, "home/app")).to.deep.equal(base().get("home/app"));
    expect(nodeAt(entries, "")?.mode).to.equal(0o711);
  });

  it("has no entry for a root that no layer has", () => {
    const { draft } = draftOver(new FileTree());
    draft.place({ path: "a/b", node: file("b") });
    expect(pathsOf(draft.entries())).to.deep.equal(["a", "a/b"]);
  });

  it("creates missing parents as the source has them, else 0755 root", () => {
    const source = treeOf({ opt: directory({ mode: 0o750, uid: 3 }), "opt/t": directory({ mode: 0o2775 }), "opt/t/x": file("x") });
    const { draft } = draftOver(base());
    draft.place({ path: "opt/t/x", node: file("x") }, source);
    expect(nodeAt(draft.entries(), "opt")).to.deep.equal(source.get("opt"));
    expect(nodeAt(draft.entries(), "opt/t")).to.deep.equal(source.get("opt/t"));
    draft.place({ path: "opt/t/new/deep/y", node: file("y") }, source);
    expect(nodeAt(draft.entries(), "opt/t/new")).to.deep.equal(defaultDirectory);
    expect(nodeAt(draft.entries(), "opt/t/new/deep")).to.deep.equal(defaultDirectory);
  });

  it("finds the parents of the source also where a link leads to another path", () => {
    const source = treeOf({ lib: directory(), "lib/mods": directory({ mode: 0o700 }), "lib/mods/x": file("x") });
    const { draft } = draftOver(base());
    draft.place({ path: "lib/mods/x", node: file("x") }, source);
    const entries = draft.entries();
    expect(pathsOf(entries)).to.deep.equal(["", "usr", "usr/lib", "usr/lib/mods", "usr/lib/mods/x"]);
    expect(nodeAt(entries, "usr/lib/mods")?.mode).to.equal(0o700);
    expect(nodeAt(entries, "usr/lib")?.mtime).to.equal(7);
  });

  it("merges a directory with an existing one, or with a link to one, and keeps its attributes", () => {
    const { entries, tree } = place(
      { path: "tmp", node: directory() },
      { path: "lib", node: directory({ mode: 0o700 }) },
      { path: "lib/x", node: file("x") },
    );
    expect(pathsOf(entries)).to.deep.equal(["", "usr", "usr/lib", "usr/lib/x"]);
    expect(tree.get("tmp")?.mode).to.equal(0o1777);
    expect(tree.get("lib")?.type).to.equal("symlink");
    expect(tree.get("usr/lib")?.mode).to.equal(0o755);
  });

  it("replaces the attributes of a directory when forced", () => {
    const { entries, tree } = place(
      { path: "lib", node: directory({ mode: 0o700 }), force: true },
      { path: "home/app", node: directory(), force: true },
    );
    expect(nodeAt(entries, "usr/lib")?.mode).to.equal(0o700);
    expect(nodeAt(entries, "home/app")?.uid).to.equal(0);
    expect(tree.get("lib")?.type).to.equal("symlink");
    expect(tree.get("usr/lib")?.mode).to.equal(0o700);
  });

  it("replaces files and links without following the last part", () => {
    const { tree, entries } = place(
      { path: "lib", node: link("elsewhere") },
      { path: "broken", node: file("now") },
      { path: "pipe", node: file("p") },
    );
    expect(tree.get("lib")?.target).to.equal("elsewhere");
    expect(tree.list("usr/lib")).to.deep.equal([]);
    expect(pathsOf(entries)).to.deep.equal(["", "broken", "lib", "pipe"]);
  });

  const conflicts: readonly (readonly [string, Placement, RegExp])[] = [
    ["a file over a directory", { path: "tmp", node: file("x") }, /^\/tmp is a file and cannot replace a directory$/],
    ["a link over a directory", { path: "usr/lib", node: link("x") }, /^\/usr\/lib is a symlink and cannot replace a directory$/],
    ["a file over a directory, through a link", { path: "tmp", node: file("x") }, /^\/tmp is a file/],
    ["a directory over a file", { path: "etc/conf", node: directory() }, /^\/etc\/conf is a directory and cannot replace a file$/],
    ["a directory over a dangling link", { path: "broken", node: directory() }, /^\/broken is a directory and cannot replace a symlink$/],
    ["a directory over a fifo", { path: "pipe", node: directory() }, /^\/pipe is a directory and cannot replace a fifo$/],
    ["a file below a file", { path: "etc/conf/x", node: file("x") }, /^\/etc\/conf\/x cannot be placed: \/etc\/conf is a file/],
  ];
  for (const [what, placement, message] of conflicts)
    it(`rejects ${what}`, () => expect(() => place(placement)).to.throwError({ code: "conflict", message }));

  for (const path of ["etc/.wh.passwd", "etc/.wh..wh..opq", "etc/.wh.x/y", "lib/.wh.x"])
    it(`rejects ${path}, which would be a whiteout`, () =>
      expect(() => place({ path, node: file("x") })).to.throwError({ code: "invalid", message: /begins with \.wh\./, hint: /Exclude it/ }));

  it("names both places where a link leads to the conflict", () => {
    const tree = base();
    tree.set("usr/lib/d", directory());
    const { draft } = draftOver(tree);
    expect(() => draft.place({ path: "lib/d", node: file("x") })).to.throwError({
      message: "/lib/d (at /usr/lib/d) is a file and cannot replace a directory",
      hint: /Exclude it/,
    });
  });

  it("reports overwritten files of the base, and no others", () => {
    const old = base().get("etc/conf") as FileNode;
    expect(place({ path: "etc/conf", node: file("new") }).overwritten).to.deep.equal(["etc/conf"]);
    expect(place({ path: "etc/conf", node: { ...old, mode: 0o600 } }).overwritten).to.deep.equal(["etc/conf"]);
    expect(place({ path: "etc/conf", node: link("x") }).overwritten).to.deep.equal(["etc/conf"]);
    expect(place({ path: "etc/conf", node: { ...old, mtime: 9 } }).overwritten).to.deep.equal([]);
    expect(place({ path: "etc/conf", node: file("new"), edited: true }).overwritten).to.deep.equal([]);
    expect(place({ path: "etc/other", node: file("new") }).overwritten).to.deep.equal([]);
    expect(place({ path: "etc/conf", node: file("1") }, { path: "etc/conf", node: file("2") }).overwritten).to.deep.equal(["etc/conf"]);
    expect(place({ path: "etc/mine", node: file("1") }, { path: "etc/mine", node: file("2") }).overwritten).to.deep.equal([]);
  });

  it("has no entry for a file that already exists as the same inode", () => {
    const beneath = base();
    const { draft } = draftOver(beneath);
    draft.place({ path: "etc/conf", node: beneath.get("etc/conf") as FileNode });
    expect(draft.entries()).to.deep.equal([]);
  });

  it("hard-links further names of one inode to the first, within the layer", () => {
    const shared = file("shared");
    const { entries } = place(
      { path: "usr/z", node: shared },
      { path: "etc/m", node: shared },
      { path: "a", node: shared },
      { path: "b", node: file("shared") },
    );
    expect(nodeAt(entries, "a")).to.equal(shared);
    expect(entries.filter((entry) => "link" in entry)).to.deep.equal([
      { path: "etc/m", link: "a" },
      { path: "usr/z", link: "a" },
    ]);
    expect(nodeAt(entries, "b")).to.not.equal(undefined);
  });

  it("writes a later layer over an earlier one, and leaves the base unchanged", () => {
    const beneath = base();
    const tree = beneath.fork();
    const first = new LayerDraft(tree, beneath);
    first.place({ path: "opt/x", node: file("1") });
    first.place({ path: "etc/conf", node: file("1") });
    const second = new LayerDraft(tree, beneath);
    second.place({ path: "opt/x", node: file("2") });
    second.place({ path: "etc/conf", node: file("2") });
    expect(second.overwritten).to.deep.equal([]);
    expect(first.overwritten).to.deep.equal(["etc/conf"]);
    expect(beneath.get("opt")).to.equal(undefined);
    expect(pathsOf(first.entries())).to.deep.equal(pathsOf(second.entries()));
  });
});

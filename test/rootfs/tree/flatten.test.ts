import fc from "fast-check";
import { describe, it } from "mocha";
import { defaultDirectory } from "../../../provider/rootfs/tree/file-tree.js";
import { FlattenedImage } from "../../../provider/rootfs/tree/flatten.js";
import { IndexWeight } from "../../../provider/rootfs/layers/index-weight.js";
import { atOnce } from "../../../provider/rootfs/steps.js";
import { MAX_LINK_PARTS } from "../../../provider/rootfs/tar/limits.js";
import { expect } from "../../support/expectations.js";
import { flattenLayers } from "../../support/tar/flatten.js";
import type { FileNode, LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { fileEntry, plain } from "../../support/tar/entries.js";

type Layer = { readonly entries: readonly LayerEntry[] };

const layer = (...entries: readonly LayerEntry[]): Layer => ({ entries });
const directory = (path: string, mode = 0o755): LayerEntry => ({ path, node: { ...defaultDirectory, mode } });
const symlink = (path: string, target: string): LayerEntry => ({ path, node: { ...plain, type: "symlink", target } });
const whiteout = (path: string): LayerEntry => fileEntry(path, "");

/** `path`, `path=content` or `path->target`. */
function summary(...layers: readonly Layer[]): readonly string[] {
  return [...flattenLayers(layers).walk()].map(([path, node]) => {
    if (node.content?.from === "bytes") return `${path}=${node.content.bytes.toString()}`;
    return node.target === undefined ? path : `${path}->${node.target}`;
  });
}

describe("flattening", () => {
  it("gives an empty root for no layers", () => {
    const tree = flattenLayers([]);
    expect([...tree.walk()]).to.deep.equal([]);
    expect(tree.get("")).to.equal(defaultDirectory);
  });

  const table: readonly (readonly [string, readonly Layer[], readonly string[]])[] = [
    ["later layers win", [layer(fileEntry("a", "1")), layer(fileEntry("a", "2"))], ["a=2"]],
    ["later entries win", [layer(fileEntry("a", "1"), fileEntry("a", "2"))], ["a=2"]],
    ["missing parents are created", [layer(fileEntry("x/y/z", "1"))], ["x", "x/y", "x/y/z=1"]],
    ["a directory merges", [layer(directory("d"), fileEntry("d/a", "1")), layer(directory("d", 0o700))], ["d", "d/a=1"]],
    ["a file replaces a directory", [layer(directory("d"), fileEntry("d/a", "1")), layer(fileEntry("d", "f"))], ["d=f"]],
    [
      "a directory replaces a link",
      [layer(directory("d"), fileEntry("d/a", "1"), symlink("l", "d")), layer(directory("l"))],
      ["d", "d/a=1", "l"],
    ],
    ["a whiteout removes", [layer(fileEntry("d/a", "1"), fileEntry("d/b", "2")), layer(whiteout("d/.wh.a"))], ["d", "d/b=2"]],
    ["a whiteout removes trees", [layer(fileEntry("d/a/b/c", "1"), fileEntry("e", "2")), layer(whiteout(".wh.d"))], ["e=2"]],
    ["a whiteout of nothing", [layer(fileEntry("a", "1")), layer(whiteout(".wh.b"), whiteout("none/.wh.x"))], ["a=1"]],
    [
      "a whiteout spares its own layer, before and after it",
      [layer(fileEntry("d/old", "1")), layer(fileEntry("d/a", "2"), whiteout(".wh.d"), fileEntry("d/b", "3"))],
      ["d", "d/a=2", "d/b=3"],
    ],
    [
      "an opaque directory hides its lower content",
      [layer(fileEntry("d/a", "1"), fileEntry("d/s/x", "1")), layer(fileEntry("d/b", "2"), whiteout("d/.wh..wh..opq"))],
      ["d", "d/b=2"],
    ],
    ["an opaque root", [layer(fileEntry("a", "1")), layer(fileEntry("b", "2"), whiteout(".wh..wh..opq"))], ["b=2"]],
    ["files of aufs itself are ignored", [layer(fileEntry("a", "1"), whiteout(".wh..wh.plnk"), whiteout(".wh..wh.aufs"))], ["a=1"]],
    ["a whiteout without a name removes nothing", [layer(fileEntry("d/a", "1")), layer(whiteout("d/.wh."))], ["d", "d/a=1"]],
    [
      "a whiteout below a link",
      [layer(fileEntry("usr/lib/x", "1"), fileEntry("usr/lib/y", "2"), symlink("lib", "usr/lib")), layer(whiteout("lib/.wh.x"))],
      ["lib->usr/lib", "usr", "usr/lib", "usr/lib/y=2"],
    ],
    [
      "a file below a link",
      [layer(directory("usr/lib"), symlink("lib", "usr/lib")), layer(fileEntry("lib/x", "1"))],
      ["lib->usr/lib", "usr", "usr/lib", "usr/lib/x=1"],
    ],
    ["a link to a lower layer's file", [layer(fileEntry("a", "1")), layer({ path: "b", link: "a" })], ["a=1", "b=1"]],
    [
      "a link into a linked directory",
      [layer(fileEntry("d/a", "1"), symlink("l", "d"), { path: "b", link: "l/a" })],
      ["b=1", "d", "d/a=1", "l->d"],
    ],
    ["a link to a symlink", [layer(symlink("a", "x"), { path: "b", link: "a" })], ["a->x", "b->x"]],
    ["names that only look like whiteouts", [layer(fileEntry(".what", "1"), fileEntry("a.wh.b", "2"))], [".what=1", "a.wh.b=2"]],
  ];
  for (const [what, layers, expected] of table) it(`applies: ${what}`, () => expect(summary(...layers)).to.deep.equal(expected));

  it("shares a node between names of one inode, also across layers", () => {
    const tree = flattenLayers([layer(fileEntry("a", "1"), { path: "b", link: "a" }), layer({ path: "c", link: "b" })]);
    expect(tree.get("b")).to.equal(tree.get("a"));
    expect(tree.get("c")).to.equal(tree.get("a"));
    const replaced = flattenLayers([layer(fileEntry("a", "1"), { path: "b", link: "a" }), layer(fileEntry("a", "2"))]);
    expect(replaced.get("b")).to.not.equal(replaced.get("a"));
  });

  it("gives the root and directories the attributes of the last layer that has them", () => {
    const tree = flattenLayers([layer(directory("", 0o700), directory("d", 0o711), fileEntry("d/x", "")), layer(directory("d", 0o1777))]);
    expect(tree.get("")?.mode).to.equal(0o700);
    expect(tree.get("d")?.mode).to.equal(0o1777);
    expect(tree.get("d/x")?.type).to.equal("file");
  });

  it("rejects hard links to missing files and to directories by name", () => {
    const refused = [
      [[layer({ path: "b", link: "a" })], "/b is a hard link to /a, which is missing"],
      [[layer(directory("d"), { path: "b", link: "d" })], "/b is a hard link to /d, which is a directory"],
      [[layer(fileEntry("a", "1")), layer({ path: "b", link: "a" }, whiteout(".wh.a"))], "/b is a hard link to /a, which is missing"],
    ] as const;
    for (const [layers, message] of refused) expect(() => flattenLayers(layers)).to.throwError({ code: "invalid", message });
  });

  it("keeps links that lead out of the root within it", () => {
    expect(summary(layer(symlink("l", "../../up"), fileEntry("l/x", "1")))).to.deep.equal(["l->../../up", "up", "up/x=1"]);
  });
});

describe("flattening compared with a naive model", () => {
  const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const entry = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(path, fc.string({ unit: fc.constantFrom("x", "y"), maxLength: 3 })).map(([at, text]) => fileEntry(at, text)),
    },
    { weight: 2, arbitrary: fc.tuple(path, fc.constantFrom(0o700, 0o755)).map(([at, mode]) => directory(at, mode)) },
    { weight: 2, arbitrary: path.map((at) => whiteout(at.replace(/[^/]+$/, (name) => `.wh.${name}`))) },
    { weight: 1, arbitrary: path.map((at) => whiteout(`${at}/.wh..wh..opq`)) },
  );
  const anyLayers = fc.array(
    fc.array(entry, { maxLength: 8 }).map((entries) => layer(...entries)),
    { maxLength: 4 },
  );

  /** Each layer by itself: first everything that it hides, then its entries in order. Only paths and nodes. */
  function naive(layers: readonly Layer[]): Map<string, FileNode> | "conflict" {
    const model = new Map<string, FileNode>();
    const drop = (inside: (path: string) => boolean): void => {
      for (const key of [...model.keys()]) if (inside(key)) model.delete(key);
    };
    for (const { entries } of layers) {
      for (const { path: at } of entries) {
        if (at.endsWith("/.wh..wh..opq")) {
          const root = at.slice(0, -"/.wh..wh..opq".length);
          if (model.get(root)?.type === "directory") drop((key) => key.startsWith(`${root}/`));
        } else if (at.includes(".wh.")) {
          const gone = at.replace(".wh.", "");
          drop((key) => key === gone || key.startsWith(`${gone}/`));
        }
      }
      for (const item of entries) {
        if (item.path.includes(".wh.") || !("node" in item)) continue;
        const parts = item.path.split("/");
        for (let length = 1; length < parts.length; length++) {
          const parent = parts.slice(0, length).join("/");
          const there = model.get(parent);
          if (there !== undefined && there.type !== "directory") return "conflict";
          if (there === undefined) model.set(parent, defaultDirectory);
        }
        if (item.node.type !== "directory") drop((key) => key.startsWith(`${item.path}/`));
        model.set(item.path, item.node);
      }
    }
    return model;
  }

  it("gives the same tree", () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const expected = naive(layers);
        if (expected === "conflict") {
          expect(() => flattenLayers(layers)).to.throwError({ code: "conflict" });
          return;
        }
        const tree = flattenLayers(layers);
        expect([...tree.walk()].map(([at]) => at).sort()).to.deep.equal([...expected.keys()].sort());
        for (const [at, node] of expected) expect(tree.get(at), at).to.equal(node);
      }),
      { numRuns: 500 },
    );
  });
});

describe("trees of layers with a few bytes", () => {
  const deep = Array.from({ length: 2000 }, () => "a").join("/");

  it("are as deep as the path limit, and no deeper through links", () => {
    const via = symlink("s", deep);
    const inside = 4096 - deep.length - 1;
    const tree = flattenLayers([layer(directory(deep), via, fileEntry(`s/${"b".repeat(inside)}`, "1"))]);
    expect([...tree.walk()].at(-2)?.[0].length).to.equal(4096);
    expect(() => flattenLayers([layer(directory(deep), via, fileEntry(`s/${"b".repeat(inside)}/c`, "1"))])).to.throwError({
      code: "limit",
      message: /^\/s\/b{78}|resolves through links to a path of 4098 bytes: the limit is 4,096/,
    });
  });

  it("have no more folders without an entry than the memory bound allows", () => {
    const image = new FlattenedImage(new IndexWeight(100_000));
    const grow = (at: number): void => {
      atOnce(image.apply([fileEntry(`${String(at)}/${"a/".repeat(99)}x`, "")]));
    };
    grow(1);
    expect(() => {
      for (const at of [2, 3]) grow(at);
    }).to.throwError({ code: "limit", message: /too many files, long names/ });
  });

  it("are built even where every name goes up and down through links", () => {
    const zigzag = `${"a/".repeat(1000)}${"../".repeat(600)}`;
    const deepest = "a/".repeat(1000).slice(0, -1);
    const tree = flattenLayers([layer(directory(deepest), symlink("s", zigzag), fileEntry("s/x", "1"))]);
    expect(tree.follow("s/x")).to.equal(`${"a/".repeat(400)}x`);
  });

  it("follow links only up to the limit for the whole tree", () => {
    const dots = "./".repeat(2000);
    const tree = flattenLayers([layer(symlink("s", dots), fileEntry("x", "1"))]);
    let followed = 0;
    expect(() => {
      for (; followed < 20_000; followed += 1) tree.follow("s/x");
    }).to.throwError({ code: "limit", message: /the symbolic links lead through too many path components: the limit is 20,000,000/ });
    expect(followed).to.equal(Math.floor(MAX_LINK_PARTS / 2002));
  });
});

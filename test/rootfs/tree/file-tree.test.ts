import fc from "fast-check";
import { describe, it } from "mocha";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { expect } from "../../support/expectations.js";
import { directory, file, link, paths, treeOf } from "./small-trees.js";

describe("file trees", () => {
  it("start with only a root", () => {
    const tree = new FileTree();
    expect(tree.get("")).to.deep.equal(defaultDirectory);
    expect(paths(tree)).to.deep.equal([]);
    expect(tree.list("")).to.deep.equal([]);
    expect(tree.get("a")).to.equal(undefined);
    expect(tree.get("a/b")).to.equal(undefined);
  });

  it("keep nodes as they are, and names of one inode as one object", () => {
    const tree = treeOf("d/");
    const node = file("x");
    tree.set("d/a", node);
    tree.set("d/b", node);
    expect(tree.get("d/a")).to.equal(node);
    expect(tree.get("d/b")).to.equal(tree.get("d/a"));
    expect(tree.get("d/a/below")).to.equal(undefined);
    expect(tree.list("d/a")).to.deep.equal([]);
  });

  it("are walked in byte order, parents before children", () => {
    const tree = treeOf("b/", "b/z", "b/\xff", "b/A", "a.b", "a/", "a/x", "a-");
    expect(paths(tree)).to.deep.equal(["a", "a/x", "a-", "a.b", "b", "b/A", "b/z", "b/\xff"]);
    expect([...tree.walk("b")].map(([path]) => path)).to.deep.equal(["b/A", "b/z", "b/\xff"]);
    expect([...tree.walk("a/x")]).to.deep.equal([]);
    expect([...tree.walk("none")]).to.deep.equal([]);
    expect(tree.list("b")).to.deep.equal(["A", "z", "\xff"]);
  });

  it("keep the children of a directory that is set again", () => {
    const tree = treeOf("d/", "d/x");
    tree.set("d", directory(0o700));
    expect(tree.get("d")?.mode).to.equal(0o700);
    expect(paths(tree)).to.deep.equal(["d", "d/x"]);
    tree.set("", directory(0o711));
    expect(tree.get("")?.mode).to.equal(0o711);
    expect(paths(tree)).to.deep.equal(["d", "d/x"]);
  });

  it("replace anything else that is set again, with everything below it", () => {
    const tree = treeOf("d/", "d/x", "f");
    tree.set("d", file("now"));
    tree.set("f", directory());
    expect(paths(tree)).to.deep.equal(["d", "f"]);
    expect(tree.get("d")?.type).to.equal("file");
    expect(tree.list("f")).to.deep.equal([]);
  });

  it("set a node only below a directory", () => {
    const tree = treeOf("f", "d/", "l ->d");
    for (const path of ["f/x", "l/x", "none/x", "d/none/x"])
      expect(() => tree.set(path, file("x")), path).to.throwError({ code: "conflict", message: /is not a directory/ });
    expect(paths(tree)).to.deep.equal(["d", "f", "l"]);
  });

  it("remove and clear existing nodes only", () => {
    const tree = treeOf("a/", "a/b/", "a/b/c", "d", "l ->a");
    tree.remove("none");
    tree.remove("d/below");
    tree.remove("");
    tree.clear("d");
    tree.clear("l");
    tree.clear("none");
    expect(paths(tree)).to.deep.equal(["a", "a/b", "a/b/c", "d", "l"]);
    tree.clear("a/b");
    expect(paths(tree)).to.deep.equal(["a", "a/b", "d", "l"]);
    tree.remove("a");
    expect(paths(tree)).to.deep.equal(["d", "l"]);
    tree.clear("");
    expect(paths(tree)).to.deep.equal([]);
  });
});

describe("paths in a file tree", () => {
  const tree = treeOf(
    ...["usr/", "usr/lib/", "usr/lib/x", "lib ->usr/lib", "abs ->/usr/lib", "up ->../../../usr", "usr/back ->..", "file"],
    ...[
      "loop ->loop2",
      "loop2 ->loop",
      "dangling ->nowhere/at/all",
      "chain ->lib",
      "to-file ->file",
      "usr/lib/self ->.",
      "empty ->",
      "dot ->./usr/./lib/",
    ],
  );
  const landings = [
    ["x", "x"],
    ["usr/lib/x", "usr/lib/x"],
    ["lib/x", "usr/lib/x"],
    ["abs/x", "usr/lib/x"],
    ["chain/x", "usr/lib/x"],
    ["dot/x", "usr/lib/x"],
    ["up/lib/x", "usr/lib/x"],
    ["usr/back/usr/back/lib/x", "usr/lib/x"],
    ["usr/lib/self/self/self/x", "usr/lib/x"],
    ["new/deep/x", "new/deep/x"],
    ["lib/new/deep/x", "usr/lib/new/deep/x"],
    ["dangling/x", "nowhere/at/all/x"],
    ["empty/x", "x"],
    // The last part is not followed.
    ["lib", "lib"],
    ["loop", "loop"],
    ["usr/back/lib", "lib"],
  ] as const;
  for (const [path, expected] of landings) it(`resolve: ${path}`, () => expect(tree.resolve(path)).to.equal(expected));

  it("fail to resolve through loops and files, with the requested path in the error", () => {
    expect(() => tree.resolve("loop/x")).to.throwError({ code: "invalid", message: /^\/loop\/x goes through a loop of symbolic links/ });
    expect(() => tree.resolve("file/x")).to.throwError({
      code: "conflict",
      message: "/file/x cannot be placed: /file is a file, not a directory",
    });
    expect(() => tree.resolve("file/x/y")).to.throwError({
      code: "conflict",
      message: /^\/file\/x\/y cannot be reached: \/file is a file/,
    });
    expect(() => tree.resolve("to-file/x")).to.throwError({
      code: "conflict",
      message: /^\/to-file\/x cannot be placed: \/file is a file/,
    });
  });

  const ends = [
    ["lib", "usr/lib"],
    ["chain", "usr/lib"],
    ["lib/x", "usr/lib/x"],
    ["to-file", "file"],
    ["up", "usr"],
    ["empty", ""],
    ["", ""],
    ["loop", undefined],
    ["dangling", undefined],
    ["none", undefined],
    ["file/x", undefined],
    ["to-file/x", undefined],
  ] as const;
  for (const [path, expected] of ends) it(`are followed: ${path}`, () => expect(tree.follow(path)).to.equal(expected));

  it("are followed through forty links, and forty-one are a loop", () => {
    const long = treeOf("l0/", "l0/x", ...Array.from({ length: 41 }, (_, at) => `l${at + 1} ->l${at}`));
    expect(long.follow("l40/x")).to.equal("l0/x");
    expect(long.follow("l41/x")).to.equal(undefined);
    expect(() => long.resolve("l41/x")).to.throwError({ code: "invalid" });
  });

  const name = fc.constantFrom("a", "b", "c");
  const target = fc
    .tuple(fc.boolean(), fc.array(fc.oneof(name, fc.constantFrom("..", ".", "")), { maxLength: 5 }))
    .map(([absolute, parts]) => `${absolute ? "/" : ""}${parts.join("/")}`);

  it("resolve to a path within the root, whatever the links", () => {
    const shape = fc.array(
      fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.oneof(target, fc.constantFrom("directory", "file"))),
      {
        maxLength: 14,
      },
    );
    fc.assert(
      fc.property(shape, fc.array(name, { minLength: 1, maxLength: 5 }), (nodes, wanted) => {
        const made = new FileTree();
        for (const [parts, what] of nodes) {
          const node = what === "directory" ? directory() : what === "file" ? file("f") : link(what);
          if (made.get(parts.slice(0, -1).join("/"))?.type === "directory") made.set(parts.join("/"), node);
        }
        let landed: string;
        try {
          landed = made.resolve(wanted.join("/"));
        } catch (thrown) {
          expect((thrown as { code: string }).code).to.match(/^(invalid|conflict)$/);
          return;
        }
        const parts = landed.split("/");
        expect(
          parts.every((part) => part !== "" && part !== "." && part !== ".."),
          landed,
        ).to.equal(true);
        expect(parts.at(-1)).to.equal(wanted.at(-1));
        // Only the last part can be a link, so resolving again changes nothing.
        for (let length = 1; length < parts.length; length++) {
          expect(made.get(parts.slice(0, length).join("/"))?.type).to.not.equal("symlink");
        }
        expect(made.resolve(landed)).to.equal(landed);
      }),
      { numRuns: 500 },
    );
  });
});

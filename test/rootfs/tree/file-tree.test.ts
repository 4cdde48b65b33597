import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { directory, file, link, paths, treeOf } from "./small-trees.js";

describe("file trees", () => {
  it("start with only a root", () => {
    const tree = new FileTree();
    assert.deepEqual(tree.get(""), defaultDirectory);
    assert.deepEqual(paths(tree), []);
    assert.deepEqual(tree.list(""), []);
    assert.equal(tree.get("a"), undefined);
    assert.equal(tree.get("a/b"), undefined);
  });

  it("keep nodes as they are, and names of one inode as one object", () => {
    const tree = treeOf("d/");
    const node = file("x");
    tree.set("d/a", node);
    tree.set("d/b", node);
    assert.equal(tree.get("d/a"), node);
    assert.equal(tree.get("d/b"), tree.get("d/a"));
    assert.equal(tree.get("d/a/below"), undefined);
    assert.deepEqual(tree.list("d/a"), []);
  });

  it("are walked in byte order, parents before children", () => {
    const tree = treeOf("b/", "b/z", "b/\xff", "b/A", "a.b", "a/", "a/x", "a-");
    assert.deepEqual(paths(tree), ["a", "a/x", "a-", "a.b", "b", "b/A", "b/z", "b/\xff"]);
    assert.deepEqual(
      [...tree.walk("b")].map(([path]) => path),
      ["b/A", "b/z", "b/\xff"],
    );
    assert.deepEqual([...tree.walk("a/x")], []);
    assert.deepEqual([...tree.walk("none")], []);
    assert.deepEqual(tree.list("b"), ["A", "z", "\xff"]);
  });

  it("keep the children of a directory that is set again", () => {
    const tree = treeOf("d/", "d/x");
    tree.set("d", directory(0o700));
    assert.equal(tree.get("d")?.mode, 0o700);
    assert.deepEqual(paths(tree), ["d", "d/x"]);
    tree.set("", directory(0o711));
    assert.equal(tree.get("")?.mode, 0o711);
    assert.deepEqual(paths(tree), ["d", "d/x"]);
  });

  it("replace anything else that is set again, with everything below it", () => {
    const tree = treeOf("d/", "d/x", "f");
    tree.set("d", file("now"));
    tree.set("f", directory());
    assert.deepEqual(paths(tree), ["d", "f"]);
    assert.equal(tree.get("d")?.type, "file");
    assert.deepEqual(tree.list("f"), []);
  });

  it("set a node only below a directory", () => {
    const tree = treeOf("f", "d/", "l ->d");
    for (const path of ["f/x", "l/x", "none/x", "d/none/x"])
      assert.throws(() => tree.set(path, file("x")), { code: "conflict", message: /is not a directory/ }, path);
    assert.deepEqual(paths(tree), ["d", "f", "l"]);
  });

  it("remove and clear existing nodes only", () => {
    const tree = treeOf("a/", "a/b/", "a/b/c", "d", "l ->a");
    tree.remove("none");
    tree.remove("d/below");
    tree.remove("");
    tree.clear("d");
    tree.clear("l");
    tree.clear("none");
    assert.deepEqual(paths(tree), ["a", "a/b", "a/b/c", "d", "l"]);
    tree.clear("a/b");
    assert.deepEqual(paths(tree), ["a", "a/b", "d", "l"]);
    tree.remove("a");
    assert.deepEqual(paths(tree), ["d", "l"]);
    tree.clear("");
    assert.deepEqual(paths(tree), []);
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
  for (const [path, expected] of landings) it(`resolve: ${path}`, () => assert.equal(tree.resolve(path), expected));

  it("fail to resolve through loops and files, with the requested path in the error", () => {
    assert.throws(() => tree.resolve("loop/x"), { code: "invalid", message: /^\/loop\/x goes through a loop of symbolic links/ });
    assert.throws(() => tree.resolve("file/x"), {
      code: "conflict",
      message: "/file/x cannot be placed: /file is a file, not a directory",
    });
    assert.throws(() => tree.resolve("file/x/y"), { code: "conflict", message: /^\/file\/x\/y cannot be reached: \/file is a file/ });
    assert.throws(() => tree.resolve("to-file/x"), { code: "conflict", message: /^\/to-file\/x cannot be placed: \/file is a file/ });
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
  for (const [path, expected] of ends) it(`are followed: ${path}`, () => assert.equal(tree.follow(path), expected));

  it("are followed through forty links, and forty-one are a loop", () => {
    const long = treeOf("l0/", "l0/x", ...Array.from({ length: 41 }, (_, at) => `l${at + 1} ->l${at}`));
    assert.equal(long.follow("l40/x"), "l0/x");
    assert.equal(long.follow("l41/x"), undefined);
    assert.throws(() => long.resolve("l41/x"), { code: "invalid" });
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
          assert.match((thrown as { code: string }).code, /^(invalid|conflict)$/);
          return;
        }
        const parts = landed.split("/");
        assert.ok(
          parts.every((part) => part !== "" && part !== "." && part !== ".."),
          landed,
        );
        assert.equal(parts.at(-1), wanted.at(-1));
        // Only the last part can be a link, so resolving again changes nothing.
        for (let length = 1; length < parts.length; length++) {
          assert.notEqual(made.get(parts.slice(0, length).join("/"))?.type, "symlink");
        }
        assert.equal(made.resolve(landed), landed);
      }),
      { numRuns: 500 },
    );
  });
});

import fc from "fast-check";
import { describe, it } from "mocha";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";
import { expect, expectThat } from "../../support/expectations.js";
import { directory, file, link, paths, treeOf } from "./small-trees.js";

type Model = Map<string, FileNode>;
type Operation = { readonly on: number } & (
  | { readonly do: "set"; readonly path: string; readonly node: FileNode }
  | { readonly do: "remove" | "clear"; readonly path: string }
  | { readonly do: "fork" }
);

/** The simplest tree: a map from path to node. */
function applyToModel(model: Model, operation: Operation): void {
  if (operation.do === "fork") return;
  const below = (path: string): readonly string[] =>
    [...model.keys()].filter((key) => (path === "" ? key !== "" : key.startsWith(`${path}/`)));
  const { path } = operation;
  if (operation.do === "set") {
    const old = model.get(path);
    if (operation.node.type !== "directory" || old?.type !== "directory") for (const key of below(path)) model.delete(key);
    model.set(path, operation.node);
  } else if (operation.do === "remove") {
    if (path === "") return;
    for (const key of [path, ...below(path)]) model.delete(key);
  } else if (model.get(path)?.type === "directory") {
    for (const key of below(path)) model.delete(key);
  }
}

describe("forks", () => {
  it("see the original's content, but no later changes, in either direction", () => {
    const tree = treeOf("a/", "a/x");
    const fork = tree.fork();
    const second = fork.fork();
    tree.set("a/y", file("y"));
    fork.remove("a/x");
    second.set("a", directory(0o700));
    expect([paths(tree), paths(fork), paths(second)]).to.deep.equal([["a", "a/x", "a/y"], ["a"], ["a", "a/x"]]);
    expect([tree, fork, second].map((one) => one.get("a")?.mode)).to.deep.equal([0o755, 0o755, 0o700]);
  });

  it("behave like a separate map for each", () => {
    const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const node = fc.oneof(
      fc.integer({ min: 0, max: 0o7777 }).map(directory),
      fc.string({ maxLength: 2 }).map((text) => file(text.replace(/[^\x01-\x7f]/g, "."))),
      path.map(link),
    );
    const on = fc.nat(3);
    const operation: fc.Arbitrary<Operation> = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("set" as const), on, path, node }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("remove" as const, "clear" as const), on, path }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("fork" as const), on }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const pairs: { readonly tree: FileTree; readonly model: Model }[] = [
          { tree: new FileTree(), model: new Map([["", defaultDirectory]]) },
        ];
        for (const operation of operations) {
          const pair = pairs[operation.on % pairs.length];
          expectThat(pair);
          if (operation.do === "fork") {
            if (pairs.length < 4) pairs.push({ tree: pair.tree.fork(), model: new Map(pair.model) });
            continue;
          }
          if (operation.do === "set") {
            const slash = operation.path.lastIndexOf("/");
            if (pair.model.get(slash < 0 ? "" : operation.path.slice(0, slash))?.type !== "directory") {
              expect(() => pair.tree.set(operation.path, operation.node)).to.throwError({ code: "conflict" });
              continue;
            }
            pair.tree.set(operation.path, operation.node);
          } else pair.tree[operation.do](operation.path);
          applyToModel(pair.model, operation);
        }
        for (const { tree, model } of pairs) {
          const walked = new Map([["", tree.get("") as FileNode], ...tree.walk()]);
          expect([...walked.keys()].sort()).to.deep.equal([...model.keys()].sort());
          for (const [key, expected] of model) expect(walked.get(key), key).to.equal(expected);
        }
      }),
      { numRuns: 400 },
    );
  });
});

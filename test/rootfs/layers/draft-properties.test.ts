import fc from "fast-check";
import { describe, it } from "mocha";
import { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { expect } from "../../support/expectations.js";
import { flattenLayers } from "../../support/tar/flatten.js";
import { LayerDraft } from "../../../provider/rootfs/layers/draft.js";
import type { LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { parentOf } from "../../../provider/rootfs/tree/raw-path.js";
import { directory, file, link } from "../tree/small-trees.js";

describe("a layer draft of arbitrary placements", () => {
  const path = fc.array(fc.constantFrom("a", "b", "c", "lib"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const shared = [file("one"), file("two")] as const;
  const node = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...shared) },
    { weight: 3, arbitrary: fc.constantFrom("x", "y").map((text) => file(text)) },
    { weight: 3, arbitrary: fc.constantFrom(0o700, 0o755, 0o1777).map((mode) => directory(mode)) },
    { weight: 1, arbitrary: fc.constantFrom("a", "../b", "/a/b", "lib", "nowhere").map(link) },
  );
  const nodes = fc.array(fc.tuple(path, node), { maxLength: 12 });
  const placements = fc.array(
    fc.oneof({ weight: 3, arbitrary: fc.record({ path, node, force: fc.boolean() }) }, { weight: 1, arbitrary: fc.record({ gone: path }) }),
    { maxLength: 14 },
  );

  it("turns the base into the tree, with each path once, parents first, whiteouts before entries, links within the layer", () => {
    fc.assert(
      fc.property(nodes, placements, nodes, (beneath, wanted, from) => {
        const tree = new FileTree();
        tree.set("lib", directory());
        const source = new FileTree();
        for (const [target, list] of [
          [tree, beneath],
          [source, from],
        ] as const) {
          for (const [at, one] of list) if (target.get(parentOf(at))?.type === "directory") target.set(at, one);
        }
        const before = tree.fork();
        const draft = new LayerDraft(tree, before);
        for (const placement of wanted) {
          try {
            if ("gone" in placement) draft.remove(placement.gone);
            else draft.place(placement, source);
          } catch (thrown) {
            expect((thrown as { code: string }).code).to.match(/^(conflict|invalid)$/);
          }
        }
        const entries = draft.entries();
        const paths = entries.map((entry) => entry.path);
        expect(paths.length).to.equal(new Set(paths).size);
        const whiteouts = paths.filter((one) => one.includes(".wh."));
        const rest = entries.filter(({ path: one }) => !one.includes(".wh."));
        const above = rest.filter(({ path: one }) => whiteouts.some((hidden) => one === "" || hidden.startsWith(`${one}/`)));
        const others = rest.filter((entry) => !above.includes(entry)).map((entry) => entry.path);
        expect(paths).to.deep.equal([...above.map((entry) => entry.path), ...whiteouts, ...others].map(String));
        for (const list of [whiteouts, others]) expect(list).to.deep.equal([...list].sort());
        for (const hidden of whiteouts) expect(paths, `${hidden} and its path`).to.not.include(hidden.replace(/\.wh\.(?!\.wh)/, ""));
        const seen = new Set<string>([""]);
        for (const entry of entries) {
          expect(seen, `${entry.path} before its parent`).to.include(parentOf(entry.path));
          if ("link" in entry) expect(seen, `${entry.path} links outside the layer`).to.include(entry.link);
          seen.add(entry.path);
        }
        const lower = [...before.walk()].map(([at, one]): LayerEntry => ({ path: at, node: one }));
        const result = flattenLayers([lower, entries].map((list) => ({ entries: list })));
        expect(new Map(result.walk())).to.deep.equal(new Map(tree.walk()));
      }),
      { numRuns: 600 },
    );
  });
});

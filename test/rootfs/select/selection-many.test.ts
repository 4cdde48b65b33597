import fc from "fast-check";
import { describe, it } from "mocha";
import { compileGlob, isGlob } from "../../../provider/rootfs/select/glob.js";
import { parsePathPattern } from "../../../provider/rootfs/select/path-pattern.js";
import { selectPaths as selectInSteps } from "../../../provider/rootfs/select/selection.js";
import { inTurns } from "../../../provider/rootfs/steps.js";
import { expect } from "../../support/expectations.js";
import { selectPaths } from "./select.js";
import { treeOf } from "../tree/made-tree.js";

describe("globs compared with a plain rule", () => {
  const part = fc.constantFrom("a", "b", "*", "?", "**", "[ab]", "a*", "\\a", "[!a]");
  const glob = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const path = fc.array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  it("several globs together select the union of what each selects alone", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { minLength: 1, maxLength: 10 }),
        fc.array(glob, { minLength: 1, maxLength: 3 }),
        fc.array(glob, { maxLength: 2 }),
        (files, includes, excludes) => {
          const tree = treeOf("zz", ...files.filter((file) => !files.some((other) => other.startsWith(`${file}/`))));
          const all = [...tree.walk()].map(([at]) => at);
          const selfAndAbove = (at: string): readonly string[] =>
            at.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
          const alone = (text: string): ReadonlySet<string> => {
            const matches = isGlob(text) ? compileGlob(text) : (at: string): boolean => at === text;
            return new Set(all.filter((at) => selfAndAbove(at).some(matches)));
          };
          const wanted = includes.filter((text) => alone(text).size > 0);
          fc.pre(wanted.length > 0);
          const included = all.filter((at) => wanted.some((text) => alone(text).has(at)));
          const names = new Set(included);
          const hidden = (text: string, at: string): boolean =>
            selfAndAbove(at).some((above) => (isGlob(text) ? names.has(above) && compileGlob(text)(above) : above === text));
          const found = selectPaths(tree, wanted, excludes);
          expect(found.taken.map(([at]) => at)).to.deep.equal(included.filter((at) => !excludes.some((text) => hidden(text, at))));
          expect(found.uselessExcludes).to.deep.equal(
            [...excludes.keys()].filter((at) => !included.some((one) => hidden(excludes[at] ?? "", one))),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("many includes over many entries", () => {
  const folders = Array.from({ length: 100 }, (_, at) => `d${String(at)}`);
  const tree = treeOf(...folders.flatMap((folder) => Array.from({ length: 100 }, (_, at) => `${folder}/f${String(at)}`)));

  it("yield to the event loop, and end at the deadline", async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 1);
    const globs = Array.from({ length: 20_000 }, (_, at) => `**/*f${String(at % 100)}*`);
    await expect(inTurns(selectInSteps(tree, globs.map(parsePathPattern), []), abort.signal)).to.be.rejectedWithError({
      code: "cancelled",
    });
  });

  it("cost only the globs that can match at a path", () => {
    const includes = folders.flatMap((folder) =>
      Array.from({ length: 100 }, (_, at) => `/${folder}/f${String(at)}${at % 2 === 0 ? "" : "*"}`),
    );
    expect(selectPaths(tree, includes, []).taken.length).to.equal(10_000);
  });
});

import { it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { IndexWeight } from "../../../provider/rootfs/layers/index-weight.js";
import { EntryCollector, MAX_KEPT } from "../../../provider/rootfs/layers/entries.js";
import { MAX_INDEX, MAX_KEPT_BYTES } from "../../../provider/rootfs/tar/limits.js";
import { expect } from "../../support/expectations.js";
import { plain } from "../../support/tar/entries.js";

const tooMany = { code: "limit", message: /too many files, long names, attributes/ };

it("the memory for an image's files has a limit", () => {
  const weight = new IndexWeight();
  const named = { path: "p".repeat(4096), link: "l".repeat(4096) };
  const one = 640 + 2 * 4096;
  for (let left = MAX_INDEX; left >= one; left -= one) weight.add(named);
  expect(() => {
    weight.add(named);
  }).to.throwError(tooMany);
});

it("names, targets, attributes, runs of data, folders and kept bytes count towards the limit, to the byte", () => {
  const node = { ...plain, type: "file", pax: { "SCHILY.xattr.user.a": "12345" } } as const;
  const extents = [
    { offset: 0, length: 1, position: 0 },
    { offset: 2, length: 1, position: 1 },
  ];
  const total = 640 + 3 + (100 + 19 + 5) + 320 + (640 + 1 + 5) + 2 * 640 + 1.5 * 8;
  const fill = (limit: number): void => {
    const weight = new IndexWeight(limit);
    weight.add({ path: "a/b", node, extents });
    weight.add({ path: "c", node: { ...plain, type: "symlink", target: "a/b/c" } });
    weight.addDirectories(2);
    weight.addKept(8);
  };
  fill(total);
  expect(() => {
    fill(total - 1);
  }).to.throwError(tooMany);
});

it("kept files have a common limit", () => {
  const collector = new EntryCollector(digestOf("layer"), () => true);
  const file = (at: number) => ({ path: `etc/${String(at)}`, node: { ...plain, type: "file" } as const, size: MAX_KEPT, extents: [] });
  for (let at = 0; at < MAX_KEPT_BYTES / MAX_KEPT; at += 1) collector.entry(file(at));
  expect(() => {
    collector.entry(file(99));
  }).to.throwError({ code: "limit", message: /the limit is 50,331,648/ });
});

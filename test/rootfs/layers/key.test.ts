import fc from "fast-check";
import { it } from "mocha";
import { LAYOUT_VERSION, layerKey } from "../../../provider/rootfs/layers/key.js";
import type { FileNode, LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { expect } from "../../support/expectations.js";
import { anyEntries, bytesContent, fileEntry, plain } from "../../support/tar/entries.js";

const node: FileNode = { ...plain, type: "file", pax: { "SCHILY.xattr.a": "1", "SCHILY.xattr.b": "2" }, content: bytesContent("x") };

it("every field that affects the bytes affects the key", () => {
  const changed: readonly LayerEntry[][] = [
    [{ path: "a", node }],
    [{ path: "b", node }],
    [{ path: "a", link: "b" }],
    [{ path: "a", link: "c" }],
    [{ path: "a", node: { ...node, mode: 0o600 } }],
    [{ path: "a", node: { ...node, uid: 1 } }],
    [{ path: "a", node: { ...node, gid: 1 } }],
    [{ path: "a", node: { ...node, mtime: 1 } }],
    [{ path: "a", node: { ...node, nanoseconds: 1 } }],
    [{ path: "a", node: { ...node, pax: { "SCHILY.xattr.a": "1" } } }],
    [{ path: "a", node: { ...node, pax: { "SCHILY.xattr.a": "1", "SCHILY.xattr.b": "\xff" } } }],
    [{ path: "a", node: { ...node, content: bytesContent("y") } }],
    [{ path: "a", node: { ...plain, type: "directory" } }],
    [{ path: "a", node: { ...plain, type: "symlink", target: "x" } }],
    [{ path: "a", node: { ...plain, type: "symlink", target: "y" } }],
    [{ path: "a", node: { ...plain, type: "block", device: { major: 1, minor: 2 } } }],
    [{ path: "a", node: { ...plain, type: "character", device: { major: 1, minor: 2 } } }],
    [{ path: "a", node: { ...plain, type: "character", device: { major: 2, minor: 1 } } }],
    [fileEntry("a", "1"), fileEntry("b", "2")],
    [fileEntry("b", "2"), fileEntry("a", "1")],
    [],
  ];
  const keys = changed.flatMap((entries) => [layerKey(entries, "gzip"), layerKey(entries, "zstd")]);
  expect(new Set(keys).size).to.equal(2 * changed.length);
});

it("the location of content and the order of records do not affect the key", () => {
  const { digest, size } = bytesContent("x");
  const elsewhere: FileNode = {
    ...node,
    pax: { "SCHILY.xattr.b": "2", "SCHILY.xattr.a": "1" },
    content: { from: "disk", digest, size, file: "anywhere" },
  };
  expect(layerKey([{ path: "a", node }], "gzip")).to.equal(layerKey([{ path: "a", node: elsewhere }], "gzip"));
});

it("different entries have different keys", () => {
  fc.assert(
    fc.property(anyEntries, anyEntries, (one, other) => {
      expect(layerKey(one, "gzip") === layerKey(other, "gzip")).to.equal(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});

it("golden: keys stay the same for one layout version", () => {
  expect(LAYOUT_VERSION).to.equal(1);
  expect(
    layerKey(
      [
        { path: "a\xff", node },
        { path: "b", link: "a\xff" },
      ],
      "gzip",
    ),
  ).to.equal("6b957f51896e0b24948a619ef12632e577ae077993a12f5a94c33cf110ed9f77");
});

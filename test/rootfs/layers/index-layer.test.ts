import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { checkLayer, decodeLayerIndex, encodeLayerIndex, indexLayer } from "../../../provider/rootfs/layers/index-layer.js";
import type { IndexLayerOptions } from "../../../provider/rootfs/layers/index-layer.js";
import type { LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { readExtents } from "../../../provider/rootfs/tar/sparse.js";
import { atOnce } from "../../../provider/rootfs/steps.js";
import { expect, expectThat } from "../../support/expectations.js";
import { archive, headerBlock, paxHeader, withData } from "../../support/tar/archive.js";
import { holeOf } from "../../support/tar/holes.js";
import { anyEntries, bytesContent, plain } from "../../support/tar/entries.js";

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

async function* pieces(bytes: Buffer, step: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
}

function options(tar: Buffer, more: Partial<IndexLayerOptions> = {}): IndexLayerOptions {
  const blob = gzipSync(tar);
  return { source: once(blob), compression: "gzip", descriptor: { digest: digestOf(blob), size: blob.length }, ...more };
}

const sparse = Buffer.concat([Buffer.alloc(5), Buffer.from("a"), Buffer.alloc(70_000), Buffer.from("bc"), Buffer.alloc(9)]);
const tar = archive(
  withData({ name: "etc/passwd" }, "root:x:0:0::/root:/bin/sh\n"),
  withData({ name: "bin/x" }, "x".repeat(1000)),
  paxHeader([
    ["GNU.sparse.size", String(sparse.length)],
    ["GNU.sparse.map", "5,1,70006,2"],
  ]),
  withData({ name: "sparse" }, "abc"),
  paxHeader([
    ["GNU.sparse.size", "70000"],
    ["GNU.sparse.map", ""],
  ]),
  withData({ name: "hole" }, ""),
);

it("indexing a layer gives digests including holes, the bytes of wanted files, and positions of the rest", async () => {
  const spooled: Buffer[] = [];
  const spool = (chunk: Buffer): Promise<void> => Promise.resolve(void spooled.push(Buffer.from(chunk)));
  const given = options(tar, { spool, diffId: digestOf(tar), keep: (path) => path === "etc/passwd" });
  const index = await indexLayer(given);
  expect(Buffer.concat(spooled).equals(tar)).to.equal(true);
  expect([index.diffId, index.size]).to.deep.equal([digestOf(tar), tar.length]);
  const contents = new Map(index.entries.map((entry) => [entry.path, "node" in entry ? entry.node.content : undefined]));
  expect(contents.get("etc/passwd")).to.deep.equal(bytesContent("root:x:0:0::/root:/bin/sh\n"));
  for (const [path, bytes] of [
    ["bin/x", Buffer.from("x".repeat(1000))],
    ["sparse", sparse],
    ["hole", Buffer.alloc(70_000)],
  ] as const) {
    const content = contents.get(path);
    expectThat(content?.from === "layer");
    expect([content.digest, content.size, content.blob]).to.deep.equal([digestOf(bytes), bytes.length, given.descriptor.digest]);
    const pieces: Uint8Array[] = [];
    const read = (position: number, length: number): AsyncIterable<Buffer> => once(tar.subarray(position, position + length));
    for await (const piece of readExtents(content.size, content.extents, read)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(bytes), path).to.equal(true);
  }
  const kept = await indexLayer(options(tar, { keep: () => true }));
  expect(
    kept.entries.map((entry) => "node" in entry && entry.node.content?.from === "bytes" && digestOf(entry.node.content.bytes)),
  ).to.deep.equal(index.entries.map((entry) => "node" in entry && entry.node.content?.digest));
});

it("bytes that differ from what is stated are a mismatch, whatever they look like", async () => {
  const blob = gzipSync(tar);
  const descriptor = { digest: digestOf(blob), size: blob.length };
  const damaged = Buffer.from(blob);
  damaged.writeUInt8(damaged.readUInt8(40) ^ 0xff, 40);
  const cases: readonly (readonly [Partial<IndexLayerOptions>, RegExp])[] = [
    [{ source: once(damaged), descriptor }, /has the digest sha256:/],
    [{ source: once(blob.subarray(0, -20)), descriptor }, /bytes but [0-9]+ are stated/],
    [{ source: once(Buffer.concat([blob, Buffer.alloc(1)])), descriptor }, /has more than the/],
    [{ source: once(gzipSync(Buffer.concat([tar, Buffer.alloc(512)]))), descriptor }, /has (more than|the bytes of|[0-9]+ bytes)/],
    [{ diffId: digestOf("other") }, /unpacks to sha256:[0-9a-f]{64} but the image states/],
  ];
  for (const [more, message] of cases)
    await expect(indexLayer(options(tar, more))).to.be.rejectedWithError({ name: "DhiError", code: "mismatch", message });
});

it("a bad tar, a limit and a failing source keep their error, with the layer's name", async () => {
  await expect(indexLayer(options(Buffer.alloc(512, "x")))).to.be.rejectedWithError({
    code: "invalid",
    message: /^layer sha256:.*tar header at byte \d+ is not valid/,
  });
  await expect(indexLayer(options(tar, { limit: 1000 }))).to.be.rejectedWithError({ code: "limit", message: /1,000/ });
  const failure = new Error("connection lost");
  const source = (async function* (): AsyncGenerator<Buffer> {
    yield* once(gzipSync(tar).subarray(0, 20));
    throw failure;
  })();
  await expect(indexLayer(options(tar, { source }))).to.be.rejectedWithError(failure);
});

it("an index is written to disk and read back exactly", async () => {
  const layered = fc.record({ offset: fc.nat(), length: fc.nat(), position: fc.maxSafeNat() }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(anyEntries, fc.array(layered, { maxLength: 4 }), fc.maxSafeNat(), async (entries, extents, size) => {
      const node = { ...plain, type: "file" as const };
      const more = [
        {
          path: "layer",
          node: { ...node, content: { from: "layer", digest: digestOf("1"), size, blob: digestOf("2"), extents } as const },
        },
        { path: "disk", node: { ...node, content: { from: "disk", digest: digestOf("3"), size, file: "/å/日本" } as const } },
        {
          path: "again",
          node: { ...node, content: { from: "layer", digest: digestOf("4"), size, blob: digestOf("2"), extents } as const },
        },
      ];
      const index = { diffId: digestOf("d"), size, blobSize: size, compression: "zstd" as const, entries: [...more, ...entries] };
      expect(atOnce(decodeLayerIndex(Buffer.concat(await encodeLayerIndex(index))))).to.deep.equal(index);
    }),
  );
});

it("a damaged index, or one of another version, is rejected", async () => {
  const entries: readonly LayerEntry[] = [{ path: "a", node: { ...plain, type: "directory" } }];
  const bytes = Buffer.concat(await encodeLayerIndex({ diffId: digestOf("d"), size: 1, blobSize: 1, compression: "gzip", entries }));
  for (let at = 0; at < bytes.length; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0x55, at);
    expect(() => atOnce(decodeLayerIndex(damaged)), `byte ${String(at)}`).to.throwError({ code: "invalid" });
    expect(() => atOnce(decodeLayerIndex(bytes.subarray(0, at)))).to.throwError({ code: "invalid" });
  }
});

it("a layer is read by its bytes, whatever its media type", async () => {
  const expected = await indexLayer(options(tar));
  const packed = { none: tar, gzip: gzipSync(tar), zstd: zstdCompressSync(tar) };
  for (const labelled of ["none", "gzip", "zstd"] as const) {
    for (const compression of ["none", "gzip", "zstd"] as const) {
      const blob = packed[compression];
      const descriptor = { digest: digestOf(blob), size: blob.length };
      for (const step of [1, 100, blob.length]) {
        const index = await indexLayer({ source: pieces(blob, step), compression: labelled, descriptor, diffId: expected.diffId });
        expect([index.compression, index.diffId, index.entries.length]).to.deep.equal([
          compression,
          expected.diffId,
          expected.entries.length,
        ]);
      }
    }
  }
});

it("a tar whose first name begins like gzip or zstd is a tar", async () => {
  for (const name of ["\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "\x50\x2a\x4d\x18"]) {
    const odd = archive(headerBlock({ name }));
    const descriptor = { digest: digestOf(odd), size: odd.length };
    for (const compression of ["none", "gzip", "zstd"] as const)
      expect((await indexLayer({ source: once(odd), compression, descriptor })).entries.map(({ path }) => path)).to.deep.equal([name]); // prettier-ignore
  }
});

it("a layer of an unknown format is rejected according to its media type", async () => {
  for (const [compression, message] of [
    ["gzip", /gzip data is damaged/],
    ["zstd", /not a zstd frame/],
    ["none", /tar header at byte \d+ is not valid/],
  ] as const) {
    // prettier-ignore
    const blob = Buffer.alloc(600, "x");
    await expect(
      indexLayer({ source: once(blob), compression, descriptor: { digest: digestOf(blob), size: 600 } }),
    ).to.be.rejectedWithError({ message });
  }
});

it("reading ends at the deadline within one hole, with its reason", async () => {
  const abort = new AbortController();
  const reason = new Error("the deadline");
  setTimeout(() => abort.abort(reason), 50);
  const holes = archive(holeOf("opt/a", 2n ** 33n));
  await expect(indexLayer(options(holes, { signal: abort.signal }))).to.be.rejectedWithError({ code: "cancelled", cause: reason });
});

it("a layer as read is checked against what a manifest and a config state", () => {
  const known = { blobSize: 5, diffId: digestOf("tar") };
  const descriptor = { digest: digestOf("blob"), size: 5 };
  checkLayer(known, descriptor, known.diffId);
  checkLayer(known, descriptor, undefined);
  const size = { code: "mismatch", message: /has 5 bytes but the manifest states 6/ };
  expect(() => checkLayer(known, { ...descriptor, size: 6 }, known.diffId)).to.throwError(size);
  expect(() => checkLayer(known, descriptor, digestOf("other"))).to.throwError({
    code: "mismatch",
    message: /unpacks to .* but the image states/,
  });
});

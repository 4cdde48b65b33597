import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { crc32, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { it } from "mocha";
import type { DhiError } from "../../../provider/errors.js";
import { digestOf } from "../../../provider/image/digest.js";
import { indexLayer } from "../../../provider/rootfs/layers/index-layer.js";
import { writeLayer } from "../../../provider/rootfs/layers/writer.js";
import type { WriteLayerOptions } from "../../../provider/rootfs/layers/writer.js";
import type { LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { expect, expectThat } from "../../support/expectations.js";
import { anyEntries, bytesContent, fileEntry, plain } from "../../support/tar/entries.js";

type Written = Awaited<ReturnType<typeof writeLayer>> & { readonly blob: Buffer };

async function write(entries: readonly LayerEntry[], options: Partial<WriteLayerOptions> = {}): Promise<Written> {
  const pieces: Buffer[] = [];
  const result = await writeLayer({
    entries,
    read: () => expect.fail("nothing to read"),
    compression: "gzip",
    sink: {
      write: (chunk) => {
        pieces.push(Buffer.from(chunk));
        return Promise.resolve();
      },
    },
    ...options,
  });
  return { ...result, blob: Buffer.concat(pieces) };
}

async function* inPieces(bytes: Buffer, step: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
}

for (const compression of ["gzip", "zstd"] as const) {
  it(`arbitrary entries written as ${compression} are read back`, async () => {
    const property = fc.asyncProperty(anyEntries, fc.integer({ min: 1, max: 3000 }), async (entries, step) => {
      const { blob, ...layer } = await write(entries, { compression });
      expect(digestOf(blob)).to.equal(layer.digest);
      expect(blob.length).to.equal(layer.size);
      const source = inPieces(blob, step);
      const index = await indexLayer({ source, compression, descriptor: layer, diffId: layer.diffId, keep: () => true });
      expect(index.size).to.equal(layer.uncompressedSize);
      expect(index.entries).to.deep.equal(entries);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it(`${compression} bytes do not depend on jobs or on the chunks of content`, async () => {
    const contents = new Map(
      [9, 4, 5].map((mib, i) => [
        `big${String(i)}`,
        Buffer.concat([Buffer.alloc(mib << 19, "ab"), randomBytes(mib << 19), Buffer.from("x")]),
      ]),
    );
    const entries: LayerEntry[] = [fileEntry("a", "first")];
    for (const [name, bytes] of contents) {
      const content = { from: "disk", digest: digestOf(bytes), size: bytes.length, file: name } as const;
      entries.push({ path: name, node: { ...plain, type: "file", content } }, fileEntry(`${name}.txt`, "small"));
    }
    const layers: Written[] = [];
    for (const [jobs, step] of [
      [1, 1 << 26],
      [4, 65_536],
      [2, 999_999],
    ] as const) {
      const read: WriteLayerOptions["read"] = (content) =>
        inPieces(contents.get(content.from === "disk" ? content.file : "") ?? Buffer.alloc(0), step);
      layers.push(await write(entries, { compression, jobs, read }));
    }
    expect(new Set(layers.map((layer) => layer.digest)).size).to.equal(1);
    const [layer] = layers;
    expectThat(layer !== undefined);
    const source = inPieces(layer.blob, 100_000);
    const index = await indexLayer({ source, compression, descriptor: layer, diffId: layer.diffId });
    expect(index.entries.map((entry) => "node" in entry && entry.node.content?.digest)).to.deep.equal(
      entries.map((entry) => "node" in entry && entry.node.content?.digest),
    );
  });
}

it("a gzip layer is one member that other readers accept", async () => {
  const { blob, diffId, uncompressedSize } = await write([fileEntry("a", randomBytes(5 << 20)), fileEntry("b", "text")]);
  const tar = gunzipSync(blob);
  expect(digestOf(tar)).to.equal(diffId);
  expect(tar.length).to.equal(uncompressedSize);
  expect(blob.subarray(0, 10)).to.deep.equal(Buffer.from([31, 139, 8, 0, 0, 0, 0, 0, 0, 255]));
  // The trailer covers everything, so there is one member.
  expect(blob.readUInt32LE(blob.length - 8)).to.equal(crc32(tar));
  expect(blob.readUInt32LE(blob.length - 4)).to.equal(tar.length);
  expect(spawnSync("gzip", ["-t"], { input: blob }).status ?? 0).to.equal(0);
});

it("an unchanged large file gives the same segments whatever comes before it", async () => {
  const big = fileEntry("big", randomBytes(6 << 20));
  const [alone, behind] = await Promise.all([write([big]), write([fileEntry("a", randomBytes(12_345)), big])]);
  const middle = alone.blob.subarray(10, 6 << 20);
  expect(behind.blob.includes(middle)).to.equal(true);
});

/** Computed once; a change here is a change of the layout version. */
const GOLDEN = [
  "sha256:a26df7de27de3224aaf58dd17c6d04d61aec0b04fff4635ccb747fb2f12c124b",
  "sha256:dce618c426c2466cc95286c1dfc23244cd263dda035ea64ff36ae3f643e07a0a",
];

it("golden: the bytes of a layer do not change", async () => {
  const { digest, diffId } = await write([
    { path: "opt", node: { ...plain, mode: 0o755, type: "directory" } },
    fileEntry("opt/a", "hello\n", { mtime: -1, nanoseconds: 500_000_000, pax: { "SCHILY.xattr.user.x": "\xff\0" } }),
    { path: "opt/b", link: "opt/a" },
    { path: "opt/\xe9".repeat(40), node: { ...plain, type: "symlink", target: "a" } },
  ]);
  expect([diffId, digest]).to.deep.equal(GOLDEN);
});

it("changed content is an error that names the path", async () => {
  const content = { from: "disk", digest: digestOf("before"), size: 6, file: "local" } as const;
  const entries: LayerEntry[] = [{ path: "etc/x\n", node: { ...plain, type: "file", content } }];
  for (const [now, what] of [
    ["after!", "is sha256:"],
    ["short", "has 5 bytes, not 6"],
    ["much longer", "has more than 6 bytes"],
  ] as const) {
    await expect(write(entries, { read: () => inPieces(Buffer.from(now), 4) })).to.be.rejectedWithError((error: DhiError) => {
      expect(error.code).to.equal("mismatch");
      expect(error.message.startsWith(`the content of /etc/x\\x0a ${what}`), error.message).to.equal(true);
      return true;
    });
  }
});

it("a hard link repeats its target's metadata, and needs one", async () => {
  const { blob } = await write([fileEntry("a", "x", { mode: 0o4755, uid: 7 }), { path: "b", link: "a" }]);
  const tar = gunzipSync(blob);
  expect(tar.toString("latin1", 1024 + 100, 1024 + 116)).to.equal("0004755\x000000007\0");
  await expect(write([{ path: "b", link: "a" }])).to.be.rejectedWithError({ code: "invalid", message: /^tar entry \/b: / });
});

it("writing stops when it is cancelled, and when the sink fails", async () => {
  const entries = [fileEntry("a", "x")];
  await expect(write(entries, { signal: AbortSignal.abort() })).to.be.rejectedWithError({ code: "cancelled" });
  const sink = { write: () => Promise.reject(new Error("disk full")) };
  await expect(write([{ path: "a", node: { ...plain, type: "file", content: bytesContent("x") } }], { sink })).to.be.rejectedWithError(
    /disk full/,
  );
});

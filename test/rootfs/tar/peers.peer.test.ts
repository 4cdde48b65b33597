import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { indexLayer } from "../../../provider/rootfs/layers/index-layer.js";
import { writeLayer } from "../../../provider/rootfs/layers/writer.js";
import type { LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { expect, expectThat } from "../../support/expectations.js";
import { testUnless } from "../../support/skips.js";
import { fileEntry, plain } from "../../support/tar/entries.js";
import { hasTool, run } from "../../support/tar/tools.js";

const directory = mkdtempSync(join(tmpdir(), "dhi-tar-"));
after(() => {
  rmSync(directory, { recursive: true });
});

const tree = join(directory, "tree");
const long = `${"long-directory-name/".repeat(9)}${"n".repeat(120)}`;
mkdirSync(join(tree, long, ".."), { recursive: true });
writeFileSync(join(tree, long), "far down");
writeFileSync(join(tree, "a"), "text");
linkSync(join(tree, "a"), join(tree, "b"));
symlinkSync("a", join(tree, "l"));
writeFileSync(Buffer.from(`${tree}/\xff\xe9`, "latin1"), "bytes");
writeFileSync(join(tree, "big"), randomBytes(300_000));

function sparseFile(name: string, runs: number): void {
  writeFileSync(join(tree, name), "");
  truncateSync(join(tree, name), 1_000_000 * runs);
  for (let i = 0; i < runs; i += 1)
    run("dd", ["if=/dev/urandom", `of=${join(tree, name)}`, "bs=4096", "count=1", `seek=${String(200 * i)}`, "conv=notrunc"]);
}
sparseFile("sparse", 3);
sparseFile("sparser", 60);
const short = ["a", "b", "l", "big", "sparse", "sparser"];

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

async function indexOf(tar: Buffer, compression: "none" | "gzip" | "zstd" = "none"): Promise<Map<string, LayerEntry>> {
  const descriptor = { digest: digestOf(tar), size: tar.length };
  const { entries } = await indexLayer({ source: once(tar), compression, descriptor });
  return new Map(entries.map((entry) => [entry.path, entry]));
}

const gnu = hasTool("tar") ? false : "no tar";
const all = [...short, long, Buffer.from("\xff\xe9", "latin1").toString("latin1")];
const forms: readonly (readonly [what: string, args: readonly string[], names: readonly string[]])[] = [
  ["v7", ["--format=v7"], short],
  ["ustar", ["--format=ustar"], short],
  ["gnu", ["--format=gnu"], all],
  ["gnu, sparse", ["--format=gnu", "--sparse"], all],
  ["pax", ["--format=pax"], all],
  ["pax, sparse 0.0", ["--format=pax", "--sparse", "--sparse-version=0.0"], all],
  ["pax, sparse 0.1", ["--format=pax", "--sparse", "--sparse-version=0.1"], all],
  ["pax, sparse 1.0", ["--format=pax", "--sparse", "--sparse-version=1.0"], all],
];

for (const [what, args, names] of forms) {
  it(
    `an archive of GNU tar is read: ${what}`,
    testUnless(gnu, async () => {
      const list = join(directory, "names");
      writeFileSync(list, Buffer.from(names.join("\0"), "latin1"));
      const entries = await indexOf(run("tar", [...args, "-C", tree, "-cf", "-", "--null", "-T", list]));
      expect([...entries.keys()].sort()).to.deep.equal([...names].sort());
      for (const name of names) {
        const entry = entries.get(name);
        if (name === "b") {
          expect(entry).to.deep.equal({ path: "b", link: "a" });
          expectThat(entry !== undefined);
        } else if (name === "l") expectThat(entry !== undefined && "node" in entry && entry.node.target === "a");
        else {
          const bytes = readFileSync(Buffer.from(`${tree}/${name}`, "latin1"));
          expectThat(entry !== undefined && "node" in entry && entry.node.content?.from === "layer", name);
          expect([entry.node.content.digest, entry.node.content.size], name).to.deep.equal([digestOf(bytes), bytes.length]);
          if (what.includes("sparse") && name.startsWith("sparse"))
            expect(entry.node.content.extents.length, "it is stored sparse").to.be.above(1);
        }
      }
    }),
  );
}

const entries: readonly LayerEntry[] = [
  { path: "d", node: { ...plain, mode: 0o1777, mtime: 1_700_000_000, type: "directory" } },
  fileEntry("d/f", randomBytes(5 << 20), { mode: 0o4755, uid: 1000, gid: 3_000_000, mtime: 1_700_000_000, nanoseconds: 500_000_000 }),
  { path: "d/h", link: "d/f" },
  { path: `d/${"x".repeat(200)}`, node: { ...plain, type: "symlink", target: "f" } },
  fileEntry("d/\xc3\xa9\xff", "text", { mtime: -5, pax: { "SCHILY.xattr.user.x": "\xff\0\n" } }),
];

for (const compression of ["gzip", "zstd"] as const) {
  it(
    `GNU tar lists a layer that pulumi-dhi wrote, ${compression}`,
    testUnless(gnu !== false ? gnu : hasTool(compression) ? false : `no ${compression}`, async () => {
      const pieces: Buffer[] = [];
      const sink = { write: (chunk: Uint8Array) => Promise.resolve(void pieces.push(Buffer.from(chunk))) };
      const layer = await writeLayer({ entries, compression, sink, read: () => expect.fail("nothing to read") });
      const blob = Buffer.concat(pieces);
      run(compression, ["-t"], { input: blob });
      const tar = run(compression, ["-dc"], { input: blob });
      expect(digestOf(tar)).to.equal(layer.diffId);
      const env = { ...process.env, TZ: "UTC", LC_ALL: "C" };
      const listed = run("tar", ["-tvf", "-", "--full-time", "--numeric-owner", "--xattrs", "--quoting-style=escape"], {
        input: tar,
        env,
      }).toString();
      expect(
        listed
          .trimEnd()
          .split("\n")
          .map((line) => line.replace(/ +/g, " "))
          .filter((line) => !/^ (x|a):/.test(line)),
      ).to.deep.equal([
        "drwxrwxrwt 0/0 0 2023-11-14 22:13:20 d/",
        "-rwsr-xr-x 1000/3000000 5242880 2023-11-14 22:13:20.5 d/f",
        "hrwsr-xr-x 1000/3000000 0 2023-11-14 22:13:20.5 d/h link to d/f",
        `lrw-r--r-- 0/0 0 1970-01-01 00:00:00 d/${"x".repeat(200)} -> f`,
        "-rw-r--r--* 0/0 4 1969-12-31 23:59:55 d/\\303\\251\\377",
      ]);
    }),
  );
}

it(
  "Python's tarfile reads a layer that pulumi-dhi wrote",
  testUnless(hasTool("python3") ? false : "no python3", async () => {
    const pieces: Buffer[] = [];
    const sink = { write: (chunk: Uint8Array) => Promise.resolve(void pieces.push(Buffer.from(chunk))) };
    await writeLayer({ entries, compression: "gzip", sink, read: () => expect.fail("nothing to read") });
    const program = [
      "import sys, io, json, tarfile, hashlib",
      "t = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), mode='r:gz')",
      "print(json.dumps([[m.name.encode('utf-8', 'surrogateescape').decode('latin1'), m.mode, m.uid, m.gid, m.mtime, m.linkname,",
      "  hashlib.sha256(t.extractfile(m).read()).hexdigest() if m.isreg() else ''] for m in t]))",
    ].join("\n");
    const read = JSON.parse(run("python3", ["-c", program], { input: Buffer.concat(pieces) }).toString()) as unknown[][];
    const expected = entries.map((entry) => {
      const node =
        "node" in entry ? entry.node : entries.flatMap((other) => ("node" in other && other.path === entry.link ? [other.node] : []))[0];
      expectThat(node !== undefined);
      const link = "link" in entry ? entry.link : (node.target ?? "");
      const hash = "link" in entry ? "" : (node.content?.digest.slice(7) ?? "");
      return [entry.path, node.mode, node.uid, node.gid, node.mtime + node.nanoseconds / 1e9, link, hash];
    });
    expect(read).to.deep.equal(expected);
  }),
);

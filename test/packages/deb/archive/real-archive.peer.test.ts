import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { after, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { digestOf, hexOf } from "../../../../provider/image/digest.js";
import { fieldOf, parseParagraph } from "../../../../provider/packages/deb/formats/control.js";
import { unpackDeb } from "../../../../provider/packages/deb/formats/deb-file.js";
import { parseDependencies, parseProvides } from "../../../../provider/packages/deb/formats/dependency.js";
import { PackageIndex } from "../../../../provider/packages/deb/archive/package-index.js";
import { parseRelease } from "../../../../provider/packages/deb/archive/release.js";
import { verifyInRelease } from "../../../../provider/packages/deb/archive/signature.js";
import { unxz } from "../../../../provider/packages/deb/formats/xz.js";
import type { LayerEntry } from "../../../../provider/rootfs/tree/node.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { testUnless } from "../../../support/skips.js";

const directory = mkdtempSync(join(tmpdir(), "dhi-real-"));
after(() => {
  rmSync(directory, { recursive: true });
});

function run(command: string, args: readonly string[]): string {
  const done = spawnSync(command, args, {
    cwd: directory,
    encoding: "latin1",
    maxBuffer: 2 ** 29,
    env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
  });
  return done.status === 0 ? done.stdout : "";
}

/** Where this machine's package manager reads its first package index. */
const target = /^(\S+)\/dists\/(\S+)\/main\/binary-(\S+)\/Packages$/m.exec(
  run("apt-get", ["indextargets", "--format", "$(URI)", "Created-By: Packages"]),
);
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const skip = target === null ? "no archive is configured" : existsSync(keyring) ? false : "no Debian keyring";
const [, root = "", suite = "", architecture = ""] = target ?? [];

async function get(path: string): Promise<Buffer> {
  const response = await fetch(`${root}/${path}`);
  expect(response.status, path).to.equal(200);
  return Buffer.from(await response.arrayBuffer());
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

it(
  "the machine's own archive is read from its signature to every stanza",
  testUnless(skip, async () => {
    const { text, fingerprints } = await verifyInRelease(await get(`dists/${suite}/InRelease`), {
      keys: [readFileSync(keyring)],
      what: "InRelease",
    });
    expect(fingerprints.length).to.be.above(0);
    const release = parseRelease(text, "InRelease");
    expect(release.codename === suite || release.suite === suite).to.equal(true);
    const plain: Buffer[] = [];
    for (const form of ["gz", "xz"]) {
      const path = `main/binary-${architecture}/Packages`;
      const listed = release.files.get(`${path}.${form}`);
      expectThat(listed !== undefined);
      const packed = await get(`dists/${suite}/main/binary-${architecture}/by-hash/SHA256/${hexOf(listed.digest)}`);
      expect(digestOf(packed)).to.equal(listed.digest);
      const pieces: Buffer[] = form === "gz" ? [gunzipSync(packed)] : [];
      if (form === "xz") for await (const piece of unxz(once(packed))) pieces.push(piece);
      plain.push(Buffer.concat(pieces));
      expect(digestOf(Buffer.concat(pieces))).to.equal(release.files.get(path)?.digest);
    }
    const index = PackageIndex.scan(plain[0] ?? Buffer.alloc(0), "Packages");
    const names = [...index.names()];
    expect(names.length).to.be.above(10_000);
    const stanzas = names.flatMap((name) => index.stanzas(name));
    expect(stanzas.length).to.equal(plain[0]?.toString("latin1").match(/^Package: /gm)?.length);
    for (const stanza of stanzas) {
      const fields = parseParagraph(stanza, "a stanza");
      for (const field of ["Pre-Depends", "Depends", "Recommends", "Suggests", "Conflicts", "Breaks", "Replaces", "Enhances"])
        parseDependencies(fieldOf(fields, field) ?? "", field, architecture);
      parseProvides(fieldOf(fields, "Provides") ?? "", "Provides");
    }
  }),
);

/** One line an entry, as `tar tv --numeric-owner` would have it; sizes are of files. */
function describe(entries: readonly LayerEntry[]): readonly string[] {
  const nodes = new Map(entries.map((entry) => [entry.path, entry]));
  return entries.map((entry) => {
    const target = "link" in entry ? nodes.get(entry.link) : entry;
    expectThat(target !== undefined && "node" in target, entry.path);
    const { node } = target;
    const kind = "link" in entry ? "h" : { file: "-", directory: "d", symlink: "l", fifo: "p", character: "c", block: "b" }[node.type];
    const end = "link" in entry ? ` link to ./${entry.link}` : node.target === undefined ? "" : ` -> ${node.target}`;
    const time = new Date(node.mtime * 1000).toISOString().replace("T", " ").slice(0, 19);
    const size = "link" in entry ? 0 : (node.content?.size ?? 0);
    return `${kind} ${permissions(node.mode)} ${node.uid}/${node.gid} ${size} ${time} ./${entry.path}${end}`;
  });
}

function permissions(mode: number): string {
  const letters = Array.from(mode.toString(2).padStart(12, "0"))
    .slice(3)
    .map((bit, at) => (bit === "1" ? "rwx".charAt(at % 3) : "-"));
  const special = [2, 5, 8].map((at, of) => [at, (mode >> (11 - of)) & 1, of === 2 ? "t" : "s"] as const);
  for (const [at, set, letter] of special) if (set === 1) letters[at] = letters[at] === "x" ? letter : letter.toUpperCase();
  return letters.join("");
}

/** The lines of tar, brought into the same form. */
function listed(text: string): readonly string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, kind = "", mode = "", owner = "", size = "", time = "", path = ""] =
        /^(.)(\S{9}) +(\S+) +(\S+) (\S+ \S+) (.*)$/.exec(line) ?? expect.fail(line);
      return `${kind} ${mode} ${owner} ${size} ${time} ${path.replace(/\/$/, "")}`.replace(/ \.$/, " ./");
    });
}

const wanted = [
  "bash",
  "coreutils",
  "util-linux",
  "passwd",
  "libc6",
  "libc-bin",
  "tzdata",
  "perl-base",
  "sudo",
  "openssh-client",
  "ssl-cert",
];
const more = ["git", "curl", "ca-certificates", "python3.11-minimal", "nginx-common", "dbus", "postfix", "base-files", "locales", "man-db"];

it(
  "twenty real packages have the entries and the bytes that dpkg-deb and tar see",
  testUnless(skip, async () => {
    run("apt-get", ["download", ...wanted, ...more]);
    const debs = readdirSync(directory).filter((file) => file.endsWith(".deb"));
    expect(debs.length, `${debs.length} packages were downloaded`).to.be.at.least(20);
    for (const deb of debs) {
      const file = join(directory, deb);
      const digest = digestOf(readFileSync(file));
      const tar: Buffer[] = [];
      const spool = async (chunk: Buffer): Promise<void> => {
        tar.push(await Promise.resolve(Buffer.from(chunk)));
      };
      const { control, entries } = await unpackDeb({ name: deb, file, digest, spool });
      const expected = run("sh", [
        "-c",
        `dpkg-deb --fsys-tarfile "$1" | tar tv --numeric-owner --full-time --quoting-style=literal`,
        "sh",
        file,
      ]);
      expect(describe(entries), deb).to.deep.equal(listed(expected));
      expect(Buffer.concat(tar).equals(Buffer.from(run("dpkg-deb", ["--fsys-tarfile", file]), "latin1")), deb).to.equal(true);
      expect(control.get("control")?.toString("latin1"), deb).to.equal(run("dpkg-deb", ["--info", file, "control"]));
      const names = run("sh", ["-c", `dpkg-deb --ctrl-tarfile "$1" | tar t | sed -n 's#^\\./##p' | grep .`, "sh", file]);
      expect([...control.keys()], deb).to.deep.equal(names.trimEnd().split("\n"));
      const sums = new Map(
        entries.flatMap((entry) => ("node" in entry && entry.node.content !== undefined ? [[entry.path, entry.node.content]] : [])),
      );
      for (const content of sums.values()) {
        expectThat(content.from === "layer" && content.blob === digest);
        const bytes = content.extents.map(({ position, length }) => Buffer.concat(tar).subarray(position, position + length));
        expect(digestOf(Buffer.concat(bytes))).to.equal(content.digest);
        break;
      }
      rmSync(file);
    }
  }),
);

const ways = [
  ["-0"],
  ["-6"],
  ["-9e"],
  ["--check=crc32"],
  ["--check=none"],
  ["-T2 --block-size=100000"],
  ["--lzma2=preset=1,dict=64MiB"],
  ["--lzma2=preset=1,dict=96MiB", "limit"],
  ["--check=sha256", "invalid"],
  ["--x86 --lzma2=preset=6", "invalid"],
] as const;

for (const [way, refused] of ways)
  it(
    `xz ${way} is ${refused === undefined ? "decoded" : "refused"}`,
    testUnless(run("xz", ["--version"]) === "" ? "no xz" : false, async () => {
      const plain = Buffer.concat([readFileSync(process.execPath).subarray(0, 1_000_000), Buffer.alloc(20_000_000)]);
      writeFileSync(join(directory, "plain"), plain);
      run("sh", ["-c", `xz -c ${way} plain > packed.xz`]);
      const decode = async (): Promise<Buffer> => {
        const pieces: Buffer[] = [];
        for await (const piece of unxz(once(readFileSync(join(directory, "packed.xz"))))) pieces.push(piece);
        return Buffer.concat(pieces);
      };
      if (refused === undefined) expect((await decode()).equals(plain)).to.equal(true);
      else await expect(decode()).to.be.rejectedWithError((thrown) => thrown instanceof DhiError && thrown.code === refused);
    }),
  );

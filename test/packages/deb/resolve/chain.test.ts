import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { digestOf, hexOf } from "../../../../provider/image/digest.js";
import { fieldOf, parseParagraph } from "../../../../provider/packages/deb/formats/control.js";
import { unpackDeb } from "../../../../provider/packages/deb/formats/deb-file.js";
import { PackageIndex } from "../../../../provider/packages/deb/archive/package-index.js";
import { parseRelease } from "../../../../provider/packages/deb/archive/release.js";
import { verifyInRelease, verifyRelease } from "../../../../provider/packages/deb/archive/signature.js";
import { unxz } from "../../../../provider/packages/deb/formats/xz.js";
import { buildArchive } from "../../../support/archives/archive.js";
import { makeKey } from "../../../support/archives/keys.js";
import { serveArchive, writeArchive } from "../../../support/archives/serve.js";

const directory = mkdtempSync(join(tmpdir(), "dhi-chain-"));
after(() => {
  rmSync(directory, { recursive: true });
});

const fields = { Depends: "lib (>= 1)", Provides: "virtual" };
const tool = { name: "tool", version: "1:2.0-1", fields, files: [{ name: "usr/bin/tool", data: "x" }] };
const lib = { name: "lib", architecture: "all" };

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

async function decoded(packed: Buffer, form: string): Promise<Buffer> {
  if (form === ".gz") return gunzipSync(packed);
  const pieces: Buffer[] = [];
  for await (const piece of unxz(once(packed))) pieces.push(piece);
  return Buffer.concat(pieces);
}

test("a test's archive is followed from its signature to a package", async () => {
  const key = await makeKey("archive");
  const files = await buildArchive([
    { suite: "bookworm", packages: { main: [tool, lib] }, keys: [key], validUntil: new Date("2040-01-01") },
  ]);
  const served = await serveArchive(files);
  try {
    const get = async (path: string): Promise<Buffer> => Buffer.from(await (await fetch(`${served.url}/${path}`)).arrayBuffer());
    const { text } = await verifyInRelease(await get("dists/bookworm/InRelease"), { keys: [key.armored], what: "InRelease" });
    const release = parseRelease(text, "InRelease");
    assert.equal(release.validUntil?.getUTCFullYear(), 2040);
    for (const form of [".gz", ".xz"]) {
      const listed = release.files.get(`main/binary-amd64/Packages${form}`);
      assert.ok(listed !== undefined);
      const packed = await get(`dists/bookworm/main/binary-amd64/by-hash/SHA256/${hexOf(listed.digest)}`);
      assert.deepEqual([digestOf(packed), packed.length], [listed.digest, listed.size]);
      const index = PackageIndex.scan(await decoded(packed, form), "Packages");
      assert.deepEqual([...index.names()], ["lib", "tool"]);
      const [stanza] = index.providers("virtual");
      const paragraph = parseParagraph(stanza ?? "", "the stanza");
      const path = fieldOf(paragraph, "Filename") ?? "";
      assert.equal(path, "pool/main/tool_2.0-1_amd64.deb");
      assert.equal(hexOf(digestOf(await get(path))), fieldOf(paragraph, "SHA256"));
    }
    assert.equal((await fetch(`${served.url}/nothing`)).status, 404);
    assert.equal(served.requests.at(-1), "nothing 404");
    const rest = await fetch(`${served.url}/dists/bookworm/InRelease`, { headers: { range: "bytes=5-" } });
    assert.deepEqual([rest.status, (await rest.text()).slice(0, 9)], [206, "BEGIN PGP"]);
  } finally {
    await served.stop();
  }
});

test("a test's archive on disk, with a detached signature and with none", async () => {
  const key = await makeKey("archive");
  const signed = { suite: "signed", packages: { main: [tool] }, keys: [key], signature: "detached", byHash: false, indexes: [""] } as const;
  const files = await buildArchive([signed, { ...signed, suite: "unsigned", keys: [] }]);
  assert.equal(files.has("dists/unsigned/InRelease") || files.has("dists/unsigned/Release.gpg"), false);
  const url = writeArchive(files, directory);
  const read = (path: string): Buffer => readFileSync(fileURLToPath(`${url}/${path}`));
  const options = { keys: [key.binary], what: "Release" };
  const { text } = await verifyRelease(read("dists/signed/Release"), read("dists/signed/Release.gpg"), options);
  const release = parseRelease(text, "Release");
  assert.deepEqual([...release.files.keys()], ["main/binary-amd64/Packages", "main/binary-arm64/Packages"]);
  assert.equal(release.acquireByHash, false);
  const file = fileURLToPath(`${url}/pool/main/tool_2.0-1_amd64.deb`);
  const { entries } = await unpackDeb({ name: "tool", file, digest: digestOf(readFileSync(file)) });
  const paths = entries.map(({ path }) => path);
  assert.deepEqual(paths, ["", "usr", "usr/bin", "usr/bin/tool"]);
});

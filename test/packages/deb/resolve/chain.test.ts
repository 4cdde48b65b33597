import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { after, it } from "mocha";
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
import { expect, expectThat } from "../../../support/expectations.js";

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

it("a test's archive is followed from its signature to a package", async () => {
  const key = await makeKey("archive");
  const files = await buildArchive([
    { suite: "bookworm", packages: { main: [tool, lib] }, keys: [key], validUntil: new Date("2040-01-01") },
  ]);
  const served = await serveArchive(files);
  try {
    const get = async (path: string): Promise<Buffer> => Buffer.from(await (await fetch(`${served.url}/${path}`)).arrayBuffer());
    const { text } = await verifyInRelease(await get("dists/bookworm/InRelease"), { keys: [key.armored], what: "InRelease" });
    const release = parseRelease(text, "InRelease");
    expect(release.validUntil?.getUTCFullYear()).to.equal(2040);
    for (const form of [".gz", ".xz"]) {
      const listed = release.files.get(`main/binary-amd64/Packages${form}`);
      expectThat(listed !== undefined);
      const packed = await get(`dists/bookworm/main/binary-amd64/by-hash/SHA256/${hexOf(listed.digest)}`);
      expect([digestOf(packed), packed.length]).to.deep.equal([listed.digest, listed.size]);
      const index = PackageIndex.scan(await decoded(packed, form), "Packages");
      expect([...index.names()]).to.deep.equal(["lib", "tool"]);
      const [stanza] = index.providers("virtual");
      const paragraph = parseParagraph(stanza ?? "", "the stanza");
      const path = fieldOf(paragraph, "Filename") ?? "";
      expect(path).to.equal("pool/main/tool_2.0-1_amd64.deb");
      expect(hexOf(digestOf(await get(path)))).to.equal(fieldOf(paragraph, "SHA256"));
    }
    expect((await fetch(`${served.url}/nothing`)).status).to.equal(404);
    expect(served.requests.at(-1)).to.equal("nothing 404");
    const rest = await fetch(`${served.url}/dists/bookworm/InRelease`, { headers: { range: "bytes=5-" } });
    expect([rest.status, (await rest.text()).slice(0, 9)]).to.deep.equal([206, "BEGIN PGP"]);
  } finally {
    await served.stop();
  }
});

it("a test's archive on disk, with a detached signature and with none", async () => {
  const key = await makeKey("archive");
  const signed = { suite: "signed", packages: { main: [tool] }, keys: [key], signature: "detached", byHash: false, indexes: [""] } as const;
  const files = await buildArchive([signed, { ...signed, suite: "unsigned", keys: [] }]);
  expect(files.has("dists/unsigned/InRelease") || files.has("dists/unsigned/Release.gpg")).to.equal(false);
  const url = writeArchive(files, directory);
  const read = (path: string): Buffer => readFileSync(fileURLToPath(`${url}/${path}`));
  const options = { keys: [key.binary], what: "Release" };
  const { text } = await verifyRelease(read("dists/signed/Release"), read("dists/signed/Release.gpg"), options);
  const release = parseRelease(text, "Release");
  expect([...release.files.keys()]).to.deep.equal(["main/binary-amd64/Packages", "main/binary-arm64/Packages"]);
  expect(release.acquireByHash).to.equal(false);
  const file = fileURLToPath(`${url}/pool/main/tool_2.0-1_amd64.deb`);
  const { entries } = await unpackDeb({ name: "tool", file, digest: digestOf(readFileSync(file)) });
  const paths = entries.map(({ path }) => path);
  expect(paths).to.deep.equal(["", "usr", "usr/bin", "usr/bin/tool"]);
});

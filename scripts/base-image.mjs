// Writes a rootfs tar to an OCI layout folder as a tagged image of one gzip layer. The same tar and SOURCE_DATE_EPOCH give the same digest.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import { runMain, say } from "./run.mjs";

const architectures = { x64: "amd64", arm64: "arm64" };
const refName = "org.opencontainers.image.ref.name";
const manifestType = "application/vnd.oci.image.manifest.v1+json";
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function hashing(hash, count) {
  return new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      count?.(chunk.length);
      done(null, chunk);
    },
  });
}

const blobFile = (layout, digest) => join(layout, "blobs", "sha256", digest.slice("sha256:".length));

function replaceFile(file, text) {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}

function writeBlob(layout, value) {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  replaceFile(blobFile(layout, digest), bytes);
  return { digest, size: bytes.length };
}

async function writeLayer(layout, tar) {
  const [plain, packed] = [createHash("sha256"), createHash("sha256")];
  let size = 0;
  const fresh = join(layout, "blobs", `.layer-${process.pid}`);
  const counting = hashing(packed, (length) => (size += length));
  try {
    await pipeline(createReadStream(tar), hashing(plain), createGzip({ level: 6 }), counting, createWriteStream(fresh));
    const digest = `sha256:${packed.digest("hex")}`;
    renameSync(fresh, blobFile(layout, digest));
    return { digest, size, diffId: `sha256:${plain.digest("hex")}` };
  } finally {
    rmSync(fresh, { force: true });
  }
}

function readIndex(layout) {
  const file = join(layout, "index.json");
  return existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [] };
}

/** The digest that a tag of a layout folder points at, if its manifest exists; else undefined. */
export function findTag(layout, tag) {
  const digest = readIndex(layout).manifests.find(({ annotations }) => annotations?.[refName] === tag)?.digest;
  return digest && existsSync(blobFile(layout, digest)) ? digest : undefined;
}

/** Makes the image and tags it; returns the manifest's digest. `epoch`: seconds, the image's creation time. */
export async function putBaseImage({ tar, layout, tag, epoch, architecture = architectures[process.arch] ?? process.arch }) {
  mkdirSync(join(layout, "blobs", "sha256"), { recursive: true });
  const { diffId, ...layer } = await writeLayer(layout, tar);
  const created = `${new Date(Number(epoch) * 1000).toISOString().slice(0, 19)}Z`;
  const config = writeBlob(layout, {
    created,
    architecture,
    os: "linux",
    config: { Env: [`PATH=${searchPath}`], Cmd: ["bash"] },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created, created_by: "mmdebstrap" }],
  });
  const manifest = writeBlob(layout, {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", ...layer }],
  });
  const index = readIndex(layout);
  const entry = { mediaType: manifestType, ...manifest, platform: { architecture, os: "linux" }, annotations: { [refName]: tag } };
  const others = index.manifests.filter(({ annotations }) => annotations?.[refName] !== tag);
  replaceFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  replaceFile(join(layout, "index.json"), JSON.stringify({ ...index, manifests: [...others, entry] }));
  return manifest.digest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async ([tar, layout, tag, ...rest]) => {
    if (!tag || rest.length > 0) throw new Error("usage: node scripts/base-image.mjs <rootfs.tar> <layout folder> <tag>");
    say(await putBaseImage({ tar, layout, tag, epoch: process.env.SOURCE_DATE_EPOCH || "0" }));
  });
}

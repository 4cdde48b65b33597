import { createHash, randomBytes } from "node:crypto";
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from "../provider/image/media-types.js";
import { digestOf } from "../provider/image/digest.js";
import type { LayerEntry } from "../provider/rootfs/tree/node.js";
import { writeLayer } from "../provider/rootfs/layers/writer.js";
import { textNode } from "../provider/pipeline/plan/files.js";
import { defaultDirectory } from "../provider/rootfs/tree/file-tree.js";
import type { Repository } from "../provider/image/reference.js";
import type { OpenedSession } from "../provider/pulumi/session.js";

/** Similar in size and number of entries to a Debian root: 7,000 files, 150 MB, half of it incompressible. */
export function rootEntries(): readonly LayerEntry[] {
  const noise = randomBytes(12_000);
  const directories = ["etc", "usr", "usr/bin", "usr/lib", "usr/share"].map((path) => ({ path, node: defaultDirectory }));
  const attributes = { mode: 0o644, uid: 0, gid: 0 };
  const files = Array.from({ length: 7000 }, (_, at): LayerEntry => {
    const name = `usr/lib/${createHash("sha256").update(String(at)).digest("hex").slice(0, 20)}`;
    return { path: name, node: textNode(Buffer.concat([Buffer.from(name.repeat(400)), noise.subarray(at % 6000)]), attributes) };
  });
  const accounts = { path: "etc/passwd", node: textNode(Buffer.from("root:x:0:0:root:/root:/bin/sh\n"), attributes) };
  return [...directories, accounts, ...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Pushes an image of one layer for this machine's platform. */
export async function pushImage(
  session: OpenedSession,
  repository: Repository,
  tag: string,
  entries: readonly LayerEntry[],
  read: Parameters<typeof writeLayer>[0]["read"],
): Promise<void> {
  const spool = await session.cache.create("blobs");
  const written = await writeLayer({ entries, read, compression: "gzip", sink: spool });
  await spool.commit(written.digest);
  const layer = { mediaType: OCI_LAYER_GZIP, digest: written.digest, size: written.size };
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: "linux",
      config: { Env: ["PATH=/usr/bin"] },
      rootfs: { type: "layers", diff_ids: [written.diffId] },
      history: [{ created_by: "bench" }],
    }),
  );
  const configDescriptor = { mediaType: OCI_CONFIG, digest: digestOf(config), size: config.length };
  const destination = session.repositories.open(repository);
  await destination.putBlob(layer, () => readCached(session, layer));
  await destination.putBlob(configDescriptor, () => once(config));
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: configDescriptor, layers: [layer] }));
  await destination.putManifest(digestOf(manifest), { mediaType: OCI_MANIFEST, digest: digestOf(manifest), bytes: manifest });
  const child = { mediaType: OCI_MANIFEST, digest: digestOf(manifest), size: manifest.length, platform: { os: "linux", architecture } };
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] }));
  await destination.putManifest(tag, { mediaType: OCI_INDEX, digest: digestOf(index), bytes: index });
}

async function* readCached(session: OpenedSession, layer: Parameters<OpenedSession["cache"]["readBlob"]>[0]): AsyncGenerator<Uint8Array> {
  const blob = await session.cache.readBlob(layer);
  if (blob === undefined) throw new Error("the cache lost a blob");
  yield* blob;
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function noContent(): AsyncGenerator<Uint8Array> {
  throw new Error("every file content is in memory");
}

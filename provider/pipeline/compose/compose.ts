import { blame, DhiError } from "../../errors.js";
import { encodeConfig, variablesOf, type ImageConfig } from "../../image/config.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import type { JsonObject } from "../../image/json.js";
import { encodeIndex, encodeManifest } from "../../image/manifest.js";
import { layerCompression, OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_LAYER_ZSTD, OCI_MANIFEST } from "../../image/media-types.js";
import { parsePlatform } from "../../image/platform.js";
import { formatReference } from "../../image/reference.js";
import { FileTree } from "../../rootfs/tree/file-tree.js";
import { LAYOUT_VERSION, layerKey } from "../../rootfs/layers/key.js";
import { inTurns } from "../../rootfs/steps.js";
import { formatSize } from "../../text/format-size.js";
import type { Row, Session } from "../session.js";
import { BASE_DIGEST_ANNOTATION, BASE_NAME_ANNOTATION, LAYER_KEY_ANNOTATION, LAYOUT_ANNOTATION } from "../annotations.js";
import type { ComposedPlatform, Composition, OwnLayer } from "./composition.js";
import { ContentReader } from "./content-reader.js";
import { fetchPackages } from "../plan/unpacked-packages.js";
import type { LocalSources } from "../sources/local-sources.js";
import { mergeNotices, type Notice } from "../notice.js";
import type { LayerRecords } from "../state/layer-records.js";
import { obtainLayer } from "./obtain-layer.js";
import { needsTree, planImage, type PlannedLayer } from "../plan/plan.js";
import type { ArtifactSource } from "../plan/artifact.js";
import type { Resolution } from "../state/resolution.js";
import { openReusableLayers, type FindReusable } from "./reusable-layers.js";
import { openSources, type Sources } from "../sources/sources.js";
import type { SourceManifest } from "../sources/source-image.js";
import { bigLayer, readTree, spooledTar } from "../sources/source-layers.js";
import type { ImageSpec } from "../spec/image-spec.js";

/** What a composition is made of. */
export interface ComposeRequest {
  readonly spec: ImageSpec;
  readonly resolution: Resolution;
  readonly local: LocalSources;
  /** What state says of our layers. */
  readonly records: LayerRecords;
}

/** Makes the image in the cache. The same request gives the same digest, on any machine. Nothing is pushed. */
export async function composeImage(session: Session, request: ComposeRequest, row: Row): Promise<Composition> {
  const sources = await openSources(session, request.spec, request.resolution);
  const reusable = openReusableLayers(session, request.spec.destination, request.records);
  const platforms: ComposedPlatform[] = [];
  const notices = new Map<string, readonly Notice[]>();
  for (const platform of sources.platforms) {
    const composed = await composePlatform(session, request, sources, reusable, platform, row);
    platforms.push(composed.result);
    notices.set(platform, composed.notices);
  }
  const annotations = { ...sources.base?.annotations, ...ownAnnotations(request, sources), [LAYOUT_ANNOTATION]: String(LAYOUT_VERSION) };
  const bytes = encodeIndex({
    manifests: platforms.map(({ manifest, described }) => ({
      mediaType: OCI_MANIFEST,
      digest: manifest.digest,
      size: manifest.bytes.length,
      platform: described,
    })),
    annotations,
  });
  const index = { mediaType: OCI_INDEX, digest: await session.cache.writeBlob(bytes), bytes };
  return { index, platforms, notices: mergeNotices(notices) };
}

async function composePlatform(
  session: Session,
  request: ComposeRequest,
  sources: Sources,
  reusable: FindReusable,
  platform: string,
  row: Row,
): Promise<{ readonly result: ComposedPlatform; readonly notices: readonly Notice[] }> {
  const { content } = request.spec;
  const found = await blame({ origin: "base", property: "version" }, async () => {
    const source = await sources.base?.platforms.get(platform)?.();
    const isRead = source !== undefined && needsTree(content);
    return { base: source, ...(isRead ? await readTree(session, source, false, row) : { tree: new FileTree(), notices: [] }) };
  });
  const { base, tree } = found;
  const notices = [...(base?.notices ?? []), ...found.notices];
  const artifacts: ArtifactSource[] = [];
  const packages = await fetchPackages(session, request.spec, request.resolution, sources, platform, row);
  const origins = new Map<Digest, () => Promise<string>>(packages?.payloads);
  const addOrigins = (source: SourceManifest): void => {
    for (const descriptor of source.manifest.layers) origins.set(descriptor.digest, () => spooledTar(session, source, descriptor, row));
  };
  // A package's scripts may change owner or mode of a file of the base, which is then written again.
  if (base !== undefined && packages !== undefined) addOrigins(base);
  for (const [at, { declared, image }] of sources.artifacts.entries()) {
    await blame({ origin: "artifact", property: `artifacts[${String(at)}].image` }, async () => {
      const source = await image.platforms.get(platform)?.();
      if (source === undefined) return;
      addOrigins(source);
      const read = await readTree(session, source, true, row);
      notices.push(...source.notices, ...read.notices);
      artifacts.push({ declared, tree: read.tree, environment: variablesOf(source.config) });
    });
  }
  const before = base?.config ?? emptyConfig(platform);
  const fromScratch = base === undefined;
  const planning = planImage({ content, config: before, tree, packages, fromScratch, artifacts, local: request.local });
  const plan = await inTurns(planning, session.signal);
  const compression = content.compression ?? compressionOf(base);
  const layers = await makeLayers(session, reusable, plan.layers, compression, new ContentReader(origins), row);
  const after = addLayers(plan.config, base?.manifest.layers.length ?? 0, layers);
  const configBytes = encodeConfig(after);
  const config = { mediaType: OCI_CONFIG, digest: await session.cache.writeBlob(configBytes), size: configBytes.length };
  const baseLayers = (base?.manifest.layers ?? []).map(plainDescriptor);
  const manifestBytes = encodeManifest({
    config,
    layers: [...baseLayers, ...layers.map(({ descriptor }) => descriptor)],
    annotations: { ...base?.manifest.annotations, ...ownAnnotations(request, sources) },
  });
  const manifest = { mediaType: OCI_MANIFEST, digest: await session.cache.writeBlob(manifestBytes), bytes: manifestBytes };
  return {
    notices: [...notices, ...plan.notices],
    result: {
      platform,
      described: { ...after.platform, ...base?.descriptor.platform },
      manifest,
      config: { descriptor: config, bytes: configBytes, before: base?.config, after },
      baseLayers,
      ownLayers: layers,
    },
  };
}

async function makeLayers(
  session: Session,
  reusable: FindReusable,
  planned: readonly PlannedLayer[],
  compression: "gzip" | "zstd",
  reader: ContentReader,
  row: Row,
): Promise<readonly OwnLayer[]> {
  const made: OwnLayer[] = [];
  const mediaType = compression === "gzip" ? OCI_LAYER_GZIP : OCI_LAYER_ZSTD;
  try {
    for (const { title, entries } of planned) {
      const key = layerKey(entries, compression);
      const old = await reusable(key, mediaType);
      const bytes = entries.reduce((sum, entry) => sum + ("node" in entry ? (entry.node.content?.size ?? 0) : 0), 0);
      if (old === undefined && bytes > bigLayer) row.progress(`writing layer of ${formatSize(bytes)}: ${title}`);
      const { digest, size, diffId } = old ?? (await obtainLayer(session, key, entries, compression, reader));
      const descriptor = { mediaType, digest, size, annotations: { [LAYER_KEY_ANNOTATION]: key } };
      made.push({ key, descriptor, diffId, title, entries: entries.length, reused: old !== undefined });
    }
    return made;
  } finally {
    await reader.close();
  }
}

/** History has an entry for each layer; where a base's has too few, empty ones stand in. */
function addLayers(config: ImageConfig, baseLayers: number, layers: readonly OwnLayer[]): ImageConfig {
  const created = config.created === undefined ? {} : { created: config.created };
  const told = config.history.filter((entry) => entry["empty_layer"] !== true).length;
  const missing = Array.from({ length: Math.max(0, baseLayers - told) }, (): JsonObject => ({ ...created, comment: "layer of the base" }));
  const ours = layers.map(({ title }): JsonObject => ({ ...created, created_by: `pulumi-dhi: ${title}` }));
  return {
    ...config,
    diffIds: [...config.diffIds, ...layers.map(({ diffId }) => diffId)],
    history: [...config.history, ...missing, ...ours],
  };
}

function ownAnnotations({ spec }: ComposeRequest, { base }: Sources): Readonly<Record<string, string>> {
  const named =
    spec.base === undefined || base === undefined
      ? {}
      : {
          [BASE_NAME_ANNOTATION]: formatReference({ repository: spec.base.repository, tag: spec.base.tag }),
          [BASE_DIGEST_ANNOTATION]: base.digest,
        };
  return { ...named, ...spec.content.annotations };
}

function compressionOf(base: SourceManifest | undefined): "gzip" | "zstd" {
  const last = base?.manifest.layers.at(-1);
  return last !== undefined && layerCompression(last.mediaType) === "zstd" ? "zstd" : "gzip";
}

function plainDescriptor({ mediaType, digest, size, annotations }: Descriptor): Descriptor {
  return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) };
}

function emptyConfig(text: string): ImageConfig {
  const platform = parsePlatform(text);
  if (platform === undefined) throw new DhiError("invalid", `"${text}" is no platform`, { property: "platforms" });
  return { platform, created: "1970-01-01T00:00:00Z", execution: {}, diffIds: [], history: [], rest: {} };
}

import { DhiError } from "../../errors.js";
import { encodeConfig, type ImageConfig } from "../../image/config.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { JsonObject } from "../../image/json.js";
import { encodeManifest } from "../../image/manifest.js";
import { layerCompression, OCI_CONFIG, OCI_MANIFEST } from "../../image/media-types.js";
import { parsePlatform } from "../../image/platform.js";
import { inTurns } from "../../rootfs/steps.js";
import { omit } from "../../values.js";
import type { PlatformFacts } from "../policy/platform-facts.js";
import type { Judgement } from "../policy/judge-platform.js";
import { planImage } from "../plan/plan.js";
import type { SourceManifest } from "../sources/source-image.js";
import type { Composing } from "./composing.js";
import type { ComposedPlatform, OwnLayer } from "./composition.js";
import { ContentReader, type TarOrigins } from "./content-reader.js";
import { makeLayers } from "./layers.js";
import { readPlatformSources } from "./platform-sources.js";

/** Writes layers, config and manifest of one platform to the cache. */
export async function composePlatform(composing: Composing, platform: string): Promise<{ readonly result: ComposedPlatform } & Judgement> {
  const { session, request } = composing;
  const { inputs } = request.spec;
  const { base, origins, notices, ...sources } = await readPlatformSources(composing, platform);
  const before = base?.config ?? emptyConfig(platform);
  const inherited = base?.manifest.annotations ?? {};
  const annotations = [...new Set([...Object.keys(inherited), ...Object.keys(composing.sources.base?.annotations ?? {})])];
  const fromScratch = base === undefined;
  const planning = planImage({ ...sources, inputs, config: before, annotations, fromScratch, local: request.local });
  const plan = await inTurns(planning, session.signal);
  request.observe?.({ platform, base: sources.tree, packages: sources.packages, plan });
  const compression = inputs.compression ?? compressionOf(base);
  const layers = await makeLayers(composing, plan.layers, compression, new ContentReader(origins));
  const after = addLayers(plan.config, base?.manifest.layers.length ?? 0, layers);
  const judged = await judge(composing, {
    ...{ before: base?.config, after, layers: plan.layers, base: sources.tree, tree: plan.tree },
    annotations: { ...composing.sources.base?.annotations, ...inherited },
    ownAnnotations: composing.annotations,
    compressedBytes: layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
    origins,
  });
  const configBytes = encodeConfig(after);
  const config = { mediaType: OCI_CONFIG, digest: await session.cache.writeBlob(configBytes), size: configBytes.length };
  const baseLayers = (base?.manifest.layers ?? []).map(plainDescriptor);
  const manifestBytes = encodeManifest({
    config,
    layers: [...baseLayers, ...layers.map(({ descriptor }) => descriptor)],
    annotations: { ...omit(inherited, plan.dropped.annotations), ...composing.annotations },
  });
  const manifest = { mediaType: OCI_MANIFEST, digest: await session.cache.writeBlob(manifestBytes), bytes: manifestBytes };
  return {
    notices: [...notices, ...plan.notices, ...judged.notices],
    violations: judged.violations,
    result: {
      platform,
      described: { ...after.platform, ...base?.descriptor.platform },
      manifest,
      config: { descriptor: config, bytes: configBytes, before: base?.config, after },
      baseLayers,
      ownLayers: layers,
      dropped: plan.dropped,
    },
  };
}

/** By the declared policy; nothing where there is none. */
async function judge(
  { session, request }: Composing,
  { origins, ...facts }: Omit<PlatformFacts, "read"> & { readonly origins: TarOrigins },
): Promise<Judgement> {
  const { policy } = request.spec.inputs;
  if (policy === undefined) return { violations: [], notices: [] };
  const reader = new ContentReader(origins);
  try {
    const { judgePlatform } = await import("../policy/judge-platform.js");
    return await judgePlatform(session, policy, { ...facts, read: (content) => reader.read(content) });
  } finally {
    await reader.close();
  }
}

/** Adds layers, each with a history entry. Where the history of the base has too few entries, placeholders are added. */
function addLayers(config: ImageConfig, baseLayers: number, layers: readonly OwnLayer[]): ImageConfig {
  const created = config.created === undefined ? {} : { created: config.created };
  const listed = config.history.filter((entry) => entry["empty_layer"] !== true).length;
  const missing = Array.from({ length: Math.max(0, baseLayers - listed) }, (): JsonObject => ({
    ...created,
    comment: "layer of the base",
  }));
  const added = layers.map(({ title }): JsonObject => ({ ...created, created_by: `pulumi-dhi: ${title}` }));
  return {
    ...config,
    diffIds: [...config.diffIds, ...layers.map(({ diffId }) => diffId)],
    history: [...config.history, ...missing, ...added],
  };
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
  if (platform === undefined) throw new DhiError("invalid", `"${text}" is not a valid platform`, { property: "platforms" });
  return { platform, created: "1970-01-01T00:00:00Z", execution: {}, diffIds: [], history: [], rest: {} };
}

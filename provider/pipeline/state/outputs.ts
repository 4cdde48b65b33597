import { formatReference, formatRepository } from "../../image/reference.js";
import type { Digest } from "../../image/digest.js";
import { formatSize } from "../../text/format-size.js";
import { equalValues, type Value, type ValueMap } from "../../values.js";
import type { Composition } from "../compose/composition.js";
import { configChanges } from "./config-changes.js";
import { describeLayerRecords } from "./layer-records.js";
import type { ComposedOutput } from "./output-names.js";
import type { Notice } from "../notice.js";
import { resolutionValue, type Resolution } from "./resolution.js";
import type { ImageSpec } from "../spec/image-spec.js";

/** The outputs of a composition. */
export function describeComposition(
  spec: ImageSpec,
  resolution: Resolution,
  composition: Composition,
  reasons: readonly string[],
  notices: readonly Notice[],
): Readonly<Record<ComposedOutput, Value>> & ValueMap {
  const { digest } = composition.index;
  return {
    ...describeNames(spec, digest),
    platformDigests: Object.fromEntries(composition.platforms.map(({ platform, manifest }) => [platform, manifest.digest])),
    resolution: resolutionValue(resolution),
    reasons,
    notices: notices.map((notice) => ({ ...notice })),
    attestations: [],
    config: perPlatform(composition, ({ config }) => configChanges(config.before, config.after)),
    layers: perPlatform(composition, ({ ownLayers }) =>
      ownLayers.map(({ title, entries, descriptor }) => `${title}: ${String(entries)} entries, ${formatSize(descriptor.size)}`),
    ),
    __layers: describeLayerRecords(composition),
    ...describeBase(spec, resolution),
  };
}

/**
 * The outputs that depend only on the digest and the declared names. The digest alone pins `asBase`; its tag names what is built on the
 * image, whose id would change with each immutable tag.
 */
export function describeNames(spec: ImageSpec, digest: Digest): Readonly<Record<"digest" | "ref" | "tags" | "asBase", Value>> {
  return {
    digest,
    ref: formatReference({ repository: spec.destination, digest }),
    tags: Object.fromEntries(spec.tags.map(({ tag }) => [tag, digest])),
    asBase: { repository: formatRepository(spec.destination), version: `${spec.history?.primary ?? spec.tags[0].tag}@${digest}` },
  };
}

function describeBase({ base }: ImageSpec, resolution: Resolution): ValueMap {
  if (base === undefined || resolution.base === undefined) return {};
  const { digest, tag } = resolution.base;
  return { base: { ref: formatReference({ repository: base.repository, digest }), digest, tag } };
}

/** One value when all platforms agree, otherwise one for each platform. */
function perPlatform(composition: Composition, describe: (platform: Composition["platforms"][number]) => Value): Value {
  const all = composition.platforms.map((platform) => [platform.platform, describe(platform)] as const);
  const first = all[0]?.[1] ?? {};
  return all.every(([, value]) => equalValues(value, first)) ? first : Object.fromEntries(all);
}

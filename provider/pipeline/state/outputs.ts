import type { ImageConfig } from "../../image/config.js";
import { formatReference, formatRepository } from "../../image/reference.js";
import { compareBytes } from "../../image/json.js";
import type { Digest } from "../../image/digest.js";
import { formatSize } from "../../text/format-size.js";
import { equalValues, ownValue, type Value, type ValueMap } from "../../values.js";
import type { Composition } from "../compose/composition.js";
import { describeLayerRecords } from "./layer-records.js";
import type { ComposedOutput } from "./output-names.js";
import type { Notice } from "../notice.js";
import { resolutionValue, type Resolution } from "./resolution.js";
import type { ImageSpec } from "../spec/image-spec.js";

/** What the user is told of a composition that was made or found. */
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

/** The properties that follow from the digest and the declared names. */
export function describeNames(spec: ImageSpec, digest: Digest): Readonly<Record<"digest" | "ref" | "tags" | "asBase", Value>> {
  return {
    digest,
    ref: formatReference({ repository: spec.destination, digest }),
    tags: Object.fromEntries(spec.tags.map(({ tag }) => [tag, digest])),
    asBase: { repository: formatRepository(spec.destination), version: `${spec.tags[0].tag}@${digest}` },
  };
}

function describeBase({ base }: ImageSpec, resolution: Resolution): ValueMap {
  if (base === undefined || resolution.base === undefined) return {};
  const { digest, tag } = resolution.base;
  return { base: { ref: formatReference({ repository: base.repository, digest }), digest, tag } };
}

/** One value where all platforms agree, else one a platform. */
function perPlatform(composition: Composition, describe: (platform: Composition["platforms"][number]) => Value): Value {
  const all = composition.platforms.map((platform) => [platform.platform, describe(platform)] as const);
  const first = all[0]?.[1] ?? {};
  return all.every(([, value]) => equalValues(value, first)) ? first : Object.fromEntries(all);
}

/** The fields of the config that the customization changes: as the base has them, and as the image does. */
function configChanges(before: ImageConfig | undefined, after: ImageConfig): ValueMap {
  const pairs: readonly (readonly [string, Value | undefined, Value | undefined])[] = [
    ["entrypoint", before?.entrypoint, after.entrypoint],
    ["cmd", before?.cmd, after.cmd],
    ["user", before?.user, after.user],
    ["workingDirectory", before?.workingDirectory, after.workingDirectory],
  ];
  const environment = mapChanges(variables(before?.env ?? []), variables(after.env));
  const labels = mapChanges(before?.labels ?? {}, after.labels);
  return {
    ...Object.fromEntries(
      pairs.filter(([, base, image]) => !equalValues(base, image)).map(([name, base, image]) => [name, change(base, image)]),
    ),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

function mapChanges(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): ValueMap {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareBytes);
  const pairs = names.map((name) => [name, ownValue(before, name), ownValue(after, name)] as const);
  return Object.fromEntries(pairs.filter(([, old, now]) => old !== now).map(([name, old, now]) => [name, change(old, now)]));
}

function change(base: Value | undefined, image: Value | undefined): ValueMap {
  return { ...(base === undefined ? {} : { base }), ...(image === undefined ? {} : { image }) };
}

function variables(env: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    env.map((variable) => {
      const equals = variable.indexOf("=");
      return equals < 0 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
    }),
  );
}

import { once } from "../../provider/async/memo.js";
import { parseConfig } from "../../provider/image/config.js";
import { annotationsSchema, type Descriptor } from "../../provider/image/descriptor.js";
import type { Digest } from "../../provider/image/digest.js";
import { parseIndex, parseManifest, platformManifests, type Index, type Manifest } from "../../provider/image/manifest.js";
import { isIndexType, isManifestType, OCI_CONFIG } from "../../provider/image/media-types.js";
import { formatPlatform } from "../../provider/image/platform.js";
import { formatReference } from "../../provider/image/reference.js";
import { DhiError } from "../../provider/errors.js";
import type { ImageRepository } from "../../provider/registry/repository.js";

/** What an image says of itself. One platform speaks for all: builders write the same on each. */
export interface ReadImage {
  readonly digest: Digest;
  /** Of the index and of the manifests below it. */
  readonly manifests: ReadonlySet<Digest>;
  /** Of the index, over those of the manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Digests of the layers, for the first platform in the order of names. */
  readonly layers: readonly Digest[];
  /** The same for each platform. Read when it is asked for. */
  readonly allLayers: () => Promise<readonly (readonly Digest[])[]>;
  /** Of the config of the first platform. Read when it is asked for. */
  readonly facts: () => Promise<Facts>;
}

export interface Facts {
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. Undefined where it is missing, or set to nothing for reproducible builds. */
  readonly created: number | undefined;
}

const noFacts: Facts = { labels: {}, created: undefined };
export const MAX_CONFIG = 8 * 1024 * 1024;
/** Reproducible builds set `created` to the start of 1970, in whatever time zone. */
const LAST_FALSE_TIME = Date.UTC(1970, 0, 2);

/** Undefined where the image is gone, or is not an image. Throws `DhiError`. */
export async function readImage(repository: ImageRepository, digest: Digest): Promise<ReadImage | undefined> {
  const nameOf = (one: Digest): string => formatReference({ repository: repository.repository, digest: one });
  const readOne = async (one: Digest): Promise<Manifest | undefined> => {
    const stored = await repository.getManifest(one);
    return stored === undefined ? undefined : parseManifest(stored.bytes, nameOf(one));
  };
  const top = await repository.getManifest(digest);
  if (top === undefined) return undefined;
  const index = isIndexType(top.mediaType) ? parseIndex(top.bytes, nameOf(digest)) : undefined;
  if (index === undefined && !isManifestType(top.mediaType)) return undefined;
  const children = index === undefined ? [] : childrenOf(index);
  const first = index === undefined ? parseManifest(top.bytes, nameOf(digest)) : children[0] && (await readOne(children[0]));
  if (first === undefined) return undefined;
  const layersOf = (manifest: Manifest): readonly Digest[] => manifest.layers.map((layer) => layer.digest);
  const allLayers = once(async () => {
    const found = await Promise.all(children.slice(1).map(readOne));
    return [layersOf(first), ...found.filter((one) => one !== undefined).map(layersOf)];
  });
  return {
    digest,
    manifests: new Set([digest, ...children]),
    annotations: { ...first.annotations, ...index?.annotations },
    layers: layersOf(first),
    allLayers,
    facts: once(() => readFacts(repository, first.config, nameOf(digest))),
  };
}

/** The manifests of an index, by platform. */
function childrenOf(index: Index): readonly Digest[] {
  const images = platformManifests(index).filter(({ mediaType }) => isManifestType(mediaType));
  return images.sort((one, other) => (platformOf(one) < platformOf(other) ? -1 : 1)).map(({ digest }) => digest);
}

function platformOf({ platform, digest }: Descriptor): string {
  return platform === undefined ? digest : formatPlatform(platform);
}

/** None for what is not a container image, such as a Helm chart. */
async function readFacts(repository: ImageRepository, descriptor: Descriptor, what: string): Promise<Facts> {
  if (descriptor.mediaType !== OCI_CONFIG) return noFacts;
  if (descriptor.size > MAX_CONFIG) throw new DhiError("limit", `the config of ${what} is larger than 8 MiB`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of repository.readBlob(descriptor)) chunks.push(chunk);
  const { created, execution } = parseConfig(Buffer.concat(chunks), `the config of ${what}`);
  const time = created === undefined ? Number.NaN : Date.parse(created);
  return { labels: annotationsSchema.safeParse(execution["Labels"]).data ?? {}, created: time > LAST_FALSE_TIME ? time : undefined };
}

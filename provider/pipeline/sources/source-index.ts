import { once } from "../../async/memo.js";
import { DhiError } from "../../errors.js";
import type { ImageConfig } from "../../image/config.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import { platformManifests, type Index, type Manifest } from "../../image/manifest.js";
import { isIndexType, isManifestType } from "../../image/media-types.js";
import { formatPlatform } from "../../image/platform.js";
import type { Repository } from "../../image/reference.js";
import type { Notice } from "../notice.js";

/** Most images that an index may list. */
export const MAXIMUM_IMAGES = 512;

/** The image for one platform in a source. */
export interface SourceManifest {
  readonly repository: Repository;
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** Notices about how it was found. */
  readonly notices: readonly Notice[];
}

export type OpenManifest = () => Promise<SourceManifest>;

/** Reads the children of an index. */
export interface IndexReader {
  readonly openManifest: (descriptor: Descriptor) => Promise<SourceManifest>;
  readonly readIndex: (descriptor: Descriptor) => Promise<Index>;
}

interface Entry {
  readonly digest: Digest;
  readonly open: OpenManifest;
}

/**
 * The images of an index by platform. The first of several for one platform is used (OCI image spec, image-index.md, "manifests"), with a
 * notice. A nested index is followed, like in crane, but not one within that. Other content is ignored. `what`: the name of the index in
 * errors and notices.
 */
export async function listImages(
  index: Index,
  what: string,
  reader: IndexReader,
  isInner = false,
): Promise<ReadonlyMap<string, OpenManifest>> {
  const listed = platformManifests(index).filter(({ mediaType }) => isManifestType(mediaType) || isIndexType(mediaType));
  const found = new Map<string, Entry[]>();
  let count = listed.length;
  const refuseMany = (): void => {
    if (count > MAXIMUM_IMAGES)
      throw new DhiError("limit", `${what} lists ${String(count)} images: the limit is ${String(MAXIMUM_IMAGES)}`);
  };
  const add = (platform: string, entry: Entry): void => {
    const known = found.get(platform);
    if (known === undefined) found.set(platform, [entry]);
    else known.push(entry);
  };
  refuseMany();
  for (const descriptor of listed) {
    const { digest, platform } = descriptor;
    if (isIndexType(descriptor.mediaType)) {
      const images = once(() => openInner(descriptor, what, reader, isInner));
      if (platform !== undefined) {
        const name = formatPlatform(platform);
        add(name, { digest, open: once(() => openWithin(images, name, nameInner(what, digest))) });
        continue;
      }
      const inner = await images();
      count += inner.size - 1;
      refuseMany();
      for (const [name, open] of inner) add(name, { digest, open });
    } else {
      const open = once(() => reader.openManifest(descriptor));
      add(formatPlatform(platform ?? (await open()).config.platform), { digest, open });
    }
  }
  return new Map([...found].flatMap(([platform, entries]) => firstOf(platform, entries, what)));
}

async function openInner(
  descriptor: Descriptor,
  what: string,
  reader: IndexReader,
  isInner: boolean,
): Promise<ReadonlyMap<string, OpenManifest>> {
  if (isInner) {
    throw new DhiError("invalid", `${what} lists another index, ${descriptor.digest}: only one level of nested indexes is supported`, {
      hint: "Use the digest of the image's own index",
    });
  }
  return listImages(await reader.readIndex(descriptor), nameInner(what, descriptor.digest), reader, true);
}

async function openWithin(
  images: () => Promise<ReadonlyMap<string, OpenManifest>>,
  platform: string,
  inner: string,
): Promise<SourceManifest> {
  const found = await images();
  const open = found.get(platform);
  if (open !== undefined) return open();
  const has = [...found.keys()].sort().join(", ");
  throw new DhiError("not-found", `${inner} is listed for ${platform}, but has ${has === "" ? "no image" : has}`);
}

/** An index within `what`. */
export function nameInner(what: string, digest: Digest): string {
  return `the index ${digest} within ${what}`;
}

function firstOf(platform: string, entries: readonly Entry[], what: string): readonly (readonly [string, OpenManifest])[] {
  const [first] = entries;
  if (first === undefined) return [];
  const others = [...new Set(entries.map(({ digest }) => digest))].filter((digest) => digest !== first.digest);
  const [other, ...more] = others;
  if (other === undefined) return [[platform, first.open]];
  const rest = more.length === 0 ? other : `${other} or ${String(more.length)} more`;
  const message = `${what} lists ${platform} ${String(others.length + 1)} times; the first one is used, ${first.digest}, not ${rest}`;
  const notice: Notice = { kind: "duplicate-platform", message };
  return [
    [
      platform,
      once(async () => {
        const source = await first.open();
        return { ...source, notices: [...source.notices, notice] };
      }),
    ],
  ];
}

import { z } from "zod";
import { digestOf, digestSchema, hexOf, isDigest, type Digest } from "../../image/digest.js";
import { isObject, parseObject } from "../../image/json.js";
import { listOf, orAbsent } from "../../image/lenient.js";
import { OCI_INDEX } from "../../image/media-types.js";
import { readFields } from "../../registry/manifests.js";
import type { StoredManifest } from "../../registry/repository.js";

/** The tags that cosign keeps signatures, attestations and SBOMs of an image under. */
const cosignEndings = [".sig", ".att", ".sbom"] as const;

/** The tag of an index of all referrers, where a registry has no list of its own (distribution spec, "Referrers Tag Schema"). */
export function fallbackTag(subject: Digest): string {
  return `sha256-${hexOf(subject)}`;
}

export function cosignTags(subject: Digest): readonly string[] {
  return cosignEndings.map((ending) => `${fallbackTag(subject)}${ending}`);
}

/** Whether a tag is one of these, of whatever image: it is copied with its image and never chosen by a glob. */
export function isAttachedTag(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/.test(tag);
}

const listSchema = z.object({ manifests: listOf(z.object({ digest: digestSchema })) });

/** The referrers that the index under a fallback tag names; none where it is something else. */
export function referrersOf(index: StoredManifest): readonly Digest[] {
  return readFields(index.bytes, listSchema)?.manifests.map(({ digest }) => digest) ?? [];
}

const referrerSchema = z.object({
  artifactType: orAbsent(z.string()),
  config: orAbsent(z.object({ mediaType: z.string() })),
  annotations: orAbsent(z.record(z.string(), z.string())),
});

/** A descriptor of a referrer as the distribution spec wants it in such an index. */
function describe({ bytes, digest, mediaType }: StoredManifest): object {
  const { artifactType, config, annotations } = readFields(bytes, referrerSchema) ?? {};
  const type = artifactType ?? config?.mediaType;
  return {
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(type === undefined ? {} : { artifactType: type }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** The index with these referrers besides those that it has, whose descriptors stay as they are; `index` itself where it has them all. */
export function withReferrers(index: StoredManifest | undefined, referrers: readonly StoredManifest[]): StoredManifest {
  const known = index === undefined ? [] : referrersOf(index);
  const missing = referrers.filter(({ digest }) => !known.includes(digest));
  if (index !== undefined && missing.length === 0) return index;
  const before = index === undefined ? { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] } : parseObject(index.bytes, index.digest);
  const kept: readonly unknown[] = Array.isArray(before["manifests"]) ? before["manifests"] : [];
  const bytes = Buffer.from(JSON.stringify({ ...before, manifests: [...kept, ...missing.map(describe)] }));
  return { mediaType: OCI_INDEX, digest: digestOf(bytes), bytes };
}

/** The index without these referrers; `index` itself where it has none of them. */
export function withoutReferrers(index: StoredManifest, referrers: ReadonlySet<Digest>): StoredManifest {
  if (!referrersOf(index).some((digest) => referrers.has(digest))) return index;
  const before = parseObject(index.bytes, index.digest);
  const listed: readonly unknown[] = Array.isArray(before["manifests"]) ? before["manifests"] : [];
  const manifests = listed.filter((entry) => !isObject(entry) || !isDigest(entry["digest"]) || !referrers.has(entry["digest"]));
  const bytes = Buffer.from(JSON.stringify({ ...before, manifests }));
  return { mediaType: OCI_INDEX, digest: digestOf(bytes), bytes };
}

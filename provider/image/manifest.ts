import { z } from "zod";
import { annotationsSchema, descriptorSchema, type Descriptor } from "./descriptor.js";
import { guarded } from "./guarded.js";
import { findTwins } from "./json-twins.js";
import { parseJson, sortKeys, type JsonObject } from "./json.js";
import type { Immutable } from "./lenient.js";
import { isIndexType, isManifestType, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from "./media-types.js";
import { formatPlatform, isUnknownPlatform } from "./platform.js";

const annotations = annotationsSchema.catch({});

const manifestFields = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema), annotations });

/** OCI image spec, manifest.md; Docker's v2 schema 2 has the same fields. Media types are OCI names. */
export type Manifest = Immutable<z.output<typeof manifestFields>>;

const manifestSchema = guarded(z.object({ schemaVersion: z.literal(2), ...manifestFields.shape }), findAmbiguity)
  .transform(({ schemaVersion: _, ...manifest }): Manifest => manifest)
  .superRefine((manifest, context) => {
    const message = findTwoSizes([manifest.config, ...manifest.layers]);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const indexFields = z.object({ manifests: z.array(descriptorSchema), annotations });

/** OCI image spec, image-index.md. */
export type Index = Immutable<z.output<typeof indexFields>>;

const indexSchema = guarded(indexFields, findAmbiguity);

/** Throws `DhiError` "invalid" when `bytes` is not an image manifest. `what` names it in the error. */
export function parseManifest(bytes: Uint8Array, what: string): Manifest {
  return parseJson(bytes, manifestSchema, what);
}

/** Throws `DhiError` "invalid" when `bytes` is not an image index. */
export function parseIndex(bytes: Uint8Array, what: string): Index {
  return parseJson(bytes, indexSchema, what);
}

/** The images of an index, without the attestations that BuildKit lists as `unknown/unknown`. */
export function platformManifests(index: Index): readonly Descriptor[] {
  return index.manifests.filter(({ platform }) => platform === undefined || !isUnknownPlatform(platform));
}

/** Fields have a fixed order and maps are sorted, so that equal manifests are encoded to equal bytes. */
export function encodeManifest(manifest: Manifest): Buffer {
  return encode({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: orderDescriptor({ ...manifest.config, mediaType: OCI_CONFIG }),
    layers: manifest.layers.map(orderDescriptor),
    ...annotationsOf(manifest.annotations),
  });
}

/** Images ordered by platform. */
export function encodeIndex(index: Index): Buffer {
  const key = ({ platform, digest }: Descriptor): string => `${platform === undefined ? "" : formatPlatform(platform)} ${digest}`;
  const manifests = [...index.manifests].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return encode({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: manifests.map(orderDescriptor), ...annotationsOf(index.annotations) });
}

/** Why JSON is ambiguous: some tools would read it as a manifest and others as an index (CVE-2021-41190), or with other fields. */
function findAmbiguity(json: JsonObject): string | undefined {
  const twins = findTwins(json);
  if (twins !== undefined) return twins;
  const isIndex = json["manifests"] !== undefined;
  if (isIndex && ["config", "layers", "fsLayers"].some((name) => json[name] !== undefined))
    return "has the fields of an image manifest and of an index";
  const { mediaType } = json;
  if (typeof mediaType !== "string" || !(isIndex ? isManifestType(mediaType) : isIndexType(mediaType))) return undefined;
  return `has the media type ${mediaType}, but the fields of an ${isIndex ? "index" : "image manifest"}`;
}

/** A blob that is listed several times must have one size. */
function findTwoSizes(descriptors: readonly Descriptor[]): string | undefined {
  const sizes = new Map<string, number>();
  for (const { digest, size } of descriptors) {
    const other = sizes.get(digest) ?? size;
    if (other !== size) return `lists ${digest} with two sizes, ${String(other)} and ${String(size)}`;
    sizes.set(digest, size);
  }
  return undefined;
}

function orderDescriptor(descriptor: Descriptor): JsonObject {
  const { mediaType, digest, size, platform, annotations } = descriptor;
  return { mediaType, digest, size, ...(platform === undefined ? {} : { platform }), ...annotationsOf(annotations ?? {}) };
}

function annotationsOf(annotations: Readonly<Record<string, string>>): JsonObject {
  return Object.keys(annotations).length === 0 ? {} : { annotations: sortKeys(annotations) };
}

function encode(value: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(value));
}

import { DhiError } from "../errors.js";
import type { Descriptor } from "./descriptor.js";
import { isDigest } from "./digest.js";
import { refuseTwins } from "./json-twins.js";
import { isObject, parseObject, sortKeys, stringMap, type JsonObject } from "./json.js";
import { isIndexType, isManifestType, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, ociMediaType } from "./media-types.js";
import { formatPlatform, isUnknownPlatform, parsePlatformObject } from "./platform.js";

/** OCI image spec, manifest.md; Docker's v2 schema 2 has the same fields. Media types are OCI names. */
export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** OCI image spec, image-index.md. */
export interface Index {
  readonly manifests: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** Throws `DhiError` "invalid" when `bytes` is no image manifest. `what` names it in the error. */
export function parseManifest(bytes: Uint8Array, what: string): Manifest {
  const json = parseObject(bytes, what);
  if (json["schemaVersion"] !== 2 || !Array.isArray(json["layers"])) {
    throw new DhiError("invalid", `${what} is no image manifest of schema version 2`);
  }
  refuseAmbiguous(json, what);
  const manifest = {
    config: parseDescriptor(json["config"], what),
    layers: json["layers"].map((layer) => parseDescriptor(layer, what)),
    annotations: stringMap(json["annotations"]) ?? {},
  };
  refuseTwoSizes([manifest.config, ...manifest.layers], what);
  return manifest;
}

/** Throws `DhiError` "invalid" when `bytes` is no image index. */
export function parseIndex(bytes: Uint8Array, what: string): Index {
  const json = parseObject(bytes, what);
  if (!Array.isArray(json["manifests"])) throw new DhiError("invalid", `${what} is no image index`);
  refuseAmbiguous(json, what);
  return {
    manifests: json["manifests"].map((manifest) => parseDescriptor(manifest, what)),
    annotations: stringMap(json["annotations"]) ?? {},
  };
}

/** The images of an index, without what BuildKit attaches as `unknown/unknown`. */
export function platformManifests(index: Index): readonly Descriptor[] {
  return index.manifests.filter(({ platform }) => platform === undefined || !isUnknownPlatform(platform));
}

/** Fields in one order and maps sorted, so that equal manifests are equal bytes. */
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

/** What some tools would read as a manifest and others as an index (CVE-2021-41190), or with other fields, is neither. */
function refuseAmbiguous(json: JsonObject, what: string): void {
  refuseTwins(json, what);
  const isIndex = json["manifests"] !== undefined;
  if (isIndex && ["config", "layers", "fsLayers"].some((name) => json[name] !== undefined)) {
    throw new DhiError("invalid", `${what} has the fields of an image manifest and of an index`);
  }
  const { mediaType } = json;
  if (typeof mediaType === "string" && (isIndex ? isManifestType(mediaType) : isIndexType(mediaType))) {
    throw new DhiError("invalid", `${what} calls itself ${mediaType}, and has the fields of an ${isIndex ? "index" : "image manifest"}`);
  }
}

/** A blob has one size, however often it is named. */
function refuseTwoSizes(descriptors: readonly Descriptor[], what: string): void {
  const sizes = new Map<string, number>();
  for (const { digest, size } of descriptors) {
    const other = sizes.get(digest) ?? size;
    if (other !== size) throw new DhiError("invalid", `${what} names ${digest} with two sizes, ${String(other)} and ${String(size)}`);
    sizes.set(digest, size);
  }
}

function parseDescriptor(value: unknown, what: string): Descriptor {
  if (isObject(value)) refuseTwins(value, what);
  if (!isObject(value) || !isDigest(value["digest"]) || typeof value["mediaType"] !== "string" || !isSize(value["size"])) {
    throw new DhiError("invalid", `${what} has a descriptor without a media type, a SHA-256 digest or a size`);
  }
  const annotations = stringMap(value["annotations"]);
  const platform = parsePlatformObject(value["platform"]);
  return {
    mediaType: ociMediaType(value["mediaType"]),
    digest: value["digest"],
    size: value["size"],
    ...(platform === undefined ? {} : { platform }),
    ...(annotations === undefined ? {} : { annotations }),
  };
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

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

import { z } from "zod";
import { DhiError } from "../errors.js";
import { digestOf, digestSchema, isDigest, type Digest } from "../image/digest.js";
import { jsonObject, readJson } from "../image/json.js";
import { orAbsent } from "../image/lenient.js";
import { DOCKER_INDEX, DOCKER_MANIFEST, DOCKER_SCHEMA_1, OCI_INDEX, OCI_MANIFEST } from "../image/media-types.js";
import { isTag } from "../image/reference.js";
import type { StoredManifest } from "./repository.js";

/** Registries convert or reject manifests of other media types. */
export const ACCEPTED = [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST].join(", ");

/** Most bytes of a manifest (distribution spec, "Pushing Manifests"). */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;

/** Throws `DhiError` "invalid" when the reference is neither a tag nor a digest. */
export function checkReference(reference: string): string {
  if (isTag(reference) || isDigest(reference)) return reference;
  throw new DhiError("invalid", `"${reference}" is neither a tag nor a digest`);
}

/** `manifest "3.13"` or `manifest sha256:…`, for errors. */
export function nameManifest(reference: string): string {
  return isDigest(reference) ? `manifest ${reference}` : `tag "${reference}"`;
}

/** Verifies bytes against the requested digest and the one in the response. Throws `DhiError` "mismatch". */
export function checkManifest(
  bytes: Buffer,
  mediaType: string | undefined,
  wanted: string,
  named: string | undefined,
  where: string,
): StoredManifest {
  if (bytes.byteLength > MANIFEST_LIMIT) throw new DhiError("limit", `${nameManifest(wanted)} in ${where} is larger than 4 MiB`);
  const digest = digestOf(bytes);
  for (const expected of [wanted, named]) {
    if (isDigest(expected) && expected !== digest) {
      throw new DhiError("mismatch", `${nameManifest(wanted)} in ${where} is damaged: expected the digest ${expected}, got ${digest}`, {
        hint: "Push or mirror the image again",
      });
    }
  }
  return { mediaType: manifestType(bytes, mediaType, wanted, where), digest, bytes };
}

/** The media type of a manifest: its own, or else that of the Content-Type (`named`). Throws `DhiError` "invalid". */
export function manifestType(bytes: Uint8Array, named: string | undefined, wanted: string, where: string): string {
  const own = ownType(bytes);
  if (own !== undefined) return own;
  const plain = named?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (readFields(bytes, jsonObject) !== undefined && plain.startsWith("application/vnd.")) return plain;
  throw new DhiError("invalid", `${nameManifest(wanted)} in ${where} is not a manifest`);
}

const marks = z.object({
  mediaType: orAbsent(z.string()),
  manifests: orAbsent(z.array(z.unknown())),
  layers: orAbsent(z.array(z.unknown())),
  schemaVersion: orAbsent(z.number()),
});

/**
 * The media type of a manifest by its bytes alone, so that it does not depend on the Content-Type: its field `mediaType`, or derived from
 * its other fields (OCI image spec, manifest.md and image-index.md). Undefined for what is neither an image nor an index.
 */
export function ownType(bytes: Uint8Array): string | undefined {
  const found = readFields(bytes, marks);
  if (found?.mediaType !== undefined) return found.mediaType;
  if (found?.manifests !== undefined) return OCI_INDEX;
  if (found?.layers !== undefined) return OCI_MANIFEST;
  return found?.schemaVersion === 1 ? DOCKER_SCHEMA_1 : undefined;
}

const referrer = z.object({ subject: z.object({ digest: digestSchema }) });

/** What a manifest refers to (OCI image spec, manifest.md, "subject"). */
export function subjectOf(bytes: Uint8Array): Digest | undefined {
  return readFields(bytes, referrer)?.subject.digest;
}

/** The fields of a manifest, if it has this shape. Strings need not be UTF-8: registries accept such manifests, like Go. */
export function readFields<T>(bytes: Uint8Array, schema: z.ZodType<T>): T | undefined {
  return readJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"), schema);
}

export function digestHeader(headers: Readonly<Record<string, string>>): Digest | undefined {
  const named = headers["docker-content-digest"];
  return isDigest(named) ? named : undefined;
}

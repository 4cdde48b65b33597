import { z } from "zod";
import { digestOf, type Digest } from "./digest.js";
import { readJson } from "./json.js";
import { OCI_MANIFEST } from "./media-types.js";

const EMPTY = "application/vnd.oci.empty.v1+json";
const TYPE = "application/vnd.pulumi-dhi.deleted.v1";

const throwAway = z.object({ artifactType: z.literal(TYPE) });

/** The only blob of a throw-away manifest (OCI image spec, manifest.md, "Guidance for an Empty Descriptor"). */
export const emptyBlob: Buffer = Buffer.from("{}");
export const emptyDescriptor = { mediaType: EMPTY, digest: digestOf(emptyBlob), size: emptyBlob.byteLength } as const;

/** The deletion that a throw-away manifest is made for. */
export interface DeletedTag {
  /** The repository's name, without its host. */
  readonly repository: string;
  readonly tag: string;
  /** The digest that the tag pointed at. */
  readonly former: Digest;
}

export interface ThrowAwayManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/**
 * The manifest that a tag points at just before it is deleted, on a registry that deletes only by digest. Its bytes are derived from
 * state, so that an interrupted deletion is recognized by its digest. They contain tag and repository, so that concurrent deletions never
 * share one: deleting it removes every tag that points at it. The bytes must be the same in every release.
 */
export function throwAwayManifest(deleted: DeletedTag): ThrowAwayManifest {
  return encode(deleted, {});
}

/** A manifest that no tag ever points at, to test whether a registry deletes by digest. */
export function trialManifest(deleted: DeletedTag): ThrowAwayManifest {
  return encode(deleted, { "dev.pulumi-dhi.deleted.trial": "true" });
}

/** Whether these bytes are a throw-away manifest of any release of pulumi-dhi. They do not prove for which tag it was made. */
export function isThrowAway(bytes: Uint8Array): boolean {
  return readJson(bytes, throwAway) !== undefined;
}

function encode({ repository, tag, former }: DeletedTag, more: Readonly<Record<string, string>>): ThrowAwayManifest {
  const content = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: TYPE,
    config: emptyDescriptor,
    layers: [emptyDescriptor],
    annotations: {
      "dev.pulumi-dhi.deleted.repository": repository,
      "dev.pulumi-dhi.deleted.tag": tag,
      "dev.pulumi-dhi.deleted.digest": former,
      ...more,
    },
  };
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes };
}

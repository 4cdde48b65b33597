import { z } from "zod";
import { digestOf, type Digest } from "./digest.js";
import { readJson } from "./json.js";
import { OCI_MANIFEST } from "./media-types.js";

const EMPTY = "application/vnd.oci.empty.v1+json";
const TYPE = "application/vnd.pulumi-dhi.deleted.v1";

const throwAway = z.object({ artifactType: z.literal(TYPE) });

/** The one blob of every throw-away manifest (OCI image spec, manifest.md, "Guidance for an Empty Descriptor"). */
export const emptyBlob: Buffer = Buffer.from("{}");
export const emptyDescriptor = { mediaType: EMPTY, digest: digestOf(emptyBlob), size: emptyBlob.byteLength } as const;

/** What a throw-away manifest is made for. */
export interface DeletedTag {
  /** The repository's name, without its host. */
  readonly repository: string;
  readonly tag: string;
  /** What the tag pointed at. */
  readonly former: Digest;
}

export interface ThrowAwayManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/**
 * Stands under a tag for the moment between its old image and nothing, where a registry deletes by digest alone. Its bytes follow from
 * what state knows, so that a deletion that was interrupted is recognised by its digest. Tag and repository are in it because deleting
 * it takes every tag that points at it: two deletions at a time never share one. Its bytes must be the same in every release.
 */
export function throwAwayManifest(deleted: DeletedTag): ThrowAwayManifest {
  return encode(deleted, {});
}

/** The same without a tag ever pointing at it: tells whether a registry deletes by digest. */
export function trialManifest(deleted: DeletedTag): ThrowAwayManifest {
  return encode(deleted, { "dev.pulumi-dhi.deleted.trial": "true" });
}

/** Whether some release of this project made these bytes for a deletion; of which tag, they do not prove. */
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

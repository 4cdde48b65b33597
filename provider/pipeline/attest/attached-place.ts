import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import { formatReference } from "../../image/reference.js";
import type { ImageRepository, StoredManifest } from "../../registry/repository.js";
import { fallbackTag } from "../mirror/attached-tags.js";
import { markOf, parseCosignTag } from "./cosign-tag.js";
import { readReferrers, type ReferrerList } from "./referrer-list.js";

/** What a tag of cosign has. */
export interface CosignPlace {
  readonly tag: string;
  readonly stored: StoredManifest | undefined;
  readonly layers: readonly Descriptor[];
  /** Of the layers. */
  readonly marks: ReadonlySet<Digest>;
}

/** What a repository has attached to one subject, by whomever. */
export interface AttachedPlace {
  readonly referrers: ReferrerList;
  /** Signatures of the image. */
  readonly sig: CosignPlace;
  /** Signed statements. */
  readonly att: CosignPlace;
}

export async function readPlace(repository: ImageRepository, subject: Digest): Promise<AttachedPlace> {
  const [referrers, sig, att] = await Promise.all([
    readReferrers(repository, subject),
    readCosign(repository, `${fallbackTag(subject)}.sig`),
    readCosign(repository, `${fallbackTag(subject)}.att`),
  ]);
  return { referrers, sig, att };
}

async function readCosign(repository: ImageRepository, tag: string): Promise<CosignPlace> {
  const stored = await repository.getManifest(tag);
  const { layers } = parseCosignTag(stored, formatReference({ repository: repository.repository, tag }));
  return { tag, stored, layers, marks: new Set(layers.map(markOf)) };
}

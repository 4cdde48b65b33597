import { blame, DhiError } from "../../errors.js";
import { parseIndex } from "../../image/manifest.js";
import { isIndexType } from "../../image/media-types.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository, parseReference, type Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import { BASE_NAME_ANNOTATION, LAYOUT_ANNOTATION } from "./composition.js";
import { readManifest } from "./source-image.js";
import type { ImageSpec } from "./spec.js";

/** What a tag of the destination points at. "ours": it has a digest of ours, or an image that this project made of the same base. */
export type TagState = { readonly is: "absent" } | { readonly is: "ours" | "foreign"; readonly digest: Digest };

/** One question a tag; a tag whose digest is not one of `known` costs its index as well. */
export async function inspectTags(session: Session, spec: ImageSpec, known: readonly Digest[]): Promise<ReadonlyMap<string, TagState>> {
  const repository = session.repositories.open(spec.destination);
  const states = spec.tags.map(async ({ tag, property }): Promise<[string, TagState]> =>
    blame({ origin: "destination", property }, async () => {
      const head = await repository.headManifest(tag);
      if (head === undefined) return [tag, { is: "absent" }];
      const ours = known.includes(head.digest) || (await isOurs(session, spec, head.digest));
      return [tag, { is: ours ? "ours" : "foreign", digest: head.digest }];
    }),
  );
  return new Map(await Promise.all(states));
}

async function isOurs(session: Session, spec: ImageSpec, digest: Digest): Promise<boolean> {
  const stored = await readManifest(session, spec.destination, digest);
  if (stored === undefined || !isIndexType(stored.mediaType)) return false;
  const { annotations } = parseIndex(stored.bytes, digest);
  if (annotations[LAYOUT_ANNOTATION] === undefined) return false;
  return (
    baseRepository(annotations[BASE_NAME_ANNOTATION]) === (spec.base === undefined ? undefined : formatRepository(spec.base.repository))
  );
}

/** Without the tag, so that an image of 3.13 may follow one of 3.12 under `latest`. */
function baseRepository(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    return formatRepository(parseReference(name).repository);
  } catch (thrown) {
    if (thrown instanceof DhiError) return name;
    throw thrown;
  }
}

/** Throws the first of `foreignTags`. */
export function refuseForeignTags(spec: ImageSpec, states: ReadonlyMap<string, TagState>, digest: Digest | undefined): void {
  const [first] = foreignTags(spec, states, digest);
  if (first !== undefined) throw first;
}

/** Errors for tags that would be taken from somebody else; a tag that points at `digest` already is taken from nobody. */
export function foreignTags(spec: ImageSpec, states: ReadonlyMap<string, TagState>, digest: Digest | undefined): readonly DhiError[] {
  if (spec.content.overwrite === true) return [];
  return spec.tags.flatMap(({ tag, property }) => {
    const state = states.get(tag);
    return state?.is === "foreign" && state.digest !== digest ? [foreignTag(spec.destination, tag, property, state.digest)] : [];
  });
}

function foreignTag(destination: Repository, tag: string, property: string, digest: Digest): DhiError {
  return new DhiError("conflict", `the tag ${tag} in ${formatRepository(destination)} points at ${digest}, which is not ours`, {
    origin: "destination",
    property,
    hint: "Choose another tag, or set overwrite: true to take it over",
  });
}

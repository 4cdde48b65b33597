import { blame, DhiError } from "../../errors.js";
import { parseIndex } from "../../image/manifest.js";
import { isIndexType } from "../../image/media-types.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository, parseReference } from "../../image/reference.js";
import { isThrowAway } from "../../image/throw-away-manifest.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { Session } from "../session.js";
import { BASE_NAME_ANNOTATION, LAYOUT_ANNOTATION } from "../annotations.js";
import { ownDigests, pointsAtOwn } from "./own-digests.js";
import { hasPublished } from "./published-record.js";
import { readManifest } from "../sources/source-image.js";
import { formatId, identityOf, type ImageSpec } from "../spec/image-spec.js";

/**
 * What a tag of the destination points at. "ours": it has a digest that state knows, or what an interrupted deletion of one left, or an
 * image that this project made of the same base, or one that this resource has published from this machine. `deletion`: it stands where an unknown deletion was interrupted.
 */
export type TagState =
  | { readonly is: "absent" }
  | { readonly is: "ours"; readonly digest: Digest }
  | { readonly is: "foreign"; readonly digest: Digest; readonly deletion?: boolean };

/** One question a tag; a tag whose digest is not one of `known`, or known of state, costs its manifest as well. */
export async function inspectTags(session: Session, spec: ImageSpec, known: readonly Digest[]): Promise<ReadonlyMap<string, TagState>> {
  const { destination } = spec;
  const repository = session.repositories.open(destination);
  const states = spec.tags.map(async ({ tag, property }): Promise<[string, TagState]> =>
    blame({ origin: "destination", property }, async () => {
      const head = await repository.headManifest(tag);
      if (head === undefined) return [tag, { is: "absent" }];
      const { digest } = head;
      if (pointsAtOwn(destination, tag, digest, [...known, ...ownDigests(session, destination, tag)])) return [tag, { is: "ours", digest }];
      return [tag, await judge(session, spec, digest)];
    }),
  );
  return new Map(await Promise.all(states));
}

async function judge(session: Session, spec: ImageSpec, digest: Digest): Promise<TagState> {
  const stored = await readManifest(session, spec.destination, digest);
  if (stored === undefined) return { is: "foreign", digest };
  if (isOurs(spec, stored) || (await hasPublished(session, formatId(identityOf(spec)), digest))) return { is: "ours", digest };
  return { is: "foreign", digest, ...(isThrowAway(stored.bytes) ? { deletion: true } : {}) };
}

/**
 * An image from scratch says nothing that ties it to one resource: whoever publishes by this project writes the same.
 * State vouches for it, and the record of an update that was killed before it could tell state.
 */
function isOurs({ base }: ImageSpec, stored: StoredManifest): boolean {
  if (base === undefined || !isIndexType(stored.mediaType)) return false;
  const annotations = annotationsOf(stored);
  return (
    annotations[LAYOUT_ANNOTATION] !== undefined && baseRepository(annotations[BASE_NAME_ANNOTATION]) === formatRepository(base.repository)
  );
}

/** None of what is no index, whatever it calls itself: that is somebody else's, and may be taken over like any other. */
function annotationsOf({ bytes, digest }: StoredManifest): Readonly<Record<string, string>> {
  try {
    return parseIndex(bytes, digest).annotations;
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "invalid") return {};
    throw thrown;
  }
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
  if (spec.inputs.overwrite === true) return [];
  return spec.tags.flatMap(({ tag, property }) => {
    const state = states.get(tag);
    if (state?.is !== "foreign" || pointsAtOwn(spec.destination, tag, state.digest, [digest])) return [];
    return [foreignTag(spec, tag, property, state)];
  });
}

function foreignTag(
  { base, destination }: ImageSpec,
  tag: string,
  property: string,
  { digest, deletion }: Extract<TagState, { is: "foreign" }>,
): DhiError {
  const what = deletion === true ? "what an interrupted deletion left, which this stack's state does not know" : "which is not ours";
  const where = `the tag ${tag} in ${formatRepository(destination)} points at ${digest}`;
  // An image from scratch that was published before state was lost, or from a machine that was, comes here too.
  const adopt = base === undefined ? ". Only state tells whose an image from scratch is: see adopting in docs/operations.md" : "";
  return new DhiError("conflict", `${where}, ${what}`, {
    origin: "destination",
    property,
    hint: `Choose another tag, or set overwrite: true to take it over${adopt}`,
  });
}

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
 * What a tag of the destination points at. "ours": a digest in state, the throw-away manifest of its interrupted deletion, an image that
 * pulumi-dhi composed from the same base, or a digest that this resource has published from this machine. `deletion`: the throw-away
 * manifest of an unknown deletion.
 */
export type TagState =
  | { readonly is: "absent" }
  | { readonly is: "ours"; readonly digest: Digest }
  | { readonly is: "foreign"; readonly digest: Digest; readonly deletion?: boolean };

/** One request a tag, and a second one for the manifest when the digest is neither in `known` nor in state. */
export async function inspectTags(session: Session, spec: ImageSpec, known: readonly Digest[]): Promise<ReadonlyMap<string, TagState>> {
  const { destination } = spec;
  const repository = session.repositories.open(destination);
  const states = spec.tags.map(async ({ tag, property }): Promise<[string, TagState]> =>
    blame({ origin: "destination", property }, async () => {
      const head = await repository.headManifest(tag);
      if (head === undefined) return [tag, { is: "absent" }];
      const { digest } = head;
      if (pointsAtOwn(destination, tag, digest, [...known, ...ownDigests(session, destination, tag)])) return [tag, { is: "ours", digest }];
      return [tag, await classify(session, spec, digest)];
    }),
  );
  return new Map(await Promise.all(states));
}

async function classify(session: Session, spec: ImageSpec, digest: Digest): Promise<TagState> {
  const stored = await readManifest(session, spec.destination, digest);
  if (stored === undefined) return { is: "foreign", digest };
  if (isOurs(spec, stored) || (await hasPublished(session, formatId(identityOf(spec)), digest))) return { is: "ours", digest };
  return { is: "foreign", digest, ...(isThrowAway(stored.bytes) ? { deletion: true } : {}) };
}

/**
 * An image from scratch has nothing that ties it to one resource: every user of pulumi-dhi writes the same annotations. Only state, or the
 * record of an update that was killed before it could write state, shows whose it is.
 */
function isOurs({ base }: ImageSpec, stored: StoredManifest): boolean {
  if (base === undefined || !isIndexType(stored.mediaType)) return false;
  const annotations = annotationsOf(stored);
  return (
    annotations[LAYOUT_ANNOTATION] !== undefined && baseRepository(annotations[BASE_NAME_ANNOTATION]) === formatRepository(base.repository)
  );
}

/** Empty for an invalid index, which belongs to someone else and can be overwritten like any other. */
function annotationsOf({ bytes, digest }: StoredManifest): Readonly<Record<string, string>> {
  try {
    return parseIndex(bytes, digest).annotations;
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "invalid") return {};
    throw thrown;
  }
}

/** Without the tag, so that an image of 3.13 may replace one of 3.12 under `latest`. */
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

/** Errors for tags that belong to someone else, except those that already point at `digest`. */
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
  const what =
    deletion === true ? "which an interrupted deletion left, but not one in this stack's state" : "which this stack did not publish";
  const where = `the tag ${tag} in ${formatRepository(destination)} points at ${digest}`;
  // Also reached by an image from scratch when the state or the machine that published it is lost.
  const adopt = base === undefined ? ". Only state shows who owns an image from scratch: see adopting in docs/operations.md" : "";
  return new DhiError("conflict", `${where}, ${what}`, {
    origin: "destination",
    property,
    hint: `Choose another tag, or set overwrite: true to replace it${adopt}`,
  });
}

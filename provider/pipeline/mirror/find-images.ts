import { mapParallel } from "../../async/parallel.js";
import { blame, DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { parseIndex } from "../../image/manifest.js";
import { isIndexType } from "../../image/media-types.js";
import { formatReference, formatRepository, type Repository } from "../../image/reference.js";
import { resolveReference } from "../resolve/resolve-reference.js";
import type { Session } from "../session.js";
import { readManifest } from "../sources/source-image.js";
import { findAttached, type Attached } from "./find-attached.js";
import { requireVerified } from "../verify/verified.js";
import type { ValueMap } from "../../values.js";
import type { MirrorSpec } from "./mirror-spec.js";
import { ripenImages, type MirrorRipening, type RipeImages } from "./ripen-images.js";
import { needsListing, selectTags, type FoundImage } from "./select.js";

const jobs = 8;

/** What the source has of what is wanted. */
export interface Found extends Pick<RipeImages, "sights" | "notices"> {
  readonly images: readonly FoundImage[];
  readonly attached: Attached;
  /** What to keep in state of images that were verified. */
  readonly verified: ValueMap;
  /** The images, and the manifests below them. */
  readonly manifests: ReadonlySet<Digest>;
}

/** What state knows of a mirror. */
export type KnownMirror = Omit<MirrorRipening, "minimum"> & { readonly attached: Attached };

/** Asks the source: its tags, what they point at, and what belongs to these. Throws `DhiError` "not-found" for a tag that is not there. */
export async function findImages(session: Session, spec: MirrorSpec, known: KnownMirror): Promise<Found> {
  const { source, select, referrers } = spec;
  const tags = await blame({ property: "source" }, () =>
    needsListing(select) || referrers.length > 0 ? session.repositories.open(source).listTags() : Promise.resolve(undefined),
  );
  const there = await mapParallel(selectTags(select, tags ?? [], source), jobs, async (selected) => ({
    ...selected,
    digest: await blame({ property: selected.property }, () => resolveTag(session, source, selected.tag)),
  }));
  const ripe = await ripenImages(session, source, there, { ...known, minimum: spec.minimumAge });
  const { images, stays, sights, notices } = ripe;
  const verified = await verifyImages(session, spec, images);
  const manifests = new Set<Digest>();
  const gone = new Set<Digest>();
  await mapParallel([...new Set(images.map(({ digest }) => digest))], jobs, async (digest) => {
    const isGone = stays.has(digest) && (await readManifest(session, source, digest)) === undefined;
    if (isGone) gone.add(digest);
    else await addManifests(session, source, digest, manifests);
  });
  const found = await blame({ property: "referrers" }, () => findAttached(session, referrers, [...manifests], tags));
  // What belongs to an image that stays and that the source no longer has is as it was.
  const attached = gone.size === 0 ? found : { ...known.attached, ...found };
  return { images, attached, verified, manifests, sights, notices };
}

/** Before anything of them is read. */
function verifyImages(
  session: Session,
  { source, destination, referrers, verify }: MirrorSpec,
  images: readonly FoundImage[],
): Promise<ValueMap> {
  const policy = verify ?? session.settings.verify;
  if (policy === undefined) return Promise.resolve({});
  const [declared, what] = [verify === undefined ? "dhi:verify" : "verify", "the image"];
  const one = { repository: source, platforms: undefined, more: [...referrers, destination], policy, declared, what, origin: undefined };
  return requireVerified(
    session,
    images.map(({ tag, digest, property }) => ({ ...one, tag, digest, property: verify === undefined ? property : "verify" })),
  );
}

async function resolveTag(session: Session, repository: Repository, tag: string): Promise<Digest> {
  try {
    return await resolveReference(session, { repository, tag });
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "not-found") throw thrown;
    throw new DhiError("not-found", `${formatRepository(repository)} has no tag ${tag}`, {
      hint: "Name a tag that is there, or leave it out",
      cause: thrown,
    });
  }
}

/** An index is read for what it lists; a manifest in it is not. */
async function addManifests(session: Session, repository: Repository, digest: Digest, found: Set<Digest>): Promise<void> {
  if (found.has(digest)) return;
  found.add(digest);
  const what = formatReference({ repository, digest });
  const stored = await readManifest(session, repository, digest);
  if (stored === undefined) throw new DhiError("not-found", `${what} does not exist`, { hint: "Push it to the source again" });
  if (!isIndexType(stored.mediaType)) return;
  for (const child of parseIndex(stored.bytes, what).manifests) {
    if (isIndexType(child.mediaType)) await addManifests(session, repository, child.digest, found);
    else found.add(child.digest);
  }
}

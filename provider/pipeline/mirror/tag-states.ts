import { mapParallel } from "../../async/parallel.js";
import { blame, DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository } from "../../image/reference.js";
import type { Session } from "../session.js";
import { hasPublished } from "../tags/published-record.js";
import type { FoundImage } from "./select.js";
import type { MirrorSpec } from "./mirror-spec.js";

const jobs = 8;

/** What the wanted tags of the destination point at; without those that are not there. */
export async function headTags(
  session: Session,
  spec: Pick<MirrorSpec, "destination">,
  tags: readonly string[],
): Promise<ReadonlyMap<string, Digest>> {
  const repository = session.repositories.open(spec.destination);
  const heads = await blame({ origin: "destination", property: "destination" }, () =>
    mapParallel(tags, jobs, async (tag) => [tag, (await repository.headManifest(tag))?.digest] as const),
  );
  return new Map(heads.flatMap(([tag, digest]) => (digest === undefined ? [] : [[tag, digest] as const])));
}

/** Whose a tag is: the mirror's own by what state knows, or as this very resource has put it there from this machine. */
export function ownershipOf(
  session: Session,
  id: string,
  ...known: readonly (((tag: string) => readonly Digest[]) | undefined)[]
): (tag: string, digest: Digest) => Promise<boolean> {
  return async (tag, digest) =>
    known.some((digests) => digests?.(tag).includes(digest) === true) || (await hasPublished(session, id, digest));
}

/** An error for each tag that would be taken from somebody else. */
export async function foreignTags(
  spec: MirrorSpec,
  images: readonly FoundImage[],
  heads: ReadonlyMap<string, Digest>,
  isOurs: (tag: string, digest: Digest) => Promise<boolean>,
): Promise<readonly DhiError[]> {
  if (spec.overwrite) return [];
  const errors: DhiError[] = [];
  for (const { tag, digest, property } of images) {
    const head = heads.get(tag);
    if (head === undefined || head === digest || (await isOurs(tag, head))) continue;
    errors.push(
      new DhiError("conflict", `the tag ${tag} in ${formatRepository(spec.destination)} points at ${head}, which was not mirrored`, {
        origin: "destination",
        property,
        hint: "Select other tags, name another destination, or set overwrite: true to replace it",
      }),
    );
  }
  return errors;
}

import { mapParallel } from "../../provider/async/parallel.js";
import { DhiError } from "../../provider/errors.js";
import type { Digest } from "../../provider/image/digest.js";
import { formatReference, formatRepository, type Reference, type Repository } from "../../provider/image/reference.js";
import { isAttachedTag } from "../../provider/pipeline/mirror/attached-tags.js";
import type { Repositories } from "../../provider/registry/repository.js";
import { BaseImage } from "./base-image.js";
import type { Descendant, Descendants } from "./descendant.js";
import { matchImage } from "./match.js";
import { expandPlace, type Place } from "./places.js";
import { readImage } from "./read-image.js";

/** Repositories, and images of each, that are read at a time; a registry is sent at most eight requests at a time. */
const JOBS = 4;

export interface Search {
  readonly repositories: Repositories;
  readonly base: Reference;
  readonly places: readonly Place[];
  /** The annotation or label that says whose an image is. */
  readonly owner: string | undefined;
}

/** Images of these places that are built on the base. What cannot be read is a warning. Throws `DhiError` for a place that cannot be listed at all. */
export async function findDescendants({ repositories, base: reference, places, owner }: Search): Promise<Descendants> {
  const warnings: string[] = [];
  const warn = (where: string, thrown: unknown): void => {
    if (!(thrown instanceof DhiError) || thrown.code === "cancelled") throw thrown;
    const text = thrown.describe();
    warnings.push(text.includes(where) ? text : `${where}: ${text}`);
  };
  const base = new BaseImage(repositories, reference);
  const current = await base.current().catch((thrown: unknown) => {
    warn(formatReference(reference), thrown);
    return undefined;
  });
  if (current === undefined && warnings.length === 0 && (reference.tag ?? reference.digest) !== undefined)
    warnings.push(`${formatReference(reference)} does not exist`);
  const all = (await Promise.all(places.map((place) => expandPlace(repositories, place)))).flat();
  const distinct = [...new Map(all.map((repository) => [repositories.key(repository), repository])).values()];
  const isNamed = (repository: Repository): boolean => places.some((place) => "repository" in place && place.repository === repository);
  const found = await mapParallel(distinct, JOBS, async (repository) => {
    const where = formatRepository(repository);
    const tags = await findTags(repositories, repository, warn).catch((thrown: unknown) => {
      if (isNamed(repository)) throw thrown;
      warn(where, thrown);
      return undefined;
    });
    if (tags?.size === 0 && isNamed(repository))
      warnings.push(`${where} has no tags; end its name with a slash to search what is below it`);
    return mapParallel([...(tags ?? [])], JOBS, async ([digest, names]): Promise<Descendant | undefined> => {
      const read = async (): Promise<Descendant | undefined> => {
        const image = await readImage(repositories.open(repository), digest);
        const match = image === undefined ? undefined : await matchImage(base, image, owner);
        return match === undefined ? undefined : { repository: where, tags: names, ...match };
      };
      return read().catch((thrown: unknown) => {
        warn(formatReference({ repository, tag: names[0] ?? "" }), thrown);
        return undefined;
      });
    });
  });
  const images = found.flat().filter((image) => image !== undefined);
  const place = ({ repository, tags }: Descendant): string => `${repository}\0${tags[0] ?? ""}`;
  return {
    base: { name: formatReference(reference), ...(current === undefined ? {} : { digest: current.digest }) },
    images: images.sort((one, other) => (place(one) < place(other) ? -1 : 1)),
    warnings: [...new Set(warnings)].sort(),
  };
}

/** Digests that tags of images point at, with these tags; without the tags that belong to an image. */
async function findTags(
  repositories: Repositories,
  repository: Repository,
  warn: (where: string, thrown: unknown) => void,
): Promise<ReadonlyMap<Digest, readonly string[]>> {
  const opened = repositories.open(repository);
  const tags = (await opened.listTags()).filter((tag) => !isAttachedTag(tag));
  const heads = await mapParallel(tags, JOBS, (tag) =>
    opened.headManifest(tag).catch((thrown: unknown) => {
      warn(formatReference({ repository, tag }), thrown);
      return undefined;
    }),
  );
  const found = new Map<Digest, readonly string[]>();
  heads.forEach((head, at) => {
    if (head !== undefined) found.set(head.digest, [...(found.get(head.digest) ?? []), tags[at] ?? ""]);
  });
  return found;
}

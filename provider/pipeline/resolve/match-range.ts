import { blame, DhiError } from "../../errors.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import type { RangedBase } from "../spec/image-spec.js";
import { formatRange, nearbyTags, newestTag, type VersionRange } from "../spec/version-range.js";
import { promisedTags } from "../tags/promises.js";

/**
 * The newest tag in a range, of those that the repository has and those that this operation will publish there. Throws `DhiError`
 * "not-found" when there is none.
 */
export async function matchRange(session: Session, { repository, range }: RangedBase): Promise<string> {
  return blame({ origin: "base", property: "version" }, async () => {
    const tags = new Set([...(await listTags(session, repository)), ...promisedTags(session, repository)]);
    const found = newestTag(range, tags);
    if (found !== undefined) {
      remember(session, repository, { range, tag: found });
      return found;
    }
    const where = `${formatRepository(repository)} has no tag in ${formatRange(range)}`;
    const nearby = nearbyTags(range, tags);
    const message = nearby.length === 0 ? `${where}, and none that is a version` : `${where}; it has ${nearby.join(", ")}`;
    const wanted = range.variant === undefined ? "which has no variant" : `of the variant ${range.variant}`;
    throw new DhiError("not-found", message, { hint: `Mirror a version ${wanted}, or change range or variant` });
  });
}

/** Whoever publishes a newer tag of the range later in this operation would change the answer: see `promiseTags`. */
function remember(
  { memory, repositories }: Session,
  repository: Repository,
  match: { readonly range: VersionRange; readonly tag: string },
): void {
  const key = repositories.key(repository);
  memory.matched.set(key, [...(memory.matched.get(key) ?? []), match]);
}

/** Asked once in an operation. */
export function listTags({ memory, repositories }: Session, repository: Repository): Promise<readonly string[]> {
  return memory.tagLists.run(repositories.key(repository), () => repositories.open(repository).listTags());
}

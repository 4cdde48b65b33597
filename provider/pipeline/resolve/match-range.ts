import { blame, DhiError } from "../../errors.js";
import type { Repository } from "../../image/reference.js";
import type { RangeMatch, Session } from "../session.js";
import type { RangedBase } from "../spec/image-spec.js";
import { describeMiss, tagsInRange } from "../spec/version-range.js";
import { promisedTags } from "../tags/promises.js";
import type { Ripening } from "./ripening.js";

/**
 * The newest tag in a range that is old enough, of those that the repository has and those that this operation will publish there. Throws
 * `DhiError` "not-found" when there is none.
 */
export async function matchRange(session: Session, { repository, range }: RangedBase, ripening: Ripening): Promise<string> {
  return blame({ origin: "base", property: "version" }, async () => {
    const tags = new Set([...(await listTags(session, repository)), ...promisedTags(session, repository)]);
    const [newest, ...older] = tagsInRange(range, tags);
    if (newest !== undefined) {
      // Also where another one is chosen: what was there already is not published "later".
      const taken = ripening.choose(session, repository, [newest, ...older]);
      remember(session, repository, { range, newest, taken });
      return taken;
    }
    const wanted = range.variant === undefined ? "which has no variant" : `of the variant ${range.variant}`;
    throw new DhiError("not-found", describeMiss(repository, range, tags), {
      hint: `Mirror a version ${wanted}, or change range or variant`,
    });
  });
}

/** Whoever publishes a newer tag of the range later in this operation would change the answer: see `promiseTags`. */
function remember({ memory, repositories }: Session, repository: Repository, match: RangeMatch): void {
  const key = repositories.key(repository);
  memory.matched.set(key, [...(memory.matched.get(key) ?? []), match]);
}

/** Asked once in an operation. */
export function listTags({ memory, repositories }: Session, repository: Repository): Promise<readonly string[]> {
  return memory.tagLists.run(repositories.key(repository), () => repositories.open(repository).listTags());
}

import { mapParallel } from "../../async/parallel.js";
import { blame, DhiError } from "../../errors.js";
import { formatRepository } from "../../image/reference.js";
import type { Session } from "../session.js";
import type { BaseSpec } from "../spec/image-spec.js";
import { sameVariant } from "../spec/version-range.js";
import { promisedTags } from "../tags/promises.js";
import { listTags } from "./match-range.js";
import { resolveBase } from "./resolve.js";
import { resolveReference } from "./resolve-reference.js";

/** Tags of one variant that are compared with the base: each costs a request. */
export const MAXIMUM_ALIASES = 500;
const jobs = 8;

/**
 * The other tags of the base's variant that point at the same image, lowest version first; none where the base's tag is not a version. Counts
 * tags that this operation will publish. Throws `DhiError` "limit".
 */
export async function findAliases(session: Session, base: BaseSpec): Promise<readonly string[]> {
  const { repository, tag } = base;
  const digest = await resolveBase(session, base);
  return blame({ origin: "base", property: "suffixAllTags" }, async () => {
    const tags = sameVariant(tag, [...(await listTags(session, repository)), ...promisedTags(session, repository)]);
    if (tags.length > MAXIMUM_ALIASES) {
      const message = `${formatRepository(repository)} has ${String(tags.length)} tags of the variant of ${tag}, and at most ${String(MAXIMUM_ALIASES)} are compared`;
      throw new DhiError("limit", message, { hint: "Remove suffixAllTags, and name the tags in additionalTags" });
    }
    const same = await mapParallel(tags, jobs, async (other) => {
      try {
        return (await resolveReference(session, { repository, tag: other })) === digest;
      } catch (thrown) {
        // Removed since the tags were listed.
        if (thrown instanceof DhiError && thrown.code === "not-found") return false;
        throw thrown;
      }
    });
    return tags.filter((_, at) => same[at] === true);
  });
}

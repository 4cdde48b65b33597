import { DhiError, type ErrorCode, type ErrorOrigin } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import { openImage } from "./source-image.js";

/** Builders that leave out the time write 1970, in any time zone. */
const UNSET_UNTIL = Date.UTC(1970, 0, 2);
/** RFC 3339 has four digits for the year. */
const LATEST = Date.UTC(10_000, 0, 1);

/** What is wrong with the image itself, which is reported when it is taken. */
const faults: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["invalid", "not-found", "mismatch", "limit"]);

/**
 * When an image was made, as the configs of these platforms (default: all) say: the latest, in milliseconds. Undefined when none says so, or
 * when it cannot be read as an image.
 */
export async function creationTime(
  session: Session,
  repository: Repository,
  digest: Digest,
  origin: ErrorOrigin,
  platforms?: readonly string[],
): Promise<number | undefined> {
  try {
    const image = await openImage(session, repository, digest, origin);
    const wanted = platforms ?? [...image.platforms.keys()];
    const opens = wanted.flatMap((platform) => image.platforms.get(platform) ?? []);
    const sources = await Promise.all(opens.map((open) => open()));
    const times = sources.map((source) => Date.parse(source.config.created ?? "")).filter((time) => time > UNSET_UNTIL && time < LATEST);
    return times.length === 0 ? undefined : Math.max(...times);
  } catch (thrown) {
    if (thrown instanceof DhiError && faults.has(thrown.code)) return undefined;
    throw thrown;
  }
}

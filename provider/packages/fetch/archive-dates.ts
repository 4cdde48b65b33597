import { createHash } from "node:crypto";
import type { Cache } from "../../cache/cache.js";
import { DhiError } from "../../errors.js";

/** Folder of the cache: the newest date that was seen of each archive, by place and by whom the source trusts: a stranger's date must not lock out the owner's. */
const dates = "release-dates";

export interface SeenPolicy {
  readonly cache: Cache;
  readonly now: () => Date;
}

export interface DatedArchive {
  /** What tells it from all others: place, and who is trusted for it. */
  readonly key: readonly string[];
  /** Of the dated file, for errors. */
  readonly url: string;
  /** As it was signed. */
  readonly date: Date | undefined;
}

/** Refuses an archive that is older than it was seen before: a signature stays good forever, so an old state could be served. Throws `DhiError` "invalid". */
export async function refuseReplay({ key: parts, url, date: stated }: DatedArchive, policy: SeenPolicy): Promise<void> {
  const key = createHash("sha256").update(parts.join("\0")).digest("hex");
  const seen = Number((await policy.cache.read(dates, key))?.toString("latin1") ?? "");
  const date = stated?.getTime() ?? 0;
  if (Number.isFinite(seen) && date < seen) {
    const what = stated === undefined ? "has no date" : `is of ${stated.toISOString()}`;
    throw new DhiError("invalid", `${url} went back in time: it ${what}, and was seen as of ${new Date(seen).toISOString()} before`, {
      hint: `The mirror lags or is replayed: try again later, name another one in packageSources, or remove ${dates} from the cache to accept it`,
    });
  }
  // A date in the future would lock out all that follow.
  if (date > seen && date <= policy.now().getTime()) await policy.cache.write(dates, key, Buffer.from(String(date), "latin1"));
}

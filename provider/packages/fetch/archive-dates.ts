import { createHash } from "node:crypto";
import type { Cache } from "../../cache/cache.js";
import { DhiError } from "../../errors.js";

/** Folder of the cache: the newest date seen of each archive, by URL and trusted keys: the date of an archive with other keys must not lock out this one. */
const dates = "release-dates";

export interface SeenPolicy {
  readonly cache: Cache;
  readonly now: () => Date;
}

export interface DatedArchive {
  /** Identifies the archive: its URL, and the trusted keys. */
  readonly key: readonly string[];
  /** The URL of the dated file, for errors. */
  readonly url: string;
  /** The signed date. */
  readonly date: Date | undefined;
}

/** Rejects an archive that is older than when it was last seen: a signature stays valid forever, so an old state could be replayed. Throws `DhiError` "invalid". */
export async function refuseReplay({ key: parts, url, date: stated }: DatedArchive, policy: SeenPolicy): Promise<void> {
  const key = createHash("sha256").update(parts.join("\0")).digest("hex");
  const seen = Number((await policy.cache.read(dates, key))?.toString("latin1") ?? "");
  const date = stated?.getTime() ?? 0;
  if (Number.isFinite(seen) && date < seen) {
    const what = stated === undefined ? "has no date" : `is dated ${stated.toISOString()}`;
    throw new DhiError("invalid", `${url} went back in time: it ${what}, but was dated ${new Date(seen).toISOString()} before`, {
      hint: `The mirror is outdated or replays an old state: try again later, use another one in packageSources, or remove ${dates} from the cache to accept it`,
    });
  }
  // A date in the future would lock out all later ones.
  if (date > seen && date <= policy.now().getTime()) await policy.cache.write(dates, key, Buffer.from(String(date), "latin1"));
}

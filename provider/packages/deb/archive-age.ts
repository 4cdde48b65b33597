import { createHash } from "node:crypto";
import type { Cache } from "../../cache/cache.js";
import { DhiError } from "../../errors.js";
import type { PackageNotice, PackageSource } from "../packages.js";
import type { Release } from "./release.js";
import { trustOf } from "./archive-url.js";

/** Folder of the cache: the newest date that was seen of each suite, by place and by whom the source trusts: a stranger's date must not lock out the owner's. */
const dates = "release-dates";

export interface AgePolicy {
  readonly cache: Cache;
  readonly now: () => Date;
}

/**
 * Refuses a suite that went back in time, and tells of one that has expired: a signature stays good forever, so an old state
 * could be served to hold security updates back. Throws `DhiError` "invalid".
 */
export async function checkAge(
  release: Release,
  source: PackageSource,
  suite: string,
  url: string,
  policy: AgePolicy,
): Promise<readonly PackageNotice[]> {
  const expired = checkExpiry(release, source, url, policy.now());
  await checkReplay(release, source, suite, url, policy);
  return expired;
}

function checkExpiry({ validUntil }: Release, source: PackageSource, url: string, now: Date): readonly PackageNotice[] {
  if (validUntil === undefined || validUntil >= now) return [];
  const message = `${url} was valid until ${validUntil.toISOString()}: newer packages may be held back, or the mirror is no longer updated`;
  if (source.allowExpired === true) return [{ kind: "expired", message: `${message}. It was allowed by ${allowedBy(source)}` }];
  throw new DhiError("invalid", message, {
    hint: "Check the clock of this machine, name a mirror that is up to date in packageSources, or set allowExpired there for an archive that is frozen on purpose",
  });
}

function allowedBy({ origin }: PackageSource): string {
  return origin === "base" ? "Check-Valid-Until of the base's sources" : "allowExpired";
}

async function checkReplay(release: Release, source: PackageSource, suite: string, url: string, policy: AgePolicy): Promise<void> {
  const key = createHash("sha256")
    .update(`${source.url}\0${suite}\0${trustOf(source)}`)
    .digest("hex");
  const seen = Number((await policy.cache.read(dates, key))?.toString("latin1") ?? "");
  const date = release.date?.getTime() ?? 0;
  if (Number.isFinite(seen) && date < seen) {
    const what = release.date === undefined ? "has no date" : `is of ${release.date.toISOString()}`;
    throw new DhiError("invalid", `${url} went back in time: it ${what}, and was seen as of ${new Date(seen).toISOString()} before`, {
      hint: `The mirror lags or is replayed: try again later, name another one in packageSources, or remove ${dates} from the cache to accept it`,
    });
  }
  // A date in the future would lock out all that follow.
  if (date > seen && date <= policy.now().getTime()) await policy.cache.write(dates, key, Buffer.from(String(date), "latin1"));
}

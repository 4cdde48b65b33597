import { DhiError } from "../../../errors.js";
import { refuseReplay, type SeenPolicy } from "../../fetch/archive-dates.js";
import type { PackageNotice, PackageSource } from "../../packages.js";
import { trustOf } from "../../fetch/trust.js";
import type { Release } from "./release.js";

/**
 * Refuses a suite that went back in time, and tells of one that has expired: a signature stays good forever, so an old state
 * could be served to hold security updates back. Throws `DhiError` "invalid".
 */
export async function checkAge(
  release: Release,
  source: PackageSource,
  suite: string,
  url: string,
  policy: SeenPolicy,
): Promise<readonly PackageNotice[]> {
  const expired = checkExpiry(release, source, url, policy.now());
  await refuseReplay({ key: [source.url, suite, trustOf(source)], url, date: release.date }, policy);
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

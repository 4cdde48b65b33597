import { DhiError } from "../../../errors.js";
import { refuseReplay, type SeenPolicy } from "../../fetch/archive-dates.js";
import type { PackageNotice, PackageSource } from "../../packages.js";
import { trustOf } from "../../fetch/trust.js";
import type { Release } from "./release.js";

/**
 * Rejects a suite that went back in time or has expired: a signature stays valid forever, so an old state
 * could be served to withhold security updates. Throws `DhiError` "invalid".
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
  const message = `${url} expired at ${validUntil.toISOString()} (Valid-Until): newer packages may be withheld, or the mirror is no longer updated`;
  if (source.allowExpired === true) return [{ kind: "expired", message: `${message}. ${allowedBy(source)} permits it` }];
  throw new DhiError("invalid", message, {
    hint: "Check the clock of this machine, use a mirror that is up to date in packageSources, or set allowExpired there for a frozen archive",
  });
}

function allowedBy({ origin }: PackageSource): string {
  return origin === "base" ? "Check-Valid-Until of the base's sources" : "allowExpired";
}

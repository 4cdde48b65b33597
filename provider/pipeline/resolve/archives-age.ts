import { DhiError } from "../../errors.js";
import type { UsedArchive } from "../../packages/used-archive.js";

/**
 * Rejects archives that are older than those in state: the cache, which also records their dates, is empty in CI. A date after `now`
 * (milliseconds) is ignored. Throws `DhiError` "invalid".
 */
export function refuseOlder(before: readonly UsedArchive[], found: readonly UsedArchive[], now = Date.now()): void {
  for (const archive of found) {
    const known = before.find(({ family, url, suite }) => family === archive.family && url === archive.url && suite === archive.suite);
    const [was, is] = [timeOf(known), timeOf(archive)];
    if (known?.date === undefined || was === undefined || was > now || (is !== undefined && is >= was)) continue;
    const name = archive.suite === "" ? archive.url : `${archive.url} ${archive.suite}`;
    const what = archive.date === undefined ? "has no date" : `is dated ${archive.date}`;
    throw new DhiError("invalid", `${name} went back in time: it ${what}, but the image was made with one dated ${known.date}`, {
      origin: "packages",
      property: "packages",
      hint: "The mirror lags, or an old copy is replayed: try again later. To accept it, or to use another one, change packageSources",
    });
  }
}

function timeOf(archive: UsedArchive | undefined): number | undefined {
  const time = Date.parse(archive?.date ?? "");
  return Number.isNaN(time) ? undefined : time;
}

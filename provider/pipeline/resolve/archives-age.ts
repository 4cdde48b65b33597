import { DhiError } from "../../errors.js";
import type { UsedArchive } from "../../packages/used-archive.js";

/**
 * Refuses archives that are older than those that the image in state was made with: the cache, which knows what was seen, is empty
 * in CI. A date that lies ahead of `now` (milliseconds) says nothing. Throws `DhiError` "invalid".
 */
export function refuseOlder(before: readonly UsedArchive[], found: readonly UsedArchive[], now = Date.now()): void {
  for (const archive of found) {
    const known = before.find(({ family, url, suite }) => family === archive.family && url === archive.url && suite === archive.suite);
    const [was, is] = [timeOf(known), timeOf(archive)];
    if (known?.date === undefined || was === undefined || was > now || (is !== undefined && is >= was)) continue;
    const name = archive.suite === "" ? archive.url : `${archive.url} ${archive.suite}`;
    const what = archive.date === undefined ? "has no date" : `is of ${archive.date}`;
    throw new DhiError("invalid", `${name} went back in time: it ${what}, and the image was made with it as of ${known.date}`, {
      origin: "packages",
      property: "packages",
      hint: "The mirror lags or is replayed: try again later. To take it as it is, or another one, change packageSources",
    });
  }
}

function timeOf(archive: UsedArchive | undefined): number | undefined {
  const time = Date.parse(archive?.date ?? "");
  return Number.isNaN(time) ? undefined : time;
}

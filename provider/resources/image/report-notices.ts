import type { ResourceLog } from "../../pipeline/session.js";
import { equalValues, isList, isMap, type ValueMap } from "../../values.js";

/** Logs a permanent line for each notice that is not in state. */
export function reportNotices(before: ValueMap, { notices }: ValueMap, log: ResourceLog): void {
  const known = isList(before["notices"]) ? before["notices"] : [];
  for (const notice of isList(notices) ? notices : []) {
    if (!isMap(notice) || typeof notice["message"] !== "string" || known.some((old) => equalValues(old, notice))) continue;
    const { platform, message } = notice;
    log.line("warning", typeof platform === "string" ? `${platform}: ${message}` : message);
  }
}

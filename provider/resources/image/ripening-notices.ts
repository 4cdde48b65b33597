import { foldNotices, type Notice } from "../../pipeline/notice.js";
import type { Ripening } from "../../pipeline/resolve/ripening.js";
import { describeFirstSights } from "../../pipeline/state/first-sights.js";
import { isList, isMap, type Value, type ValueMap } from "../../values.js";

const kind = "ripening";

/** What ripened according to the notices in state. */
export function ripeningNotices({ notices }: ValueMap): readonly Notice[] {
  const all = isList(notices) ? notices : [];
  return all.flatMap((notice) => {
    if (!isRipening(notice) || typeof notice["message"] !== "string") return [];
    const { message, platform, package: name } = notice;
    const about = { ...(typeof platform === "string" ? { platform } : {}), ...(typeof name === "string" ? { package: name } : {}) };
    return [{ kind, message, ...about }];
  });
}

/** Of an image that stays: what ripens now takes the place of what ripened before. Notices of its build stay. */
export function describeRipening({ notices }: ValueMap, ripening: Ripening): ValueMap {
  const now = foldNotices(ripening.notices.filter((notice) => notice.kind === kind)).map((notice) => ({ ...notice }));
  const old = isList(notices) ? notices : [];
  if (now.length === 0 && !old.some(isRipening)) return {};
  return { notices: [...old.filter((notice) => !isRipening(notice)), ...now], ...describeFirstSights(ripening.sights) };
}

function isRipening(notice: Value): notice is ValueMap {
  return isMap(notice) && notice["kind"] === kind;
}

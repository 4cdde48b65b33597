import type { SecretPath } from "../lifecycle.js";
import { publicInputs } from "./secret-places.js";
import { terminalText } from "../../text/terminal-text.js";
import { formatPath, isList, isMap, type Value, type ValueMap } from "../../values.js";
import { moreOfAKind, MOST_NOTICES_OF_A_KIND, type Notice } from "../../pipeline/notice.js";

const kind = "secret-in-image";
const verdict = " is a secret, and whoever can pull the image can read it there";

/** A notice for each secret input that is written into the image. Those beyond ten are one notice, which still names them: state has no other record of what was secret. */
export function secretNotices(secrets: readonly SecretPath[]): readonly Notice[] {
  // In the form for terminals: the messages in state are compared with these.
  const paths = secrets.filter(([root]) => !publicInputs.has(String(root))).map((path) => terminalText(formatPath(path)));
  const all = [...new Set(paths)].sort();
  const first = all.slice(0, MOST_NOTICES_OF_A_KIND).map((path): Notice => ({ kind, message: `${path}${verdict}` }));
  const more = all.slice(MOST_NOTICES_OF_A_KIND);
  return more.length === 0 ? first : [...first, { kind, message: `${moreOfAKind(kind, more.length)}: ${more.join(", ")}` }];
}

/** The inputs that were secret according to the notices in state, in the form for terminals: `environment.TOKEN`. */
export function knownSecrets({ notices }: ValueMap): ReadonlySet<string> {
  return new Set(isList(notices) ? notices.flatMap(pathsOf) : []);
}

function pathsOf(notice: Value): readonly string[] {
  if (!isMap(notice) || notice["kind"] !== kind || typeof notice["message"] !== "string") return [];
  const message = terminalText(notice["message"]);
  if (message.endsWith(verdict)) return [message.slice(0, -verdict.length)];
  const colon = message.indexOf(": ");
  return colon < 0 ? [] : message.slice(colon + 2).split(", ");
}

/**
 * Notices and reasons when unchanged inputs are now secret, or no longer: they cause the update that encrypts state. Empty when nothing
 * changed.
 */
export function describeMarks(olds: ValueMap, secrets: readonly SecretPath[]): ValueMap {
  const now = secretNotices(secrets);
  const before = knownSecrets(olds);
  const after = knownSecrets({ notices: now.map((notice) => ({ ...notice })) });
  const reasons = [
    ...[...after].filter((path) => !before.has(path)).map((path) => `${path} is marked as a secret`),
    ...[...before].filter((path) => !after.has(path)).map((path) => `${path} is no longer marked as a secret`),
  ];
  if (reasons.length === 0) return {};
  const others = isList(olds["notices"]) ? olds["notices"].filter((notice) => !isMap(notice) || notice["kind"] !== kind) : [];
  return { reasons, notices: [...others, ...now.map((notice) => ({ ...notice }))] };
}

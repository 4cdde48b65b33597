import type { SecretPath } from "../lifecycle.js";
import { publicInputs } from "./secret-places.js";
import { terminalText } from "../../text/terminal-text.js";
import { formatPath, isList, isMap, type Value, type ValueMap } from "../../values.js";
import { moreOfAKind, MOST_NOTICES_OF_A_KIND, type Notice } from "../../pipeline/notice.js";

const kind = "secret-in-image";
const verdict = " is a secret, and whoever can pull the image can read it there";

/** A notice for each input that is secret and ends in the image. Beyond ten they are one, which still names them: state knows by it what was secret. */
export function secretNotices(secrets: readonly SecretPath[]): readonly Notice[] {
  // As the terminal gets them: state is compared by what these messages say, and has no other form.
  const paths = secrets.filter(([root]) => !publicInputs.has(String(root))).map((path) => terminalText(formatPath(path)));
  const all = [...new Set(paths)].sort();
  const told = all.slice(0, MOST_NOTICES_OF_A_KIND).map((path): Notice => ({ kind, message: `${path}${verdict}` }));
  const more = all.slice(MOST_NOTICES_OF_A_KIND);
  return more.length === 0 ? told : [...told, { kind, message: `${moreOfAKind(kind, more.length)}: ${more.join(", ")}` }];
}

/** The inputs that were secret when these notices were made, fit for the terminal: `environment.TOKEN`. */
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
 * Notices and reasons where inputs that are the same are secret now, or are no longer: the update that they make encrypts what state has.
 * Nothing where all are as they were.
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

import { DhiError } from "../../../errors.js";
import { redact } from "../../../text/redaction.js";
import type { ApkDependency, ApkOperator, ApkProvide } from "./apk-package.js";
import { compareApkVersions, isApkVersion } from "./version.js";

/** Characters of an operator, in any order (apk-tools 2.14, `apk_blob_pull_dep`): bits are less 1, equal 2, greater 4; `~` is equal and fuzzy. */
const exact: readonly (ApkOperator | undefined)[] = [undefined, "<", "=", "<=", ">", "><", ">=", "any"];
const fuzzy: readonly (ApkOperator | undefined)[] = [undefined, undefined, "~", "<~", undefined, undefined, ">~", "any"];
const signs: Readonly<Record<string, number>> = { "<": 1, "=": 2, ">": 4, "~": 2 };

const pattern = /^(!?)([^\s@<>=~!][^\s@<>=~]*)(?:@([A-Za-z0-9_.+-]+))?(?:([<>=~]+)([^\s@<>=~][^\s@]*))?$/;

/** One dependency as apk writes it: `name`, `name>=1.2`, `!name`, `name@tag=1`. `what` names the field in errors. Throws `DhiError` "invalid". */
export function parseDependency(text: string, what: string): ApkDependency {
  const wrong = (why: string): DhiError => new DhiError("invalid", `${what}: ${JSON.stringify(redact(text).slice(0, 100))} ${why}`);
  const [, not, name, tag, sign, version = ""] = pattern.exec(text) ?? [];
  if (name === undefined || /[\x00-\x1f\x7f]/.test(text)) throw wrong("is not a valid dependency");
  const operator = sign === undefined ? "any" : operatorOf(sign);
  if (operator === undefined) throw wrong("has an operator that apk does not know");
  if (operator !== "any" && operator !== "><" && !isApkVersion(version)) throw wrong("has an invalid version");
  return { name, operator, version: operator === "any" ? "" : version, conflict: not === "!", tag };
}

/** A list: items separated by spaces or newlines. Throws `DhiError` "invalid". */
export function parseDependencies(text: string, what: string): readonly ApkDependency[] {
  return words(text).map((word) => parseDependency(word, what));
}

/** A list of names that a package provides: `so:libc.musl-x86_64.so.1=1`, `cmd:sh=1.36-r0`, `/bin/sh`. Throws `DhiError` "invalid". */
export function parseProvides(text: string, what: string): readonly ApkProvide[] {
  return parseDependencies(text, what).map(({ name, operator, version }) => ({ name, version: operator === "any" ? undefined : version }));
}

/**
 * Whether a provider of the dependency's name in `version` meets the dependency; undefined is a name without version, which
 * meets only dependencies without one. For `!name>1` it says whether the conflict applies. `checksum` (`Q1…`) is for `><`.
 */
export function meets({ operator, version: wanted }: ApkDependency, version: string | undefined, checksum?: string): boolean {
  if (operator === "any") return true;
  if (operator === "><") return checksum === wanted;
  if (version === undefined) return false;
  const order = compareApkVersions(version, wanted, operator.includes("~"));
  if (order === 0) return operator !== "<" && operator !== ">";
  return order < 0 ? operator.startsWith("<") : operator.startsWith(">");
}

/** In the order in which apk writes it: `!name@tag>=1.2`. */
export function formatDependency({ name, operator, version, conflict, tag }: ApkDependency): string {
  const versioned = operator === "any" ? "" : `${operator}${version}`;
  return `${conflict ? "!" : ""}${name}${tag === undefined ? "" : `@${tag}`}${versioned}`;
}

function operatorOf(sign: string): ApkOperator | undefined {
  const bits = Array.from(sign).reduce((all, one) => all | (signs[one] ?? 0), 0);
  return (sign.includes("~") ? fuzzy : exact)[bits];
}

function words(text: string): readonly string[] {
  return text.split(/[ \n]+/).filter((word) => word !== "");
}

import type * as Semver from "semver";
import { DhiError } from "../../errors.js";
import { formatRepository, isTag, type Repository } from "../../image/reference.js";
import { object, parsed } from "./schema.js";

/** Which tags of a repository a `Customization` may take as its base. */
export interface VersionRange {
  /** A range as npm reads it, as declared. */
  readonly range: string;
  /** What stands behind the version and a dash. Undefined: nothing. */
  readonly variant?: string | undefined;
}

/** It is part of the id. */
export const MAXIMUM_RANGE_LENGTH = 256;
/** Room for `1.2.3-` in a tag of 128 characters. */
export const MAXIMUM_VARIANT_LENGTH = 120;
/** How many tags an error names. */
const NEARBY = 5;

/** `{ range, variant? }` */
export const versionRange = object({
  range: parsed("a range of versions such as ^3.13", parseRange),
  variant: parsed('a variant such as "dev"', parseVariant).optional(),
});

/** One text for a range, which is part of the id: `^3.13` or `^3.13 (dev)`. No range has parentheses, so two are never the same. */
export function formatRange({ range, variant }: VersionRange): string {
  return variant === undefined ? range : `${range} (${variant})`;
}

/** A tag that reads as a version. */
interface VersionTag {
  readonly tag: string;
  /** Major, minor and patch; those that the tag leaves out are 0. */
  readonly numbers: readonly [number, number, number];
  /** How many of them the tag has. */
  readonly written: number;
  readonly variant: string | undefined;
}

/** One to three numbers (semver.org, clause 2: without leading zeros), and after a dash the variant. */
const form = /^(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-(.+))?$/;

function readTag(tag: string): VersionTag | undefined {
  const [, major, minor, patch, variant] = isTag(tag) ? (form.exec(tag) ?? []) : [];
  if (major === undefined) return undefined;
  const numbers = [Number(major), Number(minor ?? 0), Number(patch ?? 0)] as const;
  // As semver has it: others cannot be told apart.
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  return { tag, numbers, written: minor === undefined ? 1 : patch === undefined ? 2 : 3, variant };
}

export function isInRange(range: VersionRange, tag: string): boolean {
  const read = readTag(tag);
  return read !== undefined && read.variant === range.variant && semver().satisfies(read.numbers.join("."), range.range);
}

/**
 * The tags in the range, the highest version first; of `3.13.0` and `3.13`, which are the same version, the one with more numbers is the
 * higher one.
 */
export function tagsInRange(range: VersionRange, tags: Iterable<string>): readonly string[] {
  return sorted(tags)
    .filter(({ tag }) => isInRange(range, tag))
    .map(({ tag }) => tag)
    .reverse();
}

/** The first of `tagsInRange`; undefined when there is none. */
export function newestTag(range: VersionRange, tags: Iterable<string>): string | undefined {
  return tagsInRange(range, tags)[0];
}

/** The message about a repository of whose tags none lies in the range; it names some around it. */
export function describeMiss(repository: Repository, range: VersionRange, tags: Iterable<string>): string {
  const nearby = nearbyTags(range, tags);
  const has = nearby.length === 0 ? ", and none that is a version" : `; it has ${nearby.join(", ")}`;
  return `${formatRepository(repository)} has no tag in ${formatRange(range)}${has}`;
}

/** The other tags that are versions of the variant of `tag`, lowest version first; none where it is not a version itself. */
export function sameVariant(tag: string, tags: Iterable<string>): readonly string[] {
  const own = readTag(tag);
  if (own === undefined) return [];
  return sorted(tags).flatMap((one) => (one.variant === own.variant && one.tag !== tag ? [one.tag] : []));
}

/** Some tags around a range that none lies in: of its variant, else of any. */
export function nearbyTags(range: VersionRange, tags: Iterable<string>): readonly string[] {
  const all = sorted(tags);
  const same = all.filter(({ variant }) => variant === range.variant);
  const from = same.length > 0 ? same : all;
  const lowest = semver().minVersion(range.range);
  const above = lowest === null ? -1 : from.findIndex(({ numbers }) => lowest.compare(numbers.join(".")) <= 0);
  const start = Math.max(0, (above < 0 ? from.length : above + 2) - NEARBY);
  return from.slice(start, start + NEARBY).map(({ tag }) => tag);
}

/** A tag that a range could match, for a message. */
export function exampleTag({ range, variant }: VersionRange): string {
  const version = semver().minVersion(range)?.version ?? "1.2.3";
  return variant === undefined ? version : `${version}-${variant}`;
}

/** Lowest first. Two with the same version, as many numbers and the same variant would be the same tag. */
function sorted(tags: Iterable<string>): readonly VersionTag[] {
  return [...new Set(tags)].flatMap((tag) => readTag(tag) ?? []).sort(order);
}

function order(one: VersionTag, other: VersionTag): number {
  for (const at of [0, 1, 2] as const) if (one.numbers[at] !== other.numbers[at]) return one.numbers[at] - other.numbers[at];
  return one.written - other.written || (one.tag < other.tag ? -1 : 1);
}

function semver(): typeof Semver {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- its forty files are loaded for an image that declares a range
  return require("semver") as typeof Semver;
}

function parseRange(text: string): string {
  const hint = "Write one such as ^3.13, ~3.13.1 or >=3.12 <4";
  if (text.length > MAXIMUM_RANGE_LENGTH) {
    throw new DhiError("invalid", `a range of ${String(text.length)} characters is longer than ${String(MAXIMUM_RANGE_LENGTH)}`, { hint });
  }
  // semver reads an empty range as any version, which nobody means who writes it.
  if (text.trim() === "" || semver().validRange(text) === null) throw new DhiError("invalid", `"${text}" is not a valid range`, { hint });
  return text;
}

function parseVariant(text: string): string {
  if (/^[A-Za-z0-9_][\w.-]*$/.test(text) && text.length <= MAXIMUM_VARIANT_LENGTH) return text;
  const shown = text.length > MAXIMUM_VARIANT_LENGTH ? `a text of ${String(text.length)} characters` : `"${text}"`;
  throw new DhiError("invalid", `${shown} is not a valid variant`, {
    hint: `Give what follows the version and its dash: dev for 3.13.2-dev. At most ${String(MAXIMUM_VARIANT_LENGTH)} letters, digits, dots, dashes and underscores`,
  });
}

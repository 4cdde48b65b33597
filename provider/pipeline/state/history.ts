import { DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { isTag } from "../../image/reference.js";
import { isList, isMap, omit, ownValue, type Value, type ValueMap } from "../../values.js";
import { formatId, identityOf, type ImageKind, type ImageSpec } from "../spec/image-spec.js";
import { derivedProperties } from "./output-names.js";

/** An image that was published. */
export interface HistoryRecord {
  readonly digest: Digest;
  /** The tag that keeps it reachable; undefined where only the declared tags do. */
  readonly tag: string | undefined;
  /** Why it differed from the one before. */
  readonly reasons: readonly string[];
}

const shortLength = 12;

/** The tag that keeps an image reachable when its own tag moves on; undefined where it would be longer than a tag may be. */
export function keptTag(tag: string, digest: Digest): string | undefined {
  const name = joinTag(tag, digest);
  return isTag(name) ? name : undefined;
}

function joinTag(tag: string, digest: Digest): string {
  return `${tag}-${digest.slice("sha256:".length, "sha256:".length + shortLength)}`;
}

/** With the tags that the image of a digest is published under. `history`: what state keeps of it, whose tags stay as they are. */
export function specFor(spec: ImageSpec, digest: Digest, history: readonly HistoryRecord[]): ImageSpec {
  if (spec.history?.immutable !== true) return spec;
  const [{ property }] = spec.tags;
  const tag = history.find((record) => record.digest === digest)?.tag ?? joinTag(spec.history.primary, digest);
  return { ...spec, tags: [{ tag, property }] };
}

/**
 * The images that state keeps, newest first, the current one included. State of a release that kept none has the current one. `outputs`: of
 * state, or the checked inputs that were.
 */
export function parseHistory(outputs: ValueMap): readonly HistoryRecord[] {
  const { __history: history, digest, reasons } = outputs;
  if (isList(history)) return history.flatMap(parseRecord);
  return isDigest(digest) ? [{ digest, tag: undefined, reasons: textsOf(reasons) }] : [];
}

function parseRecord(value: Value): readonly HistoryRecord[] {
  if (!isMap(value) || !isDigest(value["digest"])) return [];
  const { digest, tag, reasons } = value;
  return [{ digest, tag: typeof tag === "string" ? tag : undefined, reasons: textsOf(reasons) }];
}

function textsOf(value: Value | undefined): readonly string[] {
  return isList(value) ? value.filter((text) => typeof text === "string") : [];
}

/** What state keeps for the very id: another suffix begins a history of its own. */
export function historyOf(kind: ImageKind, spec: ImageSpec, olds: ValueMap): readonly HistoryRecord[] {
  const before = kind.identify(omit(olds, derivedProperties));
  return before !== undefined && formatId(before) === formatId(identityOf(spec)) ? parseHistory(olds) : [];
}

/** The outputs of state, with an image that was built as the newest. `olds`: what state has. */
export function describeBuilt(
  spec: ImageSpec,
  olds: ValueMap,
  history: readonly HistoryRecord[],
  built: Pick<HistoryRecord, "digest" | "reasons">,
): ValueMap {
  // The same image again is not another one.
  if (history[0]?.digest === built.digest) return describeHistory(spec, olds, history, built.digest);
  const tag = history.find(({ digest }) => digest === built.digest)?.tag;
  const others = history.filter(({ digest }) => digest !== built.digest);
  return describeHistory(spec, olds, [{ ...built, tag }, ...others], built.digest);
}

/**
 * The outputs of state: the newest, always with the current one, which a rollback may have made an older one. Each has the tag that was put
 * for it, which may be of a version that a range has left. Throws `DhiError` "invalid" for a declared tag that would move one of them.
 */
export function describeHistory(spec: ImageSpec, olds: ValueMap, history: readonly HistoryRecord[], current: Digest): ValueMap {
  if (spec.history === undefined) return {};
  const { keep, primary, immutable } = spec.history;
  const others = history.filter(({ digest }) => digest !== current).slice(0, keep - 1);
  const kept = history.filter((record) => record.digest === current || others.includes(record));
  const hasTags = keep > 1 || immutable;
  const tagged = kept.map((record) => ({ ...record, tag: hasTags ? (record.tag ?? keptTag(primary, record.digest)) : undefined }));
  refuseMoved(spec, tagged, current);
  return historyValue(tagged, publishedTimes(olds));
}

/** A declared tag points at the current image, so it cannot keep another one. */
function refuseMoved({ tags }: ImageSpec, history: readonly HistoryRecord[], current: Digest): void {
  for (const { tag, property } of tags) {
    const record = history.find((one) => one.tag === tag && one.digest !== current);
    if (record === undefined) continue;
    throw new DhiError("invalid", `"${tag}" is the tag that keeps ${record.digest} reachable, and this would move it`, {
      property,
      hint: "Give another tag, or roll back to it with rollbackTo",
    });
  }
}

/** The tags that keep the images of a history. `outputs`: as for `parseHistory`. */
export function keptTags(outputs: ValueMap): readonly string[] {
  return parseHistory(outputs).flatMap(({ tag }) => (tag === undefined ? [] : [tag]));
}

/** The outputs of a history, with those of the times, by digest, that belong to it. */
export function historyValue(history: readonly HistoryRecord[], times: Readonly<Record<string, string>>): ValueMap {
  const published = history.flatMap(({ digest }) => {
    const time = ownValue(times, digest);
    return time === undefined ? [] : [[digest, time] as const];
  });
  return {
    __history: history.map(({ digest, tag, reasons }) => ({ digest, ...(tag === undefined ? {} : { tag }), reasons })),
    __published: Object.fromEntries(published),
  };
}

/** By digest: when it was published. */
export function publishedTimes(outputs: ValueMap | undefined): Readonly<Record<string, string>> {
  const times = outputs?.["__published"];
  const known = isMap(times) ? Object.entries(times) : [];
  return Object.fromEntries(known.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The times in state, and `now` for what is published for the first time. */
export function timesWith(olds: ValueMap | undefined, digest: Digest, now: Date): Readonly<Record<string, string>> {
  const before = publishedTimes(olds);
  const wasThere = olds !== undefined && parseHistory(olds).some((record) => record.digest === digest);
  return wasThere ? before : { ...before, [digest]: now.toISOString() };
}

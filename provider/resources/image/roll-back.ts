import { blame, DhiError } from "../../errors.js";
import { shortDigest, type Digest } from "../../image/digest.js";
import { formatReference } from "../../image/reference.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import type { ImageSpec } from "../../pipeline/spec/image-spec.js";
import { describeHistory, specFor, type HistoryRecord } from "../../pipeline/state/history.js";
import type { OldImage } from "../../pipeline/state/old-image.js";
import { derivedProperties, transientProperties } from "../../pipeline/state/output-names.js";
import { describeNames } from "../../pipeline/state/outputs.js";
import { findDrift } from "../../pipeline/tags/drift.js";
import { inspectKept } from "../../pipeline/tags/inspect-kept.js";
import { promiseComposed } from "../../pipeline/tags/promises.js";
import { inspectTags, refuseForeignTags, type TagState } from "../../pipeline/tags/states.js";
import { hasWholeImage, notWhole } from "../../pipeline/tags/whole-image.js";
import { equalValues, isList, type ValueMap } from "../../values.js";
import type { CheckRequest } from "../lifecycle.js";
import { describeStored } from "./read.js";
import { describeMarks } from "./secret-notices.js";

/** What a check knows when the tags are to go back. */
export interface Rollback {
  readonly session: Session;
  readonly spec: ImageSpec;
  readonly inputs: ValueMap;
  readonly request: CheckRequest;
  /** Undefined for a new image, which has nothing to go back to. */
  readonly old: OldImage | undefined;
  readonly history: readonly HistoryRecord[];
  readonly log: ResourceLog;
}

/** Of the build that state has, and not of an older image. */
const ofTheBuild: ReadonlySet<string> = new Set(["config", "layers"]);

/**
 * The outputs of an image that is kept, without resolving or composing anything: resolution, archives and layer records stay those of the
 * newest build, which unsetting `rollbackTo` goes on from. Throws `DhiError` "not-found" for what is not kept, or no longer whole.
 */
export async function rollBack(
  { session, spec: declared, inputs, request: { olds, secrets }, old, history, log }: Rollback,
  wanted: string,
): Promise<ValueMap> {
  const record = history.find(({ digest, tag }) => digest === wanted || tag === wanted);
  if (old === undefined || record === undefined) throw notKept(declared, wanted, history);
  const { digest } = record;
  const spec = specFor(declared, digest, history);
  const isUnchanged = old.digest === digest && equalValues(old.inputs, inputs);
  const states = isUnchanged ? await inspectUnchanged(session, spec, digest, log) : await inspectTarget(session, spec, old.digest, digest);
  await promiseComposed(session, spec, digest);
  const marks = describeMarks(olds, secrets);
  const markReasons = isList(marks["reasons"]) ? marks["reasons"] : [];
  const before = Object.entries(olds).filter(
    ([key]) => derivedProperties.has(key) && !transientProperties.has(key) && !ofTheBuild.has(key),
  );
  return {
    ...Object.fromEntries(before),
    ...marks,
    ...(isUnchanged ? {} : await describeStored(session, spec.destination, digest)),
    ...describeNames(spec, digest),
    // What is stated about an earlier image stays attached to it, and state does not list it.
    ...(old.digest === digest ? {} : { attestations: [] }),
    ...(old.digest === digest ? {} : { reasons: [`rolled back to ${shortDigest(digest)}`, ...markReasons] }),
    ...describeHistory(spec, olds, history, digest),
    ...findDrift(olds, old.digest, digest, states),
  };
}

/** Costs one HEAD a tag, and a destination that cannot be asked is no reason to stop. */
async function inspectUnchanged(
  session: Session,
  spec: ImageSpec,
  digest: Digest,
  log: ResourceLog,
): Promise<ReadonlyMap<string, TagState>> {
  const { gone, tags } = await inspectKept(session, spec, digest, log);
  if (gone) throw notWhole(spec.destination, digest);
  return tags;
}

async function inspectTarget(session: Session, spec: ImageSpec, from: Digest, to: Digest): Promise<ReadonlyMap<string, TagState>> {
  const states = await inspectTags(session, spec, [from, to]);
  refuseForeignTags(spec, states, to);
  const isWhole = await blame({ origin: "destination", property: "rollbackTo" }, () => hasWholeImage(session, spec.destination, to));
  if (!isWhole) throw notWhole(spec.destination, to);
  return states;
}

function notKept({ destination, tags }: ImageSpec, wanted: string, history: readonly HistoryRecord[]): DhiError {
  const name = formatReference({ repository: destination, tag: tags[0].tag });
  const list = history.map(({ digest, tag }) => tag ?? digest).join(", ");
  return new DhiError("not-found", `${wanted} is not an image that is kept of ${name}`, {
    property: "rollbackTo",
    hint: history.length === 0 ? "State keeps none of it. Unset rollbackTo" : `Give one of ${list}, or unset rollbackTo`,
  });
}

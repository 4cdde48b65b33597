import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository } from "../../image/reference.js";
import { equalValues, type ValueMap } from "../../values.js";
import type { ResourceLog, Session } from "../session.js";
import { rememberMirrored } from "../sources/mirrored.js";
import { describeFirstSights, parseFirstSights } from "../state/first-sights.js";
import { promiseTags } from "../tags/promises.js";
import { explainMirror } from "./explain.js";
import { findImages, type Found, type KnownMirror } from "./find-images.js";
import type { MirrorSpec } from "./mirror-spec.js";
import type { OldMirror } from "./old-mirror.js";
import { VERIFIED } from "../verify/verified.js";
import { foreignTags, headTags, ownershipOf } from "./tag-states.js";

/** What a mirror will have done, and the errors that keep it from it. */
export interface MirrorPlan {
  readonly derived: ValueMap;
  readonly failures: readonly DhiError[];
  /** The tags of the destination that it will have. */
  readonly tags: readonly string[];
}

/**
 * Compares the source with the destination, and copies nothing. `unchanged`: the old outputs, where the inputs are the same; they stay
 * while a registry cannot be asked.
 */
export async function planMirror(
  session: Session,
  id: string,
  spec: MirrorSpec,
  olds: ValueMap,
  old: OldMirror | undefined,
  unchanged: boolean,
  log: ResourceLog,
  urn: string | undefined,
): Promise<MirrorPlan> {
  const known: KnownMirror = { kept: old?.images, sights: parseFirstSights(olds), urn, attached: old?.attached ?? {} };
  const found = await orKept(session, old, unchanged, log, () => findImages(session, spec, known));
  if (found === undefined) return kept(spec, olds, old);
  for (const notice of found.notices) log.line("info", notice);
  const images = Object.fromEntries(found.images.map(({ tag, digest }) => [tag, digest]));
  const tags = found.images.map(({ tag }) => tag);
  const isSame = unchanged && old !== undefined && equalValues(old.images, images) && equalValues(old.attached, found.attached);
  const heads = await orKept(session, old, isSame, log, () => headTags(session, spec, tags));
  if (heads === undefined) return kept(spec, olds, old);
  const isOurs = ownershipOf(session, id, old?.known);
  const failures = await foreignTags(spec, found.images, heads, isOurs);
  if (failures.length === 0) await promise(session, spec, found);
  // Only what is ours: a tag that is taken over with `overwrite` is somebody else's until it has been moved.
  const replaced: (readonly [string, Digest])[] = [];
  for (const { tag, digest } of found.images) {
    const head = heads.get(tag);
    if (head !== undefined && head !== digest && (await isOurs(tag, head))) replaced.push([tag, head]);
  }
  const drift = findDrift(olds, old, images, heads);
  const hasMoved = !isSame || drift !== undefined;
  return {
    derived: {
      repository: formatRepository(spec.destination),
      images,
      attached: found.attached,
      ...found.verified,
      reasons: hasMoved ? explainMirror(old, images, found.attached, heads) : old.reasons,
      ...(replaced.length === 0 ? {} : { replaced: Object.fromEntries(replaced) }),
      ...(drift === undefined ? {} : { drift }),
      ...describeFirstSights(found.sights),
    },
    failures,
    tags,
  };
}

/** What a registry that cannot be asked leaves undefined: it is no reason to stop what has not changed. */
async function orKept<T>(
  { settings }: Session,
  old: OldMirror | undefined,
  unchanged: boolean,
  log: ResourceLog,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    const mayStay = thrown instanceof DhiError && thrown.code === "unavailable" && unchanged && !settings.requireFresh;
    if (!mayStay || old === undefined) throw thrown;
    log.line("warning", `kept as it is: ${thrown.describe()}`);
    return undefined;
  }
}

function kept({ destination }: MirrorSpec, olds: ValueMap, old: OldMirror | undefined): MirrorPlan {
  const names = ["images", "attached", "reasons", "__firstSeen", VERIFIED];
  const derived = Object.fromEntries(Object.entries(olds).filter(([name]) => names.includes(name)));
  return { derived: { repository: formatRepository(destination), ...derived }, failures: [], tags: old?.tags ?? [] };
}

/** From now on this operation reads these tags as they will be, from the source where the destination has them not yet. */
async function promise(session: Session, { source, destination }: MirrorSpec, { images, manifests }: Found): Promise<void> {
  rememberMirrored(session, destination, source, manifests);
  for (const { tag, property, digest } of images)
    await promiseTags(session, { destination, tags: [{ tag, property }] }, digest, "the output repository of this mirror");
}

/** Tags that state believes right and that are not. The inputs in state keep the last drift after its repair; the same one again would be no change. */
function findDrift(
  olds: ValueMap,
  old: OldMirror | undefined,
  images: Readonly<Record<string, Digest>>,
  heads: ReadonlyMap<string, Digest>,
): ValueMap | undefined {
  const moved = Object.entries(images).filter(([tag, digest]) => old?.images[tag] === digest && heads.get(tag) !== digest);
  if (moved.length === 0) return undefined;
  const drift = Object.fromEntries(moved.map(([tag]) => [tag, heads.get(tag) ?? "missing"]));
  if (!equalValues(olds["drift"], drift)) return drift;
  return Object.fromEntries(Object.entries(drift).map(([tag, what]) => [tag, `${what} (again)`]));
}

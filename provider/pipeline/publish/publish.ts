import { asError, blame, DhiError } from "../../errors.js";
import { isDigest, shortDigest, type Digest } from "../../image/digest.js";
import { formatReference, formatRepository } from "../../image/reference.js";
import type { ImageRepository, StoredManifest } from "../../registry/repository.js";
import { formatSize } from "../../text/format-size.js";
import { PartialFailure } from "../partial-failure.js";
import type { ResourceLog, Session } from "../session.js";
import type { ValueMap } from "../../values.js";
import { describeAttached, parseAttached, type Attached } from "../attest/attached.js";
import { composeImage } from "../compose/compose.js";
import type { Composition, OwnLayer } from "../compose/composition.js";
import { deleteOwnTag } from "../tags/deletion.js";
import { recallComposition } from "../compose/known-compositions.js";
import { parseLayerRecords } from "../state/layer-records.js";
import { historyValue, keptTags, parseHistory, timesWith, type HistoryRecord } from "../state/history.js";
import { publishedTags } from "../state/published-tags.js";
import { readLocalSources } from "../sources/local-sources.js";
import { isInCache } from "../compose/obtain-layer.js";
import { unfinishedTags } from "../tags/own-digests.js";
import { publishComposition, publishTags } from "./push-composition.js";
import type { Transfer } from "./put-blob.js";
import type { Resolution } from "../state/resolution.js";
import { readManifest } from "../sources/source-image.js";
import { isAttested } from "../spec/attested.js";
import { identityOf, type ImageSpec } from "../spec/image-spec.js";
import { putKeptTags, removeKeptTags, withLeftTags } from "../tags/kept-tags.js";
import { inspectTags, refuseForeignTags, type TagState } from "../tags/states.js";
import { hasWholeImage, notWhole } from "../tags/whole-image.js";

export interface PublishRequest {
  readonly spec: ImageSpec;
  readonly resolution: Resolution;
  /** The digest that check has promised. */
  readonly digest: Digest;
  /** The checked inputs, which become the outputs. */
  readonly checked: ValueMap;
}

/** Publishes by digest, then moves the tags. `olds`: the previous outputs of an update. Returns the outputs. */
export async function publishImage(
  session: Session,
  id: string,
  request: PublishRequest,
  olds: ValueMap | undefined,
  log: ResourceLog,
): Promise<ValueMap> {
  const { spec, digest, checked } = request;
  const started = Date.now();
  const unfinished = unfinishedTags(olds);
  const old = [...(isDigest(olds?.["digest"]) ? [olds["digest"]] : []), ...unfinished.values()];
  session.memory.claims.claim(identityOf(spec), id);
  const history = spec.history === undefined ? [] : parseHistory(checked);
  session.memory.claims.claim({ destination: spec.destination, tags: keptTags(checked) }, id);
  const states = await inspectTags(session, spec, [digest, ...old]);
  refuseForeignTags(spec, states, digest);
  const { index, transfer } = await publishByDigest(session, request, log);
  let attached = await attest(session, request, index, parseAttached(olds?.["__attached"]), log);
  const present = presentDigests(states);
  const dropped = droppedTags(olds, spec).flatMap((tag): readonly (readonly [string, Digest])[] => {
    const own = unfinished.get(tag) ?? old[0];
    return own === undefined ? [] : [[tag, own]];
  });
  // They stay in state until they are removed, so that the next update can continue.
  const tags = new Map<string, Digest>([...dropped, ...present]);
  let moved = 0;
  let kept: ValueMap;
  // Before they move: what the tags leave must stay reachable.
  const others = history.filter((record) => record.digest !== digest);
  await putKeptTags(session, spec, others, log);
  try {
    await publishTags(session, spec, index, present, (tag) => {
      if (present.get(tag) !== digest) moved += 1;
      tags.set(tag, digest);
    });
    attached = await detachLeft(session, request, history, [...tags.keys(), ...keptTags(olds ?? {})], attached, log);
    for (const [tag, own] of dropped) {
      await deleteOwnTag(session, spec.destination, tag, own, log);
      tags.delete(tag);
    }
    kept = await keepTags(session, request, history, olds, log);
  } catch (thrown) {
    if (moved === 0) throw thrown;
    const reason = thrown instanceof DhiError ? thrown.describe() : asError(thrown).message;
    const left = [...tags].filter(([, at]) => at !== digest && old.includes(at));
    const unfinishedNow = left.length === 0 ? {} : { unfinished: Object.fromEntries(left) };
    const keptNow = describeKept(spec, digest, withLeftTags(history, parseHistory(olds ?? {})), olds);
    const now = { ...keptNow, ...describeAttached(attached), tags: Object.fromEntries(tags), ...unfinishedNow };
    throw new PartialFailure(id, { ...checked, ...now }, [reason], thrown);
  }
  log.line("info", summarize(spec, digest, transfer, moved, Date.now() - started));
  return { ...checked, ...kept, ...describeAttached(attached) };
}

/** What is stated about an earlier image, which a rollback goes back to, stays attached to it. The step is loaded only for images that need it. */
async function attest(
  session: Session,
  { spec, checked }: PublishRequest,
  index: StoredManifest,
  before: Attached,
  log: ResourceLog,
): Promise<Attached> {
  if (!isAttested(session, spec) || spec.history?.rollbackTo !== undefined) return before;
  const { attestPublished } = await import("../attest/attest-published.js");
  return attestPublished(session, { spec, index, checked, before }, log);
}

/**
 * Removes what is attached to images that are no longer kept, and to this one if nothing is stated about it any more. `tags`: those of this image,
 * which the images may have.
 */
async function detachLeft(
  session: Session,
  { spec, digest }: PublishRequest,
  history: readonly HistoryRecord[],
  tags: readonly string[],
  attached: Attached,
  log: ResourceLog,
): Promise<Attached> {
  if (Object.keys(attached).length === 0) return attached;
  const own = new Set([...tags, ...spec.tags.map(({ tag }) => tag)]);
  const others = history.flatMap((record) => (record.digest === digest ? [] : [record.digest]));
  const isStated = isAttested(session, spec) || spec.history?.rollbackTo !== undefined;
  const stay = isStated ? [digest, ...others] : others;
  try {
    const { detachImages } = await import("../attest/detach-images.js");
    return await detachImages(session, { destination: spec.destination, stay, tags: own, attached }, log);
  } catch (thrown) {
    // A login that may push need not be one that may delete.
    if (!(thrown instanceof DhiError) || thrown.code === "cancelled") throw thrown;
    log.line("warning", `attestations of images that are no longer kept stay, and the next update tries again: ${thrown.describe()}`);
    return attached;
  }
}

/** Tags the new image, and removes the tags of what is no longer kept. Outputs that tell it. */
async function keepTags(
  session: Session,
  { spec, digest }: PublishRequest,
  history: readonly HistoryRecord[],
  olds: ValueMap | undefined,
  log: ResourceLog,
): Promise<ValueMap> {
  const current = history.filter((record) => record.digest === digest);
  await putKeptTags(session, spec, current, log);
  const left = await removeKeptTags(session, spec, parseHistory(olds ?? {}), history, log);
  return describeKept(spec, digest, withLeftTags(history, left), olds);
}

function describeKept(spec: ImageSpec, digest: Digest, history: readonly HistoryRecord[], olds: ValueMap | undefined): ValueMap {
  return spec.history === undefined ? {} : historyValue(history, timesWith(olds, digest, new Date()));
}

async function publishByDigest(
  session: Session,
  request: PublishRequest,
  log: ResourceLog,
): Promise<{ readonly index: StoredManifest; readonly transfer: Transfer | undefined }> {
  const { spec, digest } = request;
  const destination = session.repositories.open(spec.destination);
  if (await blame({ origin: "destination" }, () => hasWholeImage(session, spec.destination, digest))) {
    const index = await readManifest(session, spec.destination, digest);
    if (index !== undefined) return { index, transfer: undefined };
  }
  if (spec.history?.rollbackTo !== undefined) throw notWhole(spec.destination, digest);
  const known = recallComposition(session, spec.destination, digest);
  let composition = known !== undefined && (await isWhole(session, destination, known)) ? known : await recompose(session, request, log);
  for (let left = ownLayersOf(composition).length; ; left -= 1) {
    try {
      return { index: composition.index, transfer: await publishComposition(session, spec, composition, log) };
    } catch (thrown) {
      // A damaged layer is evicted from the cache when it is read, one at a time.
      const isDamage = thrown instanceof DhiError && thrown.code === "mismatch";
      if (!isDamage || left === 0 || (await isWhole(session, destination, composition))) throw thrown;
    }
    composition = await recompose(session, request, log);
  }
}

function ownLayersOf({ platforms }: Composition): readonly OwnLayer[] {
  return platforms.flatMap(({ ownLayers }) => ownLayers);
}

/**
 * Since check composed it, a layer may have been evicted from the cache, or a reused one deleted at the destination. Such a layer no
 * longer counts as written.
 */
async function isWhole(session: Session, destination: ImageRepository, composition: Composition): Promise<boolean> {
  const layers = new Map(ownLayersOf(composition).map((layer) => [layer.key, layer]));
  let whole = true;
  for (const { key, descriptor, reused } of layers.values()) {
    if (!reused && (await isInCache(session, descriptor))) continue;
    if (await blame({ origin: "destination" }, () => destination.hasBlob(descriptor))) continue;
    session.memory.layers.delete(key);
    whole = false;
  }
  return whole;
}

/** Composes again what check composed in an earlier process, or what was lost since. */
async function recompose(session: Session, { spec, resolution, digest, checked }: PublishRequest, log: ResourceLog): Promise<Composition> {
  const local = await readLocalSources(session.projectDirectory, spec.inputs, session.signal);
  const composition = await composeImage(session, { spec, resolution, local, records: parseLayerRecords(checked) }, log);
  if (composition.index.digest === digest) return composition;
  throw new DhiError("mismatch", `the image was composed as ${composition.index.digest}, but check promised ${digest}`, {
    hint: "One of its sources changed in the meantime. Run the update again",
  });
}

function presentDigests(states: ReadonlyMap<string, TagState>): ReadonlyMap<string, Digest> {
  return new Map([...states].flatMap(([tag, state]) => (state.is === "absent" ? [] : [[tag, state.digest] as const])));
}

/** Tags that keep an image as well are left to `removeKeptTags`. */
function droppedTags(olds: ValueMap = {}, spec: ImageSpec): readonly string[] {
  const others = new Set([...spec.tags.map(({ tag }) => tag), ...keptTags(olds)]);
  return publishedTags(olds).filter((tag) => !others.has(tag));
}

function summarize(spec: ImageSpec, digest: Digest, transfer: Transfer | undefined, moved: number, milliseconds: number): string {
  const seconds = `${(milliseconds / 1000).toFixed(1)} s`;
  const tags = moved === 0 ? "no tag moved" : `${String(moved)} ${moved === 1 ? "tag" : "tags"} moved`;
  const name = formatReference({ repository: spec.destination, tag: spec.tags[0].tag });
  if (transfer === undefined) return `${formatRepository(spec.destination)}@${shortDigest(digest)} already exists; ${tags}, ${seconds}`;
  const { uploaded, uploadedBytes, mounted, present } = transfer;
  return `${name}: ${formatSize(uploadedBytes)} in ${String(uploaded)} blobs uploaded, ${String(mounted)} mounted, ${String(present)} already present; ${tags}, ${seconds}`;
}

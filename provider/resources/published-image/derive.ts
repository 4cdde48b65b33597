import { DhiError } from "../../errors.js";
import { digestOf, hexOf, isDigest, type Digest } from "../../image/digest.js";
import { LAYOUT_VERSION } from "../../rootfs/layer-key.js";
import type { UsedArchive } from "../../packages/family.js";
import type { CheckRequest } from "../lifecycle.js";
import type { Row, Session } from "../session.js";
import { equalValues, formatPath, isList, omit, ownValue, type ValueMap } from "../values.js";
import { refuseOlder } from "./archives-age.js";
import { composeImage } from "./compose.js";
import { findDrift } from "./drift.js";
import { readLocalSources, type LocalSources } from "./local-sources.js";
import { foldNotices } from "./notice.js";
import { parseArchives } from "./packages-plan.js";
import { derivedProperties, describeComposition, describeNames, transientProperties } from "./outputs.js";
import { explainChange } from "./reasons.js";
import { promiseTags } from "./promise-tags.js";
import { reportNotices } from "./report-notices.js";
import { findReusableLayers } from "./reusable-layers.js";
import { parseResolution, resolutionValue, type Resolution } from "./resolution.js";
import { holdResolution, resolveSpec, type Resolved } from "./resolve.js";
import { describeMarks, knownSecrets, secretNotices } from "./secret-notices.js";
import { formatId, identityOf, type ImageSpec } from "./spec.js";
import { foreignTags, inspectTags, type TagState } from "./tag-states.js";

/** What state says of the image. */
interface OldImage {
  readonly inputs: ValueMap;
  readonly resolution: Resolution | undefined;
  readonly archives: readonly UsedArchive[];
  readonly digest: Digest;
}

/** All outputs, from inputs that are known. Where inputs and resolution are the old ones, so are the outputs. */
export async function deriveOutputs(
  session: Session,
  spec: ImageSpec,
  inputs: ValueMap,
  request: CheckRequest,
  row: Row,
): Promise<ValueMap> {
  const { olds } = request;
  const local = await readLocalSources(session.projectDirectory, spec.content);
  const old = parseOld(olds);
  const unchangedInputs = old !== undefined && equalValues(old.inputs, inputs);
  const { resolution: resolved, archives } = await resolve(session, spec, local, request, unchangedInputs ? old : undefined, row);
  if (old !== undefined && equalValues(old.inputs["packageSources"], inputs["packageSources"])) refuseOlder(old.archives, archives);
  const unchanged =
    unchangedInputs && old.resolution !== undefined && equalValues(resolutionValue(old.resolution), resolutionValue(resolved));
  const kept = unchanged ? await askTags(session, spec, old.digest, true, row) : undefined;
  if (unchanged && kept !== undefined && !(await isGone(session, spec, old.digest, kept))) {
    await promiseTags(session, spec, old.digest);
    const marks = describeMarks(olds, request.secrets);
    reportNotices(olds, marks, row);
    return {
      ...keptOutputs(olds),
      ...marks,
      // A release file that moved without a version that did: the next check asks for this one.
      ...describeArchives(archives),
      ...describeNames(spec, old.digest),
      ...findDrift(olds, old.digest, old.digest, kept),
    };
  }
  const states = await askTags(session, spec, old?.digest, false, row);
  requireLocalSources(resolved, local);
  const resolution = { ...resolved, layoutVersion: LAYOUT_VERSION };
  const images = [
    ...(old === undefined ? [] : [old.digest]),
    ...[...states.values()].flatMap((state) => (state.is === "ours" ? [state.digest] : [])),
  ];
  const reusable = await findReusableLayers(session, spec, images);
  const composition = await composeImage(session, { spec, resolution, local, reusable }, row);
  const { digest } = composition.index;
  session.memory.compositions.set(digest, composition);
  refuseForeign(spec, states, digest);
  await promiseTags(session, spec, digest);
  // Of a map that is or was secret as a whole the keys are told no more than the values.
  const wholePaths = new Set([...knownSecrets(olds), ...request.secrets.map(formatPath)]);
  const reasons = old?.digest === digest ? oldReasons(olds) : explainChange(old, inputs, resolution, wholePaths);
  const notices = [...foldNotices(composition.notices), ...secretNotices(request.secrets)];
  const described = describeComposition(spec, resolution, composition, reasons, notices);
  reportNotices(olds, described, row);
  return {
    ...described,
    ...describeArchives(archives),
    ...(old === undefined ? {} : findDrift(olds, old.digest, digest, states)),
  };
}

async function resolve(
  session: Session,
  spec: ImageSpec,
  local: LocalSources,
  { urn, olds, news }: CheckRequest,
  unchanged: OldImage | undefined,
  row: Row,
): Promise<Resolved> {
  const { held } = session.memory;
  const handed = parseResolution(news["resolution"]);
  if (handed !== undefined && urn !== undefined) held.set(urn, handed);
  // The second check of a replacement gets nothing old, and so not what ignoreChanges would hold.
  const holding = handed ?? (Object.keys(olds).length === 0 && urn !== undefined ? held.get(urn) : undefined);
  if (holding !== undefined) {
    // Archives drop old versions: what is only kept need not be there any more.
    const old = unchanged?.resolution;
    const isKept = old !== undefined && equalValues(resolutionValue(old), resolutionValue(holding));
    if (isKept) return { resolution: old, archives: unchanged?.archives ?? [] };
    return holdResolution(session, spec, local, holding, row);
  }
  const confirmations = { kind: "confirmations", key: hexOf(digestOf(formatId(identityOf(spec)))) };
  try {
    const known = unchanged?.resolution === undefined ? undefined : { resolution: unchanged.resolution, archives: unchanged.archives };
    const resolved = await resolveSpec(session, spec, local, row, known);
    // Only ever shown; a cache that cannot be written to is no reason to stop.
    await session.cache.write(confirmations.kind, confirmations.key, Buffer.from(new Date().toISOString())).catch(() => undefined);
    return resolved;
  } catch (thrown) {
    const old = unchanged?.resolution;
    const sameFiles = old !== undefined && equalValues(old.files, local.digests);
    if (!(thrown instanceof DhiError) || thrown.code !== "unavailable" || !sameFiles || session.settings.requireFresh) throw thrown;
    const since = (await session.cache.read(confirmations.kind, confirmations.key))?.toString() ?? "an earlier run, not known here";
    row.log("warning", `kept as it is: ${thrown.describe()}. What it is made of was last confirmed at ${since}`);
    return { resolution: old, archives: unchanged?.archives ?? [] };
  }
}

/** Neither tag nor digest is left: the image is made anew, which may come out otherwise where the codec is another one. */
async function isGone(session: Session, spec: ImageSpec, digest: Digest, states: ReadonlyMap<string, TagState>): Promise<boolean> {
  if (states.size === 0 || [...states.values()].some((state) => state.is !== "absent")) return false;
  return (await session.repositories.open(spec.destination).headManifest(digest)) === undefined;
}

/** A destination that cannot be asked is no reason to stop what has not changed. */
async function askTags(
  session: Session,
  spec: ImageSpec,
  old: Digest | undefined,
  unchanged: boolean,
  row: Row,
): Promise<ReadonlyMap<string, TagState>> {
  try {
    const states = await inspectTags(session, spec, old === undefined ? [] : [old]);
    if (unchanged) refuseForeign(spec, states, old);
    return states;
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "unavailable" || !unchanged || session.settings.requireFresh) throw thrown;
    row.log("warning", `the tags could not be looked at: ${thrown.describe()}`);
    return new Map();
  }
}

function refuseForeign(spec: ImageSpec, states: ReadonlyMap<string, TagState>, digest: Digest | undefined): void {
  const [first] = foreignTags(spec, states, digest);
  if (first !== undefined) throw first;
}

function parseOld(olds: ValueMap): OldImage | undefined {
  const { digest } = olds;
  if (!isDigest(digest)) return undefined;
  return {
    inputs: omit(olds, derivedProperties),
    resolution: parseResolution(olds["resolution"]),
    archives: parseArchives(olds["archives"]) ?? [],
    digest,
  };
}

function describeArchives(archives: readonly UsedArchive[]): ValueMap {
  return archives.length === 0 ? {} : { archives: archives.map((archive) => ({ ...archive })) };
}

function keptOutputs(olds: ValueMap): ValueMap {
  return Object.fromEntries(Object.entries(olds).filter(([key]) => derivedProperties.has(key) && !transientProperties.has(key)));
}

function oldReasons({ reasons }: ValueMap): readonly string[] {
  return isList(reasons) ? reasons.filter((reason) => typeof reason === "string") : [];
}

/** What was held is known by its digest alone; other content cannot stand in for it. */
function requireLocalSources(resolution: Resolution, local: LocalSources): void {
  for (const [source, digest] of Object.entries(resolution.files)) {
    if (ownValue(local.digests, source) === digest) continue;
    throw new DhiError("conflict", `the source ${source} has changed since the resolution that is held`, {
      property: "resolution",
      hint: 'Restore it, or take "resolution" out of ignoreChanges',
    });
  }
}

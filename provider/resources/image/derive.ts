import { DhiError } from "../../errors.js";
import { shortDigest } from "../../image/digest.js";
import type { UsedArchive } from "../../packages/used-archive.js";
import type { ImageStatements } from "../../pipeline/statements/image-statements.js";
import { hasLost } from "../../pipeline/attest/lost-drift.js";
import { signerOf } from "../../pipeline/attest/signer.js";
import { composeImage } from "../../pipeline/compose/compose.js";
import type { Composition } from "../../pipeline/compose/composition.js";
import { rememberComposition } from "../../pipeline/compose/known-compositions.js";
import { foldNotices } from "../../pipeline/notice.js";
import { judgeAge, requirePolicy } from "../../pipeline/policy/require-policy.js";
import { refuseOlder } from "../../pipeline/resolve/archives-age.js";
import { installedInBase } from "../../pipeline/resolve/resolve-packages.js";
import { explainChange, explainLoss } from "../../pipeline/resolve/reasons.js";
import type { Resolved } from "../../pipeline/resolve/resolve.js";
import type { Ripening } from "../../pipeline/resolve/ripening.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import { readLocalSources, type LocalSources } from "../../pipeline/sources/local-sources.js";
import { isAttested } from "../../pipeline/spec/attested.js";
import { historyInputs, type ImageKind, type ImageSpec } from "../../pipeline/spec/image-spec.js";
import { describeBuilt, describeHistory, historyOf, specFor, type HistoryRecord } from "../../pipeline/state/history.js";
import { describeAliases } from "../../pipeline/state/aliases.js";
import { parseOldImage, type OldImage } from "../../pipeline/state/old-image.js";
import { derivedProperties, transientProperties } from "../../pipeline/state/output-names.js";
import { describeFirstSights } from "../../pipeline/state/first-sights.js";
import { describeComposition, describeNames } from "../../pipeline/state/outputs.js";
import { storedNotices } from "../../pipeline/state/stored-notices.js";
import { resolutionValue, type Resolution } from "../../pipeline/state/resolution.js";
import { findDrift } from "../../pipeline/tags/drift.js";
import { inspectKept, type KeptImage } from "../../pipeline/tags/inspect-kept.js";
import { promiseComposed } from "../../pipeline/tags/promises.js";
import { inspectTags, refuseForeignTags } from "../../pipeline/tags/states.js";
import { VERIFIED } from "../../pipeline/verify/verified.js";
import { verifySources } from "../../pipeline/verify/verify-sources.js";
import { equalValues, formatPath, isList, omit, ownValue, type ValueMap } from "../../values.js";
import type { CheckRequest } from "../lifecycle.js";
import { resolveCurrent } from "./current-resolution.js";
import { describeRipening } from "./ripening-notices.js";
import { reportNotices } from "./report-notices.js";
import { rollBack } from "./roll-back.js";
import { describeMarks, knownSecrets, secretNotices } from "./secret-notices.js";

/** One check of an image whose inputs are known. */
interface Check {
  readonly session: Session;
  readonly spec: ImageSpec;
  readonly inputs: ValueMap;
  readonly request: CheckRequest;
  readonly local: LocalSources;
  /** The image in state; undefined for a new one. */
  readonly old: OldImage | undefined;
  /** What state keeps of this image, newest first. */
  readonly history: readonly HistoryRecord[];
  readonly ripening: Ripening;
  readonly log: ResourceLog;
}

/** Derives all outputs from known inputs. Unchanged inputs with an unchanged resolution keep the old outputs. */
export async function deriveOutputs(
  session: Session,
  kind: ImageKind,
  spec: ImageSpec,
  inputs: ValueMap,
  request: CheckRequest,
  ripening: Ripening,
  log: ResourceLog,
): Promise<ValueMap> {
  const old = parseOldImage(kind, request.olds);
  const history = historyOf(kind, spec, request.olds);
  const back = spec.history?.rollbackTo;
  if (back !== undefined) return rollBack({ session, spec, inputs, request, old, history, log }, back);
  const local = await readLocalSources(session.projectDirectory, spec.inputs, session.signal);
  const check: Check = { session, spec, inputs, request, local, old, history, ripening, log };
  const resolved = await resolveInputs(check);
  const verified = await verifySources(session, spec, resolved.resolution);
  return { ...(await keepOrBuild(check, resolved)), ...verified };
}

async function keepOrBuild(check: Check, resolved: Resolved): Promise<ValueMap> {
  const { old } = check;
  const kept = await findKept(check, resolved.resolution);
  if (old === undefined || kept?.gone !== false) return buildImage(check, resolved, kept);
  return (await needsStatements(check, resolved)) ? buildImage(check, resolved, undefined) : keepImage(check, old, resolved, kept);
}

/** Resolves the inputs. Throws `DhiError` "invalid" for archives that are older than those in state. */
async function resolveInputs({ session, spec, inputs, request, local, old, ripening, log }: Check): Promise<Resolved> {
  const unchanged = old !== undefined && isSameContent(old, inputs) ? old : undefined;
  const resolved = await resolveCurrent(session, spec, local, request, unchanged, ripening, log);
  if (old !== undefined && equalValues(old.inputs["packageSources"], inputs["packageSources"])) {
    refuseOlder(old.archives, resolved.archives);
  }
  return resolved;
}

/** What the destination has of the image in state; undefined when inputs or resolution have changed. */
async function findKept({ session, spec, inputs, old, history, log }: Check, resolution: Resolution): Promise<KeptImage | undefined> {
  if (old?.resolution === undefined || !isSameContent(old, inputs)) return undefined;
  // The layout is the one that it was composed with: another one alone is no reason to compose it again.
  const { layoutVersion } = old.resolution;
  if (!equalValues(resolutionValue(old.resolution), resolutionValue({ ...resolution, layoutVersion }))) return undefined;
  return inspectKept(session, specFor(spec, old.digest, history), old.digest, log);
}

/** What is kept of earlier images bears on no bytes. The digest of an image that was rolled back is not what its inputs give. */
function isSameContent(old: OldImage, inputs: ValueMap): boolean {
  return !isRolledBack(old) && equalValues(omit(old.inputs, historyInputs), omit(inputs, historyInputs));
}

function isRolledBack(old: OldImage): boolean {
  return old.inputs["rollbackTo"] !== undefined;
}

/** Outputs that each check makes again, or leaves out. */
const checkedAgain: ReadonlySet<string> = new Set(["__firstSeen", VERIFIED]);

/**
 * Whether an image that stays needs its statements again: the destination has lost some (refresh), another key signs, or its VEX moved. The image
 * itself comes to the same digest.
 */
async function needsStatements({ session, spec, request: { olds } }: Check, { resolution }: Resolved): Promise<boolean> {
  if (!isAttested(session, spec)) return false;
  if (hasLost(olds)) return true;
  const signer = await signerOf(session, spec.inputs.sign);
  if (olds["__signer"] !== signer?.id) return true;
  const { hasVexMoved } = await import("../../pipeline/statements/vex-mark.js");
  return hasVexMoved(session, spec, resolution, olds["__vexMark"]);
}

/** The outputs in state, updated for changes of tags, archives and secrets. */
async function keepImage(
  { session, spec: declared, request: { olds, secrets }, history, ripening, log }: Check,
  old: OldImage,
  { archives, resolution }: Resolved,
  { tags }: KeptImage,
): Promise<ValueMap> {
  const spec = specFor(declared, old.digest, history);
  await promiseComposed(session, spec, old.digest);
  const kept = Object.entries(olds).filter(
    ([key]) => derivedProperties.has(key) && !transientProperties.has(key) && !checkedAgain.has(key),
  );
  const marked = { ...Object.fromEntries(kept), ...describeMarks(olds, secrets) };
  const described = { ...marked, ...describeRipening(marked, ripening) };
  requirePolicy(session, spec, storedNotices(described), await judgeAge(session, spec, resolution, log));
  reportNotices(olds, described, log);
  return {
    ...described,
    // A release file may change without a changed version: the next check compares with the new one.
    ...describeArchives(archives),
    ...describeNames(spec, old.digest),
    ...describeAliases(spec),
    ...describeHistory(spec, olds, history, old.digest),
    ...findDrift(olds, old.digest, old.digest, tags),
  };
}

/** Composes the image. `kept`: what the destination still has of the same image, when a part of it is gone. */
async function buildImage(check: Check, resolved: Resolved, kept: KeptImage | undefined): Promise<ValueMap> {
  const { session, spec: declared, request, local, old, ripening, log } = check;
  await ripening.requireKept(session);
  // An image that was published elsewhere does not matter for the tags here.
  const before = isSamePlace(session, declared, old) ? old : undefined;
  const inspect = (spec: ImageSpec) => inspectTags(session, spec, before === undefined ? [] : [before.digest]);
  const early = declared.history?.immutable === true ? undefined : (kept?.tags ?? (await inspect(declared)));
  requireLocalSources(resolved.resolution, local);
  const { secrets } = request;
  const stating = await openStatements(check, resolved);
  const records = old?.records ?? new Map();
  const composing = { spec: declared, resolution: resolved.resolution, local, records, observe: stating?.observe };
  const composition = await composeImage(session, composing, log);
  const resolution = { ...resolved.resolution, layoutVersion: composition.layoutVersion };
  const stated = await stating?.finish(composition);
  const found = [...composition.notices, ...ripening.notices, ...(stated?.notices ?? [])];
  const notices = [...foldNotices(found), ...secretNotices(secrets)];
  requirePolicy(session, declared, notices, composition.violations);
  const { digest } = composition.index;
  const spec = specFor(declared, digest, check.history);
  const states = early ?? (await inspect(spec));
  rememberComposition(session, spec.destination, composition);
  refuseForeignTags(spec, states, digest);
  await promiseComposed(session, spec, digest);
  // Where only the VEX moved, that is why it is published again.
  const isSame = old?.digest === digest && !isRolledBack(old);
  const why =
    isSame && stated !== undefined && stated.reasons.length > 0
      ? []
      : await explainBuild(check, resolution, composition, kept !== undefined);
  const reasons = [...why, ...(stated?.reasons ?? [])];
  const described = describeComposition(spec, resolution, composition, reasons, notices);
  reportNotices(request.olds, described, log);
  return {
    ...described,
    ...stated?.outputs,
    ...describeFirstSights(ripening.sights),
    ...describeArchives(resolved.archives),
    ...describeBuilt(spec, request.olds, check.history, { digest, reasons }),
    ...describeAliases(spec),
    ...(before === undefined ? {} : findDrift(request.olds, before.digest, digest, states)),
  };
}

/** Undefined where nothing is stated. Loaded only then: SBOM and VEX are a fifth of the provider. */
async function openStatements({ session, spec, inputs, request }: Check, { resolution }: Resolved): Promise<ImageStatements | undefined> {
  if (!isAttested(session, spec)) return undefined;
  const { ImageStatements } = await import("../../pipeline/statements/image-statements.js");
  return new ImageStatements(session, { spec, resolution, inputs, secrets: request.secrets, olds: request.olds });
}

function isSamePlace({ repositories }: Session, { destination }: ImageSpec, old: OldImage | undefined): boolean {
  return old?.destination !== undefined && repositories.key(old.destination) === repositories.key(destination);
}

/** A held source is known only by its digest, so other content cannot replace it. */
function requireLocalSources(resolution: Resolution, local: LocalSources): void {
  for (const [source, digest] of Object.entries(resolution.files)) {
    if (ownValue(local.digests, source) === digest) continue;
    throw new DhiError("conflict", `the source ${source} has changed since the resolution held by ignoreChanges`, {
      property: "resolution",
      hint: 'Restore it, or take "resolution" out of ignoreChanges',
    });
  }
}

async function explainBuild(check: Check, resolution: Resolution, composition: Composition, isLost: boolean): Promise<readonly string[]> {
  const { spec, request, old } = check;
  const { reasons } = request.olds;
  if (old !== undefined && isRolledBack(old))
    return [`no longer rolled back to ${shortDigest(old.digest)}`, ...(await explainInputs(check, resolution))];
  if (old?.digest === composition.index.digest) return isList(reasons) ? reasons.filter((reason) => typeof reason === "string") : [];
  if (old !== undefined && isLost) return explainLoss(old.digest, spec.destination);
  return await explainInputs(check, resolution);
}

async function explainInputs({ session, spec, inputs, request, old, log }: Check, resolution: Resolution): Promise<readonly string[]> {
  // When a map is or was secret as a whole, its keys are not shown either.
  const wholePaths = new Set([...knownSecrets(request.olds), ...request.secrets.map(formatPath)]);
  const before = old === undefined ? undefined : { inputs: omit(old.inputs, historyInputs), resolution: old.resolution };
  const installed = await installedInBase(session, spec, resolution, log);
  return explainChange(before, omit(inputs, historyInputs), resolution, wholePaths, installed);
}

function describeArchives(archives: readonly UsedArchive[]): ValueMap {
  return archives.length === 0 ? {} : { archives: archives.map((archive) => ({ ...archive })) };
}

import { DhiError } from "../../errors.js";
import { LAYOUT_VERSION } from "../../rootfs/layers/key.js";
import type { UsedArchive } from "../../packages/used-archive.js";
import type { CheckRequest } from "../lifecycle.js";
import type { Row, Session } from "../../pipeline/session.js";
import { equalValues, formatPath, isList, ownValue, type ValueMap } from "../../values.js";
import { refuseOlder } from "../../pipeline/resolve/archives-age.js";
import { composeImage } from "../../pipeline/compose/compose.js";
import { resolveCurrent } from "./current-resolution.js";
import { findDrift } from "../../pipeline/tags/drift.js";
import { inspectKept } from "../../pipeline/tags/inspect-kept.js";
import { rememberComposition } from "../../pipeline/compose/known-compositions.js";
import { readLocalSources, type LocalSources } from "../../pipeline/sources/local-sources.js";
import { foldNotices } from "../../pipeline/notice.js";
import { parseOldImage, type OldImage } from "../../pipeline/state/old-image.js";
import { derivedProperties, describeComposition, describeNames, transientProperties } from "../../pipeline/state/outputs.js";
import { explainChange, explainLoss } from "../../pipeline/resolve/reasons.js";
import { promiseTags } from "../../pipeline/tags/promises.js";
import { reportNotices } from "./report-notices.js";
import { resolutionValue, type Resolution } from "../../pipeline/state/resolution.js";
import { describeMarks, knownSecrets, secretNotices } from "./secret-notices.js";
import type { ImageKind, ImageSpec } from "../../pipeline/spec/image-spec.js";
import { inspectTags, refuseForeignTags } from "../../pipeline/tags/states.js";

/** All outputs, from inputs that are known. Where inputs and resolution are the old ones, so are the outputs. */
export async function deriveOutputs(
  session: Session,
  kind: ImageKind,
  spec: ImageSpec,
  inputs: ValueMap,
  request: CheckRequest,
  row: Row,
): Promise<ValueMap> {
  const { olds } = request;
  const local = await readLocalSources(session.projectDirectory, spec.content, session.signal);
  const old = parseOldImage(kind, olds);
  const unchangedInputs = old !== undefined && equalValues(old.inputs, inputs);
  const { resolution: resolved, archives } = await resolveCurrent(session, spec, local, request, unchangedInputs ? old : undefined, row);
  if (old !== undefined && equalValues(old.inputs["packageSources"], inputs["packageSources"])) refuseOlder(old.archives, archives);
  const unchanged =
    unchangedInputs && old.resolution !== undefined && equalValues(resolutionValue(old.resolution), resolutionValue(resolved));
  const kept = unchanged ? await inspectKept(session, spec, old.digest, row) : undefined;
  if (unchanged && kept?.gone === false) {
    await promiseTags(session, spec, old.digest);
    const marks = describeMarks(olds, request.secrets);
    reportNotices(olds, marks, row);
    return {
      ...keptOutputs(olds),
      ...marks,
      // A release file that moved without a version that did: the next check asks for this one.
      ...describeArchives(archives),
      ...describeNames(spec, old.digest),
      ...findDrift(olds, old.digest, old.digest, kept.tags),
    };
  }
  // What was published elsewhere says nothing of the tags here.
  const before = isSamePlace(session, spec, old) ? old : undefined;
  const states = kept?.tags ?? (await inspectTags(session, spec, before === undefined ? [] : [before.digest]));
  requireLocalSources(resolved, local);
  const resolution = { ...resolved, layoutVersion: LAYOUT_VERSION };
  const composition = await composeImage(session, { spec, resolution, local, records: old?.records ?? new Map() }, row);
  const { digest } = composition.index;
  rememberComposition(session, spec.destination, composition);
  refuseForeignTags(spec, states, digest);
  await promiseTags(session, spec, digest);
  // Of a map that is or was secret as a whole the keys are told no more than the values.
  const wholePaths = new Set([...knownSecrets(olds), ...request.secrets.map(formatPath)]);
  const reasons =
    old?.digest === digest
      ? oldReasons(olds)
      : old !== undefined && kept?.gone === true
        ? explainLoss(old.digest, spec.destination)
        : explainChange(old, inputs, resolution, wholePaths);
  const notices = [...foldNotices(composition.notices), ...secretNotices(request.secrets)];
  const described = describeComposition(spec, resolution, composition, reasons, notices);
  reportNotices(olds, described, row);
  return {
    ...described,
    ...describeArchives(archives),
    ...(before === undefined ? {} : findDrift(olds, before.digest, digest, states)),
  };
}

function isSamePlace({ repositories }: Session, { destination }: ImageSpec, old: OldImage | undefined): boolean {
  return old?.destination !== undefined && repositories.key(old.destination) === repositories.key(destination);
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

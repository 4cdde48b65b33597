import { shortDigest, type Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import { changedPaths, ownValue, type ValueMap } from "../../values.js";
import type { Resolution } from "../state/resolution.js";

/** Explains why an image differs from the previous one. `old` is undefined for a new image; paths below `whole` inputs are not shown. */
export function explainChange(
  old: { readonly inputs: ValueMap; readonly resolution: Resolution | undefined } | undefined,
  inputs: ValueMap,
  resolution: Resolution,
  whole: ReadonlySet<string> = new Set(),
): readonly string[] {
  if (old?.resolution === undefined) return ["new image"];
  const before = old.resolution;
  const declared = changedPaths(old.inputs, inputs, whole).map((path) => `${path} changed`);
  const layout = before.layoutVersion === resolution.layoutVersion ? [] : ["this release lays layers out differently"];
  return [
    ...declared,
    ...movedBase(before.base, resolution.base),
    ...moved("artifact", before.artifacts, resolution.artifacts),
    ...moved("source", before.files, resolution.files),
    ...movedPackages(before.packages, resolution.packages),
    ...layout,
  ];
}

/** Explains a new digest without any change: the image was lost, and its layers were composed with other bytes. */
export function explainLoss(digest: Digest, destination: Repository): readonly string[] {
  return [`the image ${shortDigest(digest)} is no longer in ${formatRepository(destination)}`];
}

/** Behind its tag, or to another tag of the range. */
function movedBase(before: Resolution["base"], after: Resolution["base"]): readonly string[] {
  if (before === undefined || after === undefined) return [];
  if (before.tag !== after.tag) return [`the base moved from ${before.tag} to ${after.tag}`];
  if (before.digest === after.digest) return [];
  return [`the base ${after.tag} moved from ${shortDigest(before.digest)} to ${shortDigest(after.digest)}`];
}

/** Names that now resolve to another digest. Added and removed names show up as changed inputs. */
function moved(what: string, before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(after).flatMap(([name, digest]) => {
    const old = ownValue(before, name);
    return old === undefined || old === digest ? [] : [`the ${what} ${name} changed from ${shortDigest(old)} to ${shortDigest(digest)}`];
  });
}

/** Changed versions, added and removed packages; once when all platforms agree. */
function movedPackages(before: Resolution["packages"], after: Resolution["packages"]): readonly string[] {
  const lines = Object.entries(after).flatMap(([platform, versions]) => {
    const old = before[platform] ?? {};
    const names = [...new Set([...Object.keys(old), ...Object.keys(versions)])].sort();
    return names
      .filter((name) => old[name] !== versions[name])
      .map((name) => ({ platform, text: describeMove(name, old[name], versions[name]) }));
  });
  const all = Object.keys(after).length;
  return [...new Set(lines.map(({ text }) => text))].map((text) => {
    const platforms = lines.filter((line) => line.text === text).map(({ platform }) => platform);
    return platforms.length === all ? text : `${text} (${platforms.join(", ")})`;
  });
}

function describeMove(name: string, old: string | undefined, version: string | undefined): string {
  if (old === undefined) return `the package ${name} ${version ?? ""} comes in`;
  return version === undefined ? `the package ${name} ${old} goes` : `the package ${name} moved from ${old} to ${version}`;
}

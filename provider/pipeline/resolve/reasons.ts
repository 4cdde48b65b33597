import { shortDigest, type Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import { changedPaths, ownValue, type ValueMap } from "../../values.js";
import type { Resolution } from "../state/resolution.js";

type Versions = Resolution["packages"];
/** Platform to name to version of the packages that the base has. */
type Installed = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Explains why an image differs from the previous one. `old` is undefined for a new image; paths below `whole` inputs are not shown.
 * `installed`: what the base has now.
 */
export function explainChange(
  old: { readonly inputs: ValueMap; readonly resolution: Resolution | undefined } | undefined,
  inputs: ValueMap,
  resolution: Resolution,
  whole: ReadonlySet<string> = new Set(),
  installed: Installed = new Map(),
): readonly string[] {
  if (old?.resolution === undefined) return ["new image"];
  const before = old.resolution;
  const declared = changedPaths(old.inputs, inputs, whole).map((path) => `${path} changed`);
  const { layoutVersion } = resolution;
  const layout =
    before.layoutVersion === layoutVersion ? [] : [`layoutVersion: ${String(before.layoutVersion)} → ${String(layoutVersion)}`];
  return [
    ...declared,
    ...movedBase(before.base, resolution.base),
    ...moved("artifact", before.artifacts, resolution.artifacts),
    ...moved("source", before.files, resolution.files),
    ...movedPackages(before.packages, resolution.packages, installed),
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
  return before.digest === after.digest ? [] : [describeDigests(`base ${after.tag}`, before.digest, after.digest)];
}

/** Names that now resolve to another digest. Added and removed names show up as changed inputs. */
function moved(what: string, before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(after).flatMap(([name, digest]) => {
    const old = ownValue(before, name);
    return old === undefined || old === digest ? [] : [describeDigests(`${what} ${name}`, old, digest)];
  });
}

function describeDigests(what: string, old: string, digest: string): string {
  return `${what}: ${shortDigest(old)} → ${shortDigest(digest)}`;
}

/** Changed versions, added and removed packages; once when all platforms agree. */
function movedPackages(before: Versions, after: Versions, installed: Installed): readonly string[] {
  const lines = Object.entries(after).flatMap(([platform, versions]) => {
    const old = before[platform] ?? {};
    const names = [...new Set([...Object.keys(old), ...Object.keys(versions)])].sort();
    // An upgraded package had the base's version before it was upgraded, and has it again once the base has caught up.
    const base = installed.get(platform);
    return names
      .map((name) => [name, ownValue(old, name) ?? base?.get(name), ownValue(versions, name) ?? base?.get(name)] as const)
      .filter(([, was, is]) => was !== is)
      .map(([name, was, is]) => ({ platform, text: describeMove(name, was, is) }));
  });
  const all = Object.keys(after).length;
  return [...new Set(lines.map(({ text }) => text))].map((text) => {
    const platforms = lines.filter((line) => line.text === text).map(({ platform }) => platform);
    return platforms.length === all ? text : `${text} (${platforms.join(", ")})`;
  });
}

function describeMove(name: string, old: string | undefined, version: string | undefined): string {
  if (old === undefined) return `added ${name} ${version ?? ""}`;
  return version === undefined ? `removed ${name} ${old}` : `${name}: ${old} → ${version}`;
}

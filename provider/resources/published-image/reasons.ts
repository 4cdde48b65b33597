import { changedPaths, ownValue, type ValueMap } from "../values.js";
import type { Resolution } from "./resolution.js";

/** Why an image differs from the one before, in words. `old` is undefined for a new one. */
export function explainChange(
  old: { readonly inputs: ValueMap; readonly resolution: Resolution | undefined } | undefined,
  inputs: ValueMap,
  resolution: Resolution,
): readonly string[] {
  if (old?.resolution === undefined) return ["new image"];
  const before = old.resolution;
  const declared = changedPaths(old.inputs, inputs).map((path) => `${path} changed`);
  const base =
    before.base !== undefined && resolution.base !== undefined && before.base.digest !== resolution.base.digest
      ? [`the base ${resolution.base.tag} moved from ${short(before.base.digest)} to ${short(resolution.base.digest)}`]
      : [];
  const layout = before.layoutVersion === resolution.layoutVersion ? [] : ["this release lays layers out differently"];
  return [
    ...declared,
    ...base,
    ...moved("artifact", before.artifacts, resolution.artifacts),
    ...moved("source", before.files, resolution.files),
    ...layout,
  ];
}

/** What is named in both and means something else; what is new or gone shows in the declared inputs. */
function moved(what: string, before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(after).flatMap(([name, digest]) => {
    const old = ownValue(before, name);
    return old === undefined || old === digest ? [] : [`the ${what} ${name} changed from ${short(old)} to ${short(digest)}`];
  });
}

function short(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

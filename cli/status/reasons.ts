import { shortDigest } from "../../provider/image/digest.js";
import { mirrorDerived } from "../../provider/pipeline/mirror/output-names.js";
import { derivedProperties } from "../../provider/pipeline/state/output-names.js";
import { changedPaths, equalValues, isList, isMap, omit, type Value, type ValueMap } from "../../provider/values.js";
import type { Move, NamedMove } from "./stack-image.js";
import type { ResourceStep } from "./resource-step.js";

/** Why `up` would change an image: what check explains, and what it does not have to explain since preview shows it otherwise. */
export function explainStep(step: ResourceStep, digest: Move, tags: readonly NamedMove[]): readonly string[] {
  const { old, new: now, type } = step;
  const before = sentencesOf(old["reasons"]);
  const after = sentencesOf(now["reasons"]);
  // State keeps the reasons of the last build, which say nothing about another change than a new build.
  const isBuilt = digest.old !== digest.new || type === "Mirror" || !equalValues(before, after);
  const unfinished = isMap(old["unfinished"]) ? Object.keys(old["unfinished"]) : [];
  const found = [
    ...(isBuilt && step.op !== "replace" ? after : []),
    ...(type === "Mirror" ? [] : explainDrift(now["drift"])),
    ...unfinished.map((tag) => `the last update did not move the tag ${tag}`),
    ...(digest.old === digest.new && type !== "Mirror" && !isMap(now["drift"]) ? tags.flatMap(explainTag) : []),
  ];
  if (found.length > 0) return found;
  const declared = declaredChanges(step);
  return declared.length > 0 ? declared : step.differing.map((name) => `${name} changed`);
}

/** Texts only: a secret or unknown output has none. */
export function sentencesOf(reasons: Value | undefined): readonly string[] {
  return isList(reasons) ? reasons.filter((reason) => typeof reason === "string") : [];
}

function explainDrift(drift: Value | undefined): readonly string[] {
  if (!isMap(drift)) return [];
  return Object.entries(drift).flatMap(([tag, what]) => {
    if (typeof what !== "string") return [];
    const place = what.replace(/ \(again\)$/, "");
    return [place === "missing" ? `the tag ${tag} is gone` : `somebody moved the tag ${tag} to ${shortDigest(place)}`];
  });
}

function explainTag({ name, old, new: now }: NamedMove): readonly string[] {
  if (old === undefined) return [`the tag ${name} is added`];
  return [now === undefined ? `the tag ${name} goes` : `the tag ${name} points at ${shortDigest(old)}`];
}

/** Without what check derives. */
function declaredChanges({ oldInputs, new: now, type }: ResourceStep): readonly string[] {
  const declared = (inputs: ValueMap): ValueMap => omit(inputs, type === "Mirror" ? mirrorDerived : derivedProperties);
  return changedPaths(declared(oldInputs), declared(now)).map((path) => `${path} changed`);
}

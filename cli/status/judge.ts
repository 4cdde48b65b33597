import { unknown } from "../../provider/values.js";
import { artifactMoves, baseMove, digestMove, digestMoves, packageMoves } from "./moves.js";
import { explainStep } from "./reasons.js";
import type { ResourceStep } from "./resource-step.js";
import type { StackImage, Status } from "./stack-image.js";

/** What a planned step says of an image. `warnings`: those on its row. */
export function judgeStep(step: ResourceStep, warnings: readonly string[]): StackImage {
  const { name, urn, type, id, old, new: now } = step;
  const status = statusOf(step);
  const digest = type === "Mirror" ? {} : digestMove(old, now);
  // What is not known yet would look as if it went.
  const isKnown = status !== "unknown" && status !== "failed";
  const tags = type === "Mirror" ? digestMoves(old["images"], now["images"]) : digestMoves(old["tags"], now["tags"]);
  return {
    name,
    urn,
    type,
    ...(id === undefined ? {} : { id }),
    status,
    reasons: reasonsOf(step, status, () => explainStep(step, digest, tags)),
    digest,
    base: baseMove(old, now),
    tags: isKnown ? tags : [],
    artifacts: isKnown ? artifactMoves(old, now) : [],
    packages: isKnown ? packageMoves(old, now) : [],
    warnings,
  };
}

function statusOf({ op, new: now }: ResourceStep): Status {
  if (op === "delete") return "removed";
  if (typeof now["failure"] === "string") return "failed";
  if (op === "same") return "current";
  if ([now["digest"], now["images"]].includes(unknown)) return "unknown";
  return op === "create" ? "new" : "stale";
}

function reasonsOf({ new: { failure } }: ResourceStep, status: Status, explain: () => readonly string[]): readonly string[] {
  switch (status) {
    case "current":
      return [];
    case "removed":
      return ["the program no longer declares it"];
    case "unknown":
      return ["it depends on what is known only after up"];
    case "failed":
      return typeof failure === "string" ? failure.split("\n") : [];
    case "new":
    case "stale":
      return explain();
  }
}

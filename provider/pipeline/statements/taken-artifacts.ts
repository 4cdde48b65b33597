import type { ListedFile, TakenArtifact } from "../../attestation/inventory.js";
import { ownValue } from "../../values.js";
import type { ImagePlan } from "../plan/plan.js";
import type { Artifact } from "../spec/image-inputs.js";
import type { Resolution } from "../state/resolution.js";
import { filesOf, listFiles } from "./listed-files.js";
import { touchesSecret, type InputPath } from "./secret-inputs.js";

/** The artifacts with their digests, and which of their files the finished image has. */
export function takenArtifacts(
  plan: ImagePlan,
  declared: readonly Artifact[],
  resolution: Resolution,
  secrets: readonly InputPath[],
): readonly TakenArtifact[] {
  return declared.flatMap(({ image }, at): readonly TakenArtifact[] => {
    const digest = ownValue(resolution.artifacts, image.text);
    if (digest === undefined) return [];
    const isHidden = touchesSecret(secrets, ["artifacts", at]);
    const { files, unlisted } = listFiles(
      isHidden ? [] : filesOf(plan, at).map(({ path, digest: of }): ListedFile => ({ path, digest: of, kind: "artifact" })),
    );
    const { repository, tag } = image.reference;
    return [{ reference: image.text, image: { repository, tag, digest }, files: isHidden ? undefined : files, unlisted }];
  });
}

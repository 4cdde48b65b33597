import type { Digest } from "../../../provider/image/digest.js";
import { isDigest } from "../../../provider/image/digest.js";
import type { CheckResult } from "../../../provider/resources/lifecycle.js";
import { describeFailure } from "../../../provider/resources/parse.js";
import { customizationKind } from "../../../provider/resources/customization/customization.js";
import { ociArtifactKind } from "../../../provider/resources/oci-artifact/oci-artifact.js";
import { imageLifecycle } from "../../../provider/resources/image/image-lifecycle.js";
import { mirrorLifecycle } from "../../../provider/resources/mirror/mirror-lifecycle.js";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ValueMap } from "../../../provider/values.js";
import { keepRow } from "./session.js";

export type Resource = "customization" | "artifact" | "mirror";

export const lifecycles = {
  customization: imageLifecycle(customizationKind),
  artifact: imageLifecycle(ociArtifactKind),
  mirror: mirrorLifecycle,
};

export interface Published {
  readonly id: string;
  readonly digest: Digest;
  /** `repository@digest` */
  readonly ref: string;
  readonly outputs: ValueMap;
  /** `severity: message`, of check and create. */
  readonly lines: readonly string[];
}

export async function check(
  session: Session,
  resource: Resource,
  inputs: ValueMap,
  olds: ValueMap = {},
): Promise<CheckResult & { readonly lines: readonly string[] }> {
  const row = keepRow();
  const result = await lifecycles[resource].check(session, { urn: undefined, olds, news: inputs, secrets: [] }, row);
  return { ...result, lines: row.lines };
}

/** What `pulumi up` does for a new resource: check, then create. Throws the failures of check. */
export async function publish(session: Session, resource: Resource, inputs: ValueMap): Promise<Published> {
  const checked = await check(session, resource, inputs);
  if (checked.failures.length > 0) throw new Error(checked.failures.map(describeFailure).join("\n"));
  const row = keepRow();
  const { id, outputs } = await lifecycles[resource].create(session, { ...checked.inputs, ...checked.derived }, row);
  const { digest, ref } = outputs;
  if (!isDigest(digest) || typeof ref !== "string") throw new Error("create returned no digest");
  return { id, digest, ref, outputs, lines: [...checked.lines, ...row.lines] };
}

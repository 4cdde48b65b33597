import type { Output } from "@pulumi/pulumi";
import { followTransforms, mayBeTransformed } from "./engine-transforms.js";
import type { FinalInputs } from "./final-inputs.js";
import { findSecretPaths } from "./secret-paths.js";

/** Inputs that may contain a secret, `*` for every item of a list: all of them count as secret where they could not be examined. */
const anything: readonly (readonly string[])[] = [
  ["caCertificates"],
  ["artifacts", "*", "includes"],
  ["artifacts", "*", "excludes"],
  ["scripts"],
  ["files"],
  ["directories"],
  ["entrypoint"],
  ["cmd"],
  ["users"],
  ["groups"],
  ["runAs"],
  ["workingDirectory"],
  ["environment"],
  ["annotations"],
  ["labels"],
];

/**
 * The value of `__secrets`: where the inputs contain secrets after all transformations and transforms have run. `urn` is the resource's
 * own.
 */
export async function locateSecrets(final: Promise<FinalInputs | undefined>, urn: Output<string>): Promise<string> {
  const seen = await final;
  const paths = seen === undefined ? undefined : await findSecretPaths(seen.props);
  // The engine has registered the parents' transforms once they have their URN. A parent that fails fails the registration itself.
  await (urn as unknown as { promise(): Promise<string> }).promise().catch(() => undefined);
  if (paths !== undefined && !mayBeTransformed(seen?.opts ?? {})) return paths;
  await followTransforms();
  // Applies until the engine has run our transform, or permanently where it could not.
  return JSON.stringify(anything);
}

import type { Output } from "@pulumi/pulumi";
import { followTransforms, mayBeTransformed } from "./engine-transforms.js";
import type { FinalInputs } from "./final-inputs.js";
import { findSecretPaths } from "./secret-paths.js";

/** What may hold a secret, `*` for every item of a list: all of it is treated as a secret if it could not be looked at. */
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

/** `__secrets`: where the inputs hold secrets when all transformations and transforms have run. `urn` is the resource's own. */
export async function tellSecrets(final: Promise<FinalInputs | undefined>, urn: Output<string>): Promise<string> {
  const seen = await final;
  const paths = seen === undefined ? undefined : await findSecretPaths(seen.props);
  // The engine has the transforms of the parents when these have their URN. A parent that fails fails the registration by itself.
  await (urn as unknown as { promise(): Promise<string> }).promise().catch(() => undefined);
  if (paths !== undefined && !mayBeTransformed(seen?.opts ?? {})) return paths;
  await followTransforms();
  // This value stays until the engine has run our transform, or for good if it could not run it.
  return JSON.stringify(anything);
}
